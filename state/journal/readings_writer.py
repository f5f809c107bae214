"""Writes `readings.db`: only the watch does, a round of polls in one transaction."""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from sqlite_utils import Database

from state.host import modes
from state.journal.migration import migrate, transaction
from state.journal.readings_schema import APPLICATION_ID, COUNTS, MIGRATIONS, check_schema
from state.readings import Ask, Reading, ReadingClass

#: A silence of more than so many poll intervals ends a span.
_GAP = 3


class ReadingsWriter:
    """The one writer of a window's readings; it belongs to the thread that made it.

    `every` is the poll interval of live and ready, `slowest` what one such probe may take at
    most, both in seconds: a probe that times out comes so much later without being a gap.
    Raises ReadingsError for a file that is not its own, sqlite3.Error where the disk fails.
    """

    def __init__(self, path: Path, every: float, slowest: float) -> None:
        self._every = every
        self._slowest = slowest
        os.close(modes.open_file(path, os.O_RDWR | os.O_CLOEXEC))
        self._db = Database(path)
        try:
            check_schema(self._db.conn, path)
            migrate(self._db.conn, APPLICATION_ID, MIGRATIONS)
        except BaseException:
            self._db.close()
            raise

    def append(self, readings: Sequence[Reading]) -> None:
        """Adds the readings, and the spans that they begin or go on with, all or none."""
        with transaction(self._db.conn):
            for reading in readings:
                self._add(reading)

    def watch_started(self, pid: int, at: float) -> int:
        """Notes that a watch begins, and returns its number; one that never said its end gets it now."""
        with transaction(self._db.conn):
            self._db.execute(
                "update watches set why = 'ended without a word', ended_at = max(started_at,"
                " coalesce((select at from readings order by id desc limit 1), started_at))"
                " where ended_at is null"
            )
            cursor = self._db.execute("insert into watches (pid, started_at) values (?, ?)", (pid, at))
            number = cursor.lastrowid
        assert number is not None
        return number

    def watch_ended(self, number: int, at: float, why: str) -> None:
        """Notes that the watch ends, and why."""
        with transaction(self._db.conn):
            self._db.execute("update watches set ended_at = ?, why = ? where id = ?", (at, why, number))

    def attendance(self, at: float, attended: bool) -> None:
        """Notes that from now on a console is attached, or none is."""
        with transaction(self._db.conn):
            self._db.execute("insert into attendance (at, attended) values (?, ?)", (at, int(attended)))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _add(self, reading: Reading) -> None:
        body = None if reading.values is None else json.dumps(reading.values, separators=(",", ":"))
        cursor = self._db.execute(
            "insert into readings (ask, replica, at, monotonic, class, code, latency_ms, skew, body, reason)"
            " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                reading.ask.value,
                reading.replica,
                reading.at,
                reading.monotonic,
                reading.reading_class.value,
                reading.code,
                reading.latency_ms,
                reading.skew,
                body,
                reading.reason,
            ),
        )
        number = cursor.lastrowid
        assert number is not None
        self._db.execute("replace into newest values (?, ?, ?)", (reading.ask.value, reading.replica, number))
        if reading.ask is Ask.OPS:
            counts = reading.values or {}
            self._db.execute(
                f"insert into ops_counts values (?, ?{', ?' * len(COUNTS)})",
                (number, reading.at, *(counts.get(count) for count in COUNTS)),
            )
        if reading.ask in (Ask.LIVE, Ask.READY):
            self._extend_span(reading, number)

    def _extend_span(self, reading: Reading, number: int) -> None:
        key = (reading.ask.value, reading.replica)
        last = self._db.execute(
            "select id, class, last_at from spans where ask = ? and replica = ? order by id desc limit 1", key
        ).fetchone()
        taken = self._slowest if reading.reading_class is ReadingClass.TIMEOUT else 0.0
        began = reading.at - (taken if reading.latency_ms is None else reading.latency_ms / 1000)
        goes_on = (
            last is not None and last[1] == reading.reading_class and (began - last[2] <= _GAP * self._every)
        )
        if goes_on:
            self._db.execute(
                "update spans set last_at = max(last_at, ?), count = count + 1, reading = ? where id = ?",
                (reading.at, number, last[0]),
            )
        else:
            self._db.execute(
                "insert into spans (ask, replica, class, first_at, last_at, count, reading)"
                " values (?, ?, ?, ?, ?, 1, ?)",
                (*key, reading.reading_class.value, reading.at, reading.at, number),
            )
