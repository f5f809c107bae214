"""The targets of the site do on a real PostgreSQL what Artifortress's do, also where they bite."""

import os
import re
import signal
import stat
from pathlib import Path

import pytest

from state import settings
from state.deployment.backup import MARKER, examine
from state.deployment.migrations import read_listing

from .postgres_site import DATABASE, PostgresSite, until

pytestmark = pytest.mark.postgres

OLD = ["0001_init.sql", "0002_outbox_and_search.sql", "0003_gc_runs.sql"]
NEW = ["0004_download_counts.sql", "0005_retire_failed_at.sql"]


def column_exists(site: PostgresSite, table: str, column: str) -> bool:
    found = site.value(
        "select count(*) from information_schema.columns"
        " where table_name = :'table' and column_name = :'column'",
        table=table,
        column=column,
    )
    return found == "1"


def test_the_settings_are_those_of_the_site(postgres_site: PostgresSite) -> None:
    read = settings.load(postgres_site.config)
    assert read.environment == "staging"
    assert settings.state_directory(read, {}) == postgres_site.state
    assert read.make.directory == postgres_site.directory
    assert read.make.environment == postgres_site.environment
    assert read.command("deploy") == ("make", "deploy")
    assert read.command("smoke") == ("make", "smoke")
    assert (read.api.summary_every, read.judgement.ready_for, read.judgement.samples) == (0.5, 3.0, 3)
    assert stat.S_IMODE(postgres_site.token_file.stat().st_mode) == 0o600
    assert examine(postgres_site.backups / "artifortress-nightly.sql").problem == ""


