"""Applying migration files the way `db-migrate` does: the file, then, separately, its record."""

import sqlite3
import time
from collections.abc import Callable

from state.rehearsal import database
from state.rehearsal.layout import Layout


class MigrationFailed(Exception):
    """A statement failed; what came before it in the file stays applied, and nothing is recorded."""


def apply_pending(layout: Layout, say: Callable[[str], None], pause: Callable[[float], None]) -> None:
    """Apply every migration of the installed release that is not recorded yet, in order."""
    with database.connection(layout.database()) as link:
        link.execute(
            "create table if not exists schema_migrations"
            " (version text primary key, applied_at real not null)"
        )
        recorded = {version for (version,) in link.execute("select version from schema_migrations")}
    for path in sorted(layout.migrations.glob("*.sql")):
        if path.name in recorded:
            say(f"Skipping {path.name} (already applied).")
            continue
        say(f"Applying {path.name}...")
        _run(layout, path.read_text(encoding="utf-8"), say, pause)
        pause(0.4)
        with database.transaction(layout.database()) as link:
            link.execute("insert into schema_migrations values (?, ?)", (path.name, time.time()))
        say("INSERT 0 1")
    say("Migrations are up to date.")


def _run(layout: Layout, sql: str, say: Callable[[str], None], pause: Callable[[float], None]) -> None:
    with database.connection(layout.database()) as link:
        for number, statement in database.statements(sql):
            pause(0.4)
            try:
                say(database.command_tag(statement, link.execute(statement).rowcount))
            except sqlite3.Error as error:
                raise MigrationFailed(f"psql:<stdin>:{number}: ERROR:  {error}") from error
