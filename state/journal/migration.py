"""Numbered migrations of a SQLite file, each whole or not at all; `user_version` counts those applied."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

#: Each migration is a list of statements. Never change one that has shipped: add another.
Migrations = Sequence[Sequence[str]]


def migrate(db: sqlite3.Connection, application_id: int, migrations: Migrations) -> None:
    """Brings a file of ours, or an empty one, to the newest schema, durably and in WAL mode.

    The application id is written with the first migration, in its transaction.
    """
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    db.execute("pragma foreign_keys = on")
    for number, statements in enumerate(migrations, start=1):
        with transaction(db):
            if db.execute("pragma user_version").fetchone()[0] < number:
                for statement in statements:
                    db.execute(statement)
                db.execute(f"pragma application_id = {application_id}")
                db.execute(f"pragma user_version = {number}")


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All that is written in the block, or nothing, whatever goes wrong in it."""
    db.execute("begin immediate")
    try:
        yield
        db.execute("commit")
    except BaseException:
        # Where the disk is full SQLite may have rolled back by itself.
        if db.in_transaction:
            db.execute("rollback")
        raise
