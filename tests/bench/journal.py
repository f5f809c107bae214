"""An append to the journal, acknowledged, against an insert of raw sqlite3 with the same pragmas."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from state.events import NoteAdded
from state.journal.events import JournalWriter
from tests.bench.figures import Figure, p95
from tests.bench.site import SAM

TIMES = 300
_COLUMNS = (
    "seq integer primary key, epoch integer, at real, kind text, version integer, actor text, body text"
)


def measure(scratch: Path) -> list[Figure]:
    """By turns, in two files of one directory: what the disk does at that moment is done to both."""
    scratch.mkdir(parents=True)
    note = NoteAdded("backup", "the backup was looked at once more, and it is whole")
    row = (1, 1.0, "NoteAdded", 1, '{"operator":"sam","login":"sam"}', "a" * 90)
    with (
        closing(JournalWriter(scratch / "journal.db", SAM, 1.0)) as journal,
        closing(_raw(scratch / "raw.db")) as raw,
    ):
        pairs = [
            (_took(lambda: journal.append([note], 1.0)), _took(lambda: _insert(raw, row)))
            for _ in range(TIMES)
        ]
    append, insert = (p95(column) for column in zip(*pairs, strict=True))
    return [Figure("journal append, p95", append, "ms", 1.5, insert)]


def _raw(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
        connection.execute(f"pragma {pragma}")
    connection.execute(f"create table events ({_COLUMNS}, prev text, hash text unique) strict, without rowid")
    return connection


def _insert(connection: sqlite3.Connection, row: tuple[object, ...]) -> None:
    connection.execute("begin immediate")
    seq = connection.execute("select coalesce(max(seq), 0) + 1 from events").fetchone()[0]
    connection.execute(
        "insert into events values (?, ?, ?, ?, ?, ?, ?, ?, ?)", (seq, *row, f"{seq:064}", f"{seq + 1:064}")
    )
    connection.execute("commit")


def _took(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - begun)