def test_a_backup_is_whole_and_says_what_it_does(postgres_site: PostgresSite, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "with space.sql"
    result = postgres_site.make("db-backup", BACKUP_PATH=path)
    assert result.returncode == 0
    assert result.stdout.splitlines() == [
        f"Creating Postgres backup for database '{DATABASE}' at '{path}'...",
        f"Backup completed: {path}",
    ]
    assert 'pg_dump: dumping contents of table "public.audit_log"' in result.stderr
    assert MARKER in path.read_bytes()[-4096:]
    assert examine(path).problem == ""


def test_a_backup_without_a_path_goes_to_tmp_with_a_stamp(postgres_site: PostgresSite) -> None:
    path = Path(postgres_site.made("db-backup").splitlines()[-1].removeprefix("Backup completed: "))
    try:
        assert re.fullmatch(r"/tmp/artifortress-backup-\d{8}-\d{6}\.sql", str(path))
        assert examine(path).problem == ""
    finally:
        path.unlink()


def test_a_backup_that_fails_half_way_leaves_its_half(postgres_site: PostgresSite, tmp_path: Path) -> None:
    path = tmp_path / "half.sql"
    # pg_dump comes to this table in the middle of the others, and may not read all of it.
    postgres_site.query("alter table outbox_events enable row level security")
    postgres_site.query("create role dumper login; grant pg_read_all_data to dumper;")
    try:
        result = postgres_site.make("db-backup", BACKUP_PATH=path, PGUSER="dumper")
    finally:
        postgres_site.query("drop role dumper")
    assert result.returncode == 2
    assert "row-level security" in result.stderr
    assert "Backup completed" not in result.stdout
    assert path.stat().st_size > 0
    assert "cut short" in examine(path).problem


def test_migrations_are_applied_once_and_listed(postgres_site: PostgresSite, tmp_path: Path) -> None:
    assert postgres_site.applied() == OLD
    postgres_site.made("deploy")
    log = tmp_path / "log"
    log.write_text(postgres_site.made("db-migrate"))
    assert f"Skipping {OLD[0]} (already applied)." in log.read_text().splitlines()
    first = read_listing(log)
    assert (list(first.applied), first.skipped, first.complete) == (NEW, 3, True)
    assert postgres_site.applied() == OLD + NEW
    assert "Applied migrations: 5" in postgres_site.made("db-smoke")

    again = postgres_site.made("db-migrate").splitlines()
    assert again == [f"Skipping {name} (already applied)." for name in OLD + NEW] + [
        "Migrations are up to date."
    ]


def test_a_kill_between_file_and_record_leaves_it_applied_but_not_recorded(
    postgres_site: PostgresSite,
) -> None:
    postgres_site.made("deploy")
    # The record of a migration waits for this lock, the migration itself does not.
    with postgres_site.held("schema_migrations", "share"):
        migrate = postgres_site.begin("db-migrate")
        until(lambda: postgres_site.value("select to_regclass('package_versions_downloads')"))
        os.killpg(migrate.pid, signal.SIGKILL)
        migrate.wait(timeout=10)
        postgres_site.end_waiting()
        assert postgres_site.applied() == OLD
    again = postgres_site.make("db-migrate")
    assert again.returncode == 2
    assert 'column "downloads" of relation "package_versions" already exists' in again.stderr
    assert "Migrations are up to date." not in again.stdout


def test_a_migration_waits_for_whoever_reads_the_table(postgres_site: PostgresSite) -> None:
    postgres_site.made("deploy")
    with postgres_site.held():
        migrate = postgres_site.begin("db-migrate")
        until(lambda: postgres_site.waiting() == 1)
        assert postgres_site.ask("/health/ready")[0] == 200
        assert migrate.poll() is None
    assert migrate.wait(timeout=20) == 0
    assert postgres_site.applied() == OLD + NEW


def test_a_restore_brings_back_what_was_and_loses_what_came_after(postgres_site: PostgresSite) -> None:
    site, path = postgres_site, postgres_site.backups / "before.sql"
    site.made("db-backup", BACKUP_PATH=path)
    site.made("deploy")
    site.made("db-migrate")
    assert not column_exists(site, "search_index_jobs", "failed_at")
    site.query("insert into audit_log (actor, action, resource) values ('x', 'after.backup', 'x')")

    # The class C migration: the previous binaries do not come back without a restore.
    site.made("redeploy")
    status, body = site.ask("/health/ready")
    assert status == 503
    assert 'column "failed_at" does not exist' in body["dependencies"][0]["detail"]
    assert site.ask("/v1/admin/ops/summary")[0] == 503

    site.made("stop")
    out = site.made("db-restore", RESTORE_PATH=path)
    assert out.index("DROP DATABASE") < out.index("CREATE DATABASE") < out.index("COPY 2000")
    assert out.endswith(f"Restore completed for database '{DATABASE}'.\n")
    assert site.applied() == OLD
    assert column_exists(site, "search_index_jobs", "failed_at")
    assert site.value("select count(*) from audit_log where action = 'after.backup'") == "0"
    assert site.value("select count(*) from outbox_events") == "2000"
    site.made("start")
    assert site.ask("/health/ready")[0] == 200
    assert site.ask("/v1/admin/ops/summary")[0] == 200


def test_a_restore_looks_at_nothing_but_the_files_existence(
    postgres_site: PostgresSite, tmp_path: Path
) -> None:
    site, empty = postgres_site, tmp_path / "empty.sql"
    empty.touch()
    assert "RESTORE_PATH is required." in site.make("db-restore").stderr
    assert "does not exist" in site.make("db-restore", RESTORE_PATH=tmp_path / "none.sql").stderr
    bad = site.make("db-restore", RESTORE_PATH=empty, TARGET_DB="postgres; drop")
    assert "TARGET_DB may only have" in bad.stderr
    assert site.applied() == OLD
    site.made("stop")
    assert "Restore completed" in site.made("db-restore", RESTORE_PATH=empty)
    smoke = site.make("db-smoke")
    assert smoke.returncode == 2
    assert "Missing required table: schema_migrations" in smoke.stderr


def test_a_cut_dump_leaves_half_a_database(postgres_site: PostgresSite, tmp_path: Path) -> None:
    site, cut = postgres_site, tmp_path / "cut.sql"
    whole = (site.backups / "artifortress-nightly.sql").read_bytes()
    cut.write_bytes(whole[: whole.index(b"COPY public.outbox_events")])
    site.made("stop")
    assert "Restore completed" in site.made("db-restore", RESTORE_PATH=cut, TARGET_DB="elsewhere")
    assert site.value("select count(*) from audit_log", "elsewhere") != "0"
    assert site.value("select count(*) from outbox_events", "elsewhere") == "0"
    assert site.value("select count(*) from outbox_events") == "2000"


def test_the_drill_writes_its_figures(postgres_site: PostgresSite, tmp_path: Path) -> None:
    report, dump = tmp_path / "reports" / "drill.md", tmp_path / "drill.sql"
    out = postgres_site.made("phase6-drill", REPORT_PATH=report, BACKUP_PATH=dump)
    assert out.endswith("[phase6-drill] Drill passed.\n")
    text = report.read_text()
    for figure in ("backup duration", "restore duration", "total drill duration"):
        assert f"- {figure} (seconds): " in text
    assert "- data verification: PASS" in text
    assert postgres_site.value("select count(*) from package_versions", "artifortress_drill") == "2000"
    late = postgres_site.make("phase6-drill", REPORT_PATH=report, BACKUP_PATH=dump, RTO_TARGET_SECONDS="-1")
    assert late.returncode == 2
    assert "- RTO status: FAIL" in report.read_text()
