"""The database targets: db-backup, db-migrate, db-restore, db-smoke and phase6-drill."""

import os
import re
import sys
import time
from pathlib import Path

from state.rehearsal import database, dump, migrations
from state.rehearsal.database import DatabaseUnavailable
from state.rehearsal.drill_report import Drill, render
from state.rehearsal.layout import DATABASE, Layout

#: Seconds that db-migrate waits for the database to accept connections.
_DATABASE_WAIT = 120.0


class RecipeFailed(Exception):
    """A recipe ends with `status`; the message is what its command printed."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


def backup(layout: Layout) -> None:
    """Dump the database to BACKUP_PATH. Its only check is that the file is not empty."""
    path = _backup_path(layout)
    _dump(layout, path)
    once = layout.run / "truncated-a-backup"
    if layout.scenario.first_backup_truncated and not once.exists():
        once.touch()
        os.truncate(path, int(path.stat().st_size * 0.6))
    if path.stat().st_size == 0:
        raise RecipeFailed(f"Backup file was created but is empty: {path}")
    print(f"Backup completed: {path}")


def _backup_path(layout: Layout, stem: str = "artifortress-backup") -> Path:
    usual = layout.backups / f"{stem}-{time.strftime('%Y%m%d-%H%M%S')}.sql"
    return Path(os.environ.get("BACKUP_PATH") or usual)


def _dump(layout: Layout, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    print(f"Creating Postgres backup for database '{DATABASE}' at '{path}'...")
    with path.open("w", encoding="utf-8", newline="\n") as out:
        try:
            dump.write(
                layout.database(), out, lambda line: print(line, file=sys.stderr, flush=True), layout.pause
            )
        except DatabaseUnavailable as error:
            raise RecipeFailed(f"pg_dump: error: {error}") from error


def migrate(layout: Layout) -> None:
    """Apply what is not recorded yet, once the database is there."""
    _await_database(layout)
    try:
        migrations.apply_pending(layout, print, layout.pause)
    except migrations.MigrationFailed as error:
        raise RecipeFailed(str(error), 3) from error


def _await_database(layout: Layout) -> None:
    deadline = time.monotonic() + _DATABASE_WAIT * layout.pace
    while not layout.database().exists():
        if time.monotonic() > deadline:
            raise RecipeFailed("Postgres did not become ready in time.")
        time.sleep(0.1)


def restore(layout: Layout) -> None:
    """Drop TARGET_DB, create it and load RESTORE_PATH: no prompt, no copy, no look at the content."""
    target = os.environ.get("TARGET_DB") or DATABASE
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", target):
        raise RecipeFailed("TARGET_DB must match ^[A-Za-z_][A-Za-z0-9_]*$")
    given = os.environ.get("RESTORE_PATH")
    if not given:
        raise RecipeFailed(
            "RESTORE_PATH is required.\nExample: RESTORE_PATH=/tmp/artifortress-backup.sql make db-restore"
        )
    if not Path(given).is_file():
        raise RecipeFailed(f"Restore file does not exist: {given}")
    _restore(layout, target, Path(given))


def _restore(layout: Layout, target: str, path: Path) -> None:
    print(f"Restoring Postgres database '{target}' from '{path}'...")
    try:
        database.drop(layout.database(target))
        print("DROP DATABASE")
        layout.pause(0.5)
        database.create(layout.database(target))
        print("CREATE DATABASE")
        dump.load(layout.database(target), path, print, layout.pause)
    except DatabaseUnavailable as error:
        raise RecipeFailed(f"ERROR:  {error}", 3) from error
    except dump.LoadFailed as error:
        raise RecipeFailed(str(error), 3) from error
    print(f"Restore completed for database '{target}'.")


def smoke(layout: Layout) -> None:
    """The required tables exist."""
    with database.connection(layout.database()) as link:
        missing = database.missing_tables(link)
        if missing:
            raise RecipeFailed(f"Missing required table: {missing[0]}")
        applied = link.execute("select count(*) from schema_migrations").fetchone()[0]
    print(f"DB smoke passed. Applied migrations: {applied}")


def drill(layout: Layout) -> None:
    """Back up, restore into a drill database, compare row counts, write the report."""
    target = os.environ.get("DRILL_DB") or f"{DATABASE}_drill"
    path = _backup_path(layout, "artifortress-phase6-drill")
    report = Path(os.environ.get("REPORT_PATH") or "docs/reports/phase6-rto-rpo-drill-latest.md")
    began = time.time()
    print("[phase6-drill] Starting backup step...")
    before = database.row_counts(layout.database())
    _dump(layout, path)
    backed_up = time.time()
    print(f"[phase6-drill] Starting restore step into '{target}'...")
    _restore(layout, target, path)
    result = Drill(
        source=DATABASE,
        target=target,
        backup=path,
        backup_seconds=round(backed_up - began),
        restore_seconds=round(time.time() - backed_up),
        total_seconds=round(time.time() - began),
        rto_target=int(os.environ.get("RTO_TARGET_SECONDS") or 900),
        rpo_target=int(os.environ.get("RPO_TARGET_SECONDS") or 300),
        before=before,
        restored=database.row_counts(layout.database(target)),
        after=database.row_counts(layout.database()),
    )
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(render(result), encoding="utf-8")
    print(f"[phase6-drill] Report written to {report}")
    if not result.passed:
        raise RecipeFailed("[phase6-drill] Drill failed.")
    print("[phase6-drill] Drill passed.")
