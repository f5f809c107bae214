"""db-backup, db-migrate, db-restore, db-smoke and phase6-drill really do their work, and really break."""

import os
import signal
import time
from pathlib import Path
from typing import Any

from state.rehearsal import database
from state.rehearsal.dump import END_MARKER

NEW_MIGRATIONS = ["0006_phase7_search_ranking.sql", "0007_phase7_retention.sql"]


def applied(site: Any) -> list[str]:
    return [row[0] for row in site.rows("select version from schema_migrations order by version")]


def test_a_backup_is_a_whole_dump_that_restores(rehearse: Any, tmp_path: Path) -> None:
    site, path = rehearse(), tmp_path / "deep" / "dump.sql"
    site.made("stop")
    result = site.make("db-backup", BACKUP_PATH=path)
    assert result.returncode == 0
    assert result.stdout.endswith(f"Backup completed: {path}\n")
    assert 'pg_dump: dumping contents of table "public.audit_log"' in result.stderr
    text = path.read_text()
    assert END_MARKER in text[-100:]
    assert 200_000 < len(text) < 600_000
    site.made("db-restore", RESTORE_PATH=path, TARGET_DB="elsewhere")
    assert database.row_counts(site.layout.database()) == database.row_counts(
        site.layout.database("elsewhere")
    )
    everything = "select * from manifests order by id"
    assert site.rows(everything) == site.rows(everything, name="elsewhere")


def test_a_new_deployment_has_last_nights_backup(rehearse: Any) -> None:
    site = rehearse()
    (nightly,) = site.layout.backups.iterdir()
    assert END_MARKER in nightly.read_text()[-100:]
    assert 7_000 < time.time() - nightly.stat().st_mtime < 8_000


def test_restore_goes_back_and_loses_what_came_after(rehearse: Any, tmp_path: Path) -> None:
    site, path = rehearse(), tmp_path / "dump.sql"
    site.made("db-backup", BACKUP_PATH=path)
    captured = time.time()
    site.made("smoke")
    site.made("deploy")
    site.made("db-migrate")
    since = "select count(*) from audit_log where occurred_at > ?"
    assert site.rows(since, captured)[0][0] > 0
    site.made("redeploy", START="no")
    out = site.made("db-restore", RESTORE_PATH=path)
    assert "DROP DATABASE\nCREATE DATABASE\n" in out
    assert out.endswith("Restore completed for database 'artifortress'.\n")
    assert site.rows(since, captured) == [(0,)]
    assert len(applied(site)) == 5
    site.made("start")
    assert site.ask("/health/ready")[0] == 200
    assert site.ask("/v1/admin/reconcile/blobs")[1]["orphanBlobCount"] > 0
    site.made("smoke")


def test_a_cut_restore_leaves_half_a_database_and_running_it_again_mends(
    rehearse: Any, until: Any, tmp_path: Path
) -> None:
    site, path = rehearse(pace=0.5), tmp_path / "dump.sql"
    site.made("db-backup", BACKUP_PATH=path)
    restore = site.begin("db-restore", RESTORE_PATH=path)
    until(
        lambda: site.rows("select count(*) from audit_log")[0][0] and not site.rows("select * from gc_runs")
    )
    os.killpg(restore.pid, signal.SIGKILL)
    restore.wait(timeout=10)
    assert site.rows("select count(*) from gc_runs") == [(0,)]
    assert site.rows("select count(*) from sqlite_master where name like '%_pending'") == [(0,)]
    site.made("stop")
    site.made("db-restore", RESTORE_PATH=path)
    assert site.rows("select count(*) from gc_runs")[0][0] >= 12


def test_restore_looks_at_nothing_but_the_files_existence(rehearse: Any, tmp_path: Path) -> None:
    site = rehearse()
    empty = tmp_path / "empty.sql"
    empty.touch()
    assert site.make("db-restore").returncode == 2
    missing = site.make("db-restore", RESTORE_PATH=tmp_path / "none.sql")
    assert "Restore file does not exist" in missing.stderr
    assert len(applied(site)) == 5
    site.made("db-restore", RESTORE_PATH=empty)
    assert site.rows("select count(*) from sqlite_master") == [(0,)]
    smoke = site.make("db-smoke")
    assert smoke.returncode == 2
    assert "Missing required table: schema_migrations" in smoke.stderr


def test_migrations_belong_to_the_release(rehearse: Any) -> None:
    site = rehearse()
    assert "Applying" not in site.made("db-migrate")
    site.made("deploy")
    lines = site.made("db-migrate").splitlines()
    assert "Skipping 0001_init.sql (already applied)." in lines
    assert [line for line in lines if line.startswith("Applying")] == [
        f"Applying {name}..." for name in NEW_MIGRATIONS
    ]
    assert "Migrations are up to date." in lines
    assert applied(site)[5:] == NEW_MIGRATIONS
    assert "Applied migrations: 7" in site.made("db-smoke")


def test_a_kill_between_file_and_record_leaves_it_applied_but_not_recorded(rehearse: Any, until: Any) -> None:
    site = rehearse(pace=0.5)
    site.made("deploy")
    index = "select 1 from sqlite_master where name = 'search_rankings_downloads'"
    migrate = site.begin("db-migrate")
    until(lambda: site.rows(index))
    os.killpg(migrate.pid, signal.SIGKILL)
    migrate.wait(timeout=10)
    assert len(applied(site)) == 5
    again = site.make("db-migrate")
    assert again.returncode == 2
    assert "duplicate column name" in again.stderr


def test_the_drill_writes_its_figures(rehearse: Any, tmp_path: Path) -> None:
    site, report = rehearse(), tmp_path / "report.md"
    out = site.made("phase6-drill", REPORT_PATH=report, BACKUP_PATH=tmp_path / "drill.sql")
    assert out.endswith("[phase6-drill] Drill passed.\n")
    text = report.read_text()
    for figure in ("backup duration", "restore duration", "total drill duration"):
        assert f"- {figure} (seconds): " in text
    assert "- data verification: PASS" in text
    assert site.rows("select count(*) from audit_log", name="artifortress_drill")[0][0] >= 600
    late = site.make("phase6-drill", REPORT_PATH=report, RTO_TARGET_SECONDS="-1")
    assert late.returncode == 2
    assert "- RTO status: FAIL" in report.read_text()
