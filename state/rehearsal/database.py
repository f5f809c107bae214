"""The practice deployment's SQLite database: opening, dropping and creating it, and running SQL files."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

#: What `db-smoke` and readiness look for.
REQUIRED_TABLES = (
    "schema_migrations",
    "tenants",
    "repos",
    "packages",
    "blobs",
    "package_versions",
    "artifact_entries",
    "audit_log",
    "outbox_events",
)


class DatabaseUnavailable(Exception):
    """The database is missing, locked or half there; the message is what a driver would say."""


@contextmanager
def _admission(database: Path, how: int, wait: float) -> Iterator[None]:
    """Connections hold this shared, dropping holds it exclusively.

    SQLite opens `-wal` by name: a connection that outlived its file would mix an old database
    with a new log. The lock is the server that a SQLite file does not have.
    """
    try:
        handle = os.open(database.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise DatabaseUnavailable(f"cannot reach the database: {error.strerror}") from error
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, how | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise DatabaseUnavailable(
                        f'database "{database.stem}" is being accessed by other users'
                    ) from None
                time.sleep(0.01)
        yield
    finally:
        os.close(handle)


@contextmanager
def connection(database: Path, wait: float = 5.0) -> Iterator[sqlite3.Connection]:
    """An open connection in autocommit mode; whatever goes wrong with it is DatabaseUnavailable.

    `wait`: seconds to wait for a lock. A missing file is never created.
    """
    with _admission(database, fcntl.LOCK_SH, wait):
        if not database.exists():
            raise DatabaseUnavailable(f'3D000: database "{database.stem}" does not exist')
        link: sqlite3.Connection | None = None
        try:
            link = sqlite3.connect(
                f"file:{quote(str(database))}?mode=rw", uri=True, timeout=wait, isolation_level=None
            )
            link.execute("pragma synchronous = off")
            yield link
        except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.IntegrityError):
                raise
            raise DatabaseUnavailable(str(error)) from error
        finally:
            if link is not None:
                link.close()


@contextmanager
def transaction(database: Path, wait: float = 5.0) -> Iterator[sqlite3.Connection]:
    """A connection inside one write transaction: all of it or nothing."""
    with connection(database, wait) as link:
        link.execute("begin immediate")
        try:
            yield link
        except BaseException:
            link.rollback()
            raise
        link.commit()


def create(database: Path) -> None:
    """An empty database in WAL mode."""
    link = sqlite3.connect(database)
    link.execute("pragma journal_mode = wal")
    link.close()


def drop(database: Path, wait: float = 10.0) -> None:
    """Remove the database once its connections have ended; DatabaseUnavailable if they do not."""
    with _admission(database, fcntl.LOCK_EX, wait):
        for suffix in ("", "-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)


def statements(sql: str) -> Iterator[tuple[int, str]]:
    """The complete statements of a script, each with the number of its last line."""
    pending: list[str] = []
    for number, line in enumerate(sql.splitlines(), start=1):
        if not pending and (not line.strip() or line.lstrip().startswith("--")):
            continue
        pending.append(line)
        if sqlite3.complete_statement("\n".join(pending)):
            yield number, "\n".join(pending)
            pending = []


def command_tag(sql: str, rows: int) -> str:
    """What psql prints after a statement: `CREATE TABLE`, `INSERT 0 3`, ..."""
    words = sql.upper().split()
    if words[0] == "INSERT":
        return f"INSERT 0 {rows}"
    if words[0] in ("UPDATE", "DELETE"):
        return f"{words[0]} {rows}"
    return "CREATE INDEX" if words[:2] == ["CREATE", "UNIQUE"] else " ".join(words[:2])


def missing_tables(link: sqlite3.Connection) -> list[str]:
    """The required tables that are not there."""
    there = {name for (name,) in link.execute("select name from sqlite_master where type = 'table'")}
    return [name for name in REQUIRED_TABLES if name not in there]


def row_counts(database: Path) -> dict[str, int]:
    """Rows per table."""
    with connection(database) as link:
        names = [row[0] for row in link.execute("select name from sqlite_master where type = 'table'")]
        return {table: link.execute(f'select count(*) from "{table}"').fetchone()[0] for table in names}
