"""Reads `readings.db` while the watch writes it: only what is new, and never for long."""

import sqlite3
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from state.host.locks import is_held
from state.journal.directory import WATCH_LOCK
from state.journal.looking import connect, on_one_line
from state.journal.readings_rows import READING, SPAN, history, reading_of, span_of
from state.journal.readings_schema import ReadingsError, check_schema
from state.readings import Ask, Observed, Reading, Span

#: What `Observed` promises: seconds of ops readings, and of ready readings.
_OPS_SECONDS, _READY_SECONDS = 1800.0, 600.0

#: Behind by more readings than this, all is read anew: that costs less than to catch up.
_FAR_BEHIND = 5000

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class WatchRecord(Struct, frozen=True):
    """One watch: times in seconds since the epoch; no `ended_at` while it runs or if it was killed."""

    pid: int
    started_at: float
    ended_at: float | None
    why: str | None


class ReadingsReader:
    """Looks at a window's readings; the file may come later. It belongs to the thread that looks.

    Every call may raise ReadingsError: the file is damaged, of a newer version, or cannot be read.
    """

    def __init__(self, path: Path, patience: float = 0.1) -> None:
        """`patience`: seconds to wait for a file that is busy; a console looks again a moment later."""
        self._path = path
        self._patience = patience
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._observed = Observed()
        self._last = 0
        self._latest: dict[tuple[Ask, str], Reading] = {}
        self._ready: deque[Reading] = deque()
        self._ops: deque[Reading] = deque()
        self._spans: dict[int, Span] = {}

    def look(self, now: float) -> Observed:
        """All that is known at `now`; the same object as before where nothing is new."""
        with self._reading() as connection:
            if connection is None:
                return self._observed
            newest = _one(connection, "select max(id) from readings") or 0
            since = self._watch_since(connection)
            if newest != self._last or since != self._observed.watch_since:
                self._observed = self._observe(connection, newest, since, now)
        return self._observed

    def attendance(self) -> tuple[tuple[float, bool], ...]:
        """Since when (seconds since the epoch) a console was attached or none was, oldest first."""
        with self._reading() as connection:
            if connection is None:
                return ()
            rows = connection.execute("select at, attended from attendance order by id").fetchall()
            return tuple((at, bool(attended)) for at, attended in rows)
        return ()

    def watches(self) -> tuple[WatchRecord, ...]:
        """Every watch of the window, oldest first."""
        with self._reading() as connection:
            if connection is None:
                return ()
            rows = connection.execute("select pid, started_at, ended_at, why from watches order by id")
            return tuple(WatchRecord(*row) for row in rows.fetchall())
        return ()

    def series(self, points: int) -> Mapping[str, tuple[tuple[float, float | None], ...]]:
        """Each count over the whole window in at most so many points, `(at, highest or None)`."""
        with self._reading() as connection:
            return {} if connection is None else history(connection, points)
        return {}

    def summaries(self, since: float, until: float) -> tuple[Reading, ...]:
        """The ops readings of a stretch of time, in seconds since the epoch, oldest first."""
        with self._reading() as connection:
            if connection is None:
                return ()
            rows = connection.execute(
                f"select {READING} from readings where ask = ? and at between ? and ? order by id",
                (Ask.OPS, since, until),
            )
            return tuple(map(reading_of, rows))
        return ()

    def last_at(self) -> float | None:
        """When the newest reading was made, in seconds since the epoch."""
        with self._reading() as connection:
            if connection is None:
                return None
            at: float | None = _one(connection, "select at from readings order by id desc limit 1")
            return at
        return None

    def close(self) -> None:
        """Closes the file; a later look opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection in one snapshot, None while there is nothing to read. A busy file ends the block."""
        try:
            connection = self._opened()
            try:
                yield connection
            finally:
                if connection is not None and connection.in_transaction:
                    connection.execute("rollback")
        except sqlite3.Error as error:
            if not _is_busy(error):
                self.close()
                raise ReadingsError(
                    f"{self._path} cannot be read ({on_one_line(error)}): look at the disk and its modes."
                ) from None
        except ValueError as error:
            raise ReadingsError(f"{self._path} holds what no watch writes ({error}): move it away.") from None

    def _opened(self) -> sqlite3.Connection | None:
        file = self._identity()
        if self._connection is not None and file != self._file:
            # Somebody moved the file away: the watch writes a new one, and only that one goes on.
            self.close()
            self._last = 0
        if self._connection is None and file is not None:
            self._file = file
            connection = connect(self._path, self._patience)
            try:
                if check_schema(connection, self._path):
                    self._connection = connection
            except sqlite3.Error as error:
                if not _is_busy(error):
                    raise
            finally:
                # Without tables the watch is about to make them: the next look will tell.
                if self._connection is None:
                    connection.close()
        if self._connection is not None:
            self._connection.execute("begin")
        return self._connection

    def _identity(self) -> tuple[int, int] | None:
        try:
            about = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ReadingsError(
                f"{self._path} cannot be read ({error.strerror}): look at its modes."
            ) from None
        return (about.st_dev, about.st_ino)

    def _watch_since(self, connection: sqlite3.Connection) -> float | None:
        if not is_held(self._path.parent / WATCH_LOCK):
            return None
        since: float | None = _one(
            connection, "select started_at from watches where ended_at is null order by id desc limit 1"
        )
        return since

    def _observe(
        self, connection: sqlite3.Connection, newest: int, since: float | None, now: float
    ) -> Observed:
        before = self._observed
        if self._last == 0 or not 0 <= newest - self._last <= _FAR_BEHIND:
            self._read_anew(connection, now)
            fresh_ops = len(self._ops)
            polls = _one(connection, "select count(*) from ops_counts")
            charts = history(connection)
        else:
            fresh_ops = self._catch_up(connection)
            polls = before.polls + fresh_ops
            charts = history(connection) if fresh_ops else before.history
        self._last = newest
        _forget(self._ops, now - _OPS_SECONDS)
        _forget(self._ready, now - _READY_SECONDS)
        return Observed(
            latest=dict(self._latest),
            ready_spans=tuple(self._spans.values()),
            ops=tuple(self._ops),
            history=charts,
            ready_recent=tuple(self._ready),
            polls=polls,
            watch_since=since,
        )

    def _read_anew(self, connection: sqlite3.Connection, now: float) -> None:
        newest = connection.execute(
            f"select {READING} from readings where id in (select reading from newest)"
        )
        self._latest = {(each.ask, each.replica): each for each in map(reading_of, newest)}
        recent = f"select {READING} from readings where ask = ? and at >= ? order by id"
        self._ready = deque(map(reading_of, connection.execute(recent, (Ask.READY, now - _READY_SECONDS))))
        self._ops = deque(map(reading_of, connection.execute(recent, (Ask.OPS, now - _OPS_SECONDS))))
        spans = connection.execute(f"select {SPAN} from spans where ask = ? order by id", (Ask.READY,))
        self._spans = {row[0]: span_of(row) for row in spans}

    def _catch_up(self, connection: sqlite3.Connection) -> int:
        """Reads what came since the last look; returns how many ops readings that were."""
        fresh_ops = 0
        for row in connection.execute(
            f"select {READING} from readings where id > ? order by id", (self._last,)
        ):
            reading = reading_of(row)
            self._latest[reading.ask, reading.replica] = reading
            if reading.ask is Ask.OPS:
                self._ops.append(reading)
                fresh_ops += 1
            elif reading.ask is Ask.READY:
                self._ready.append(reading)
        grown = f"select {SPAN} from spans where ask = ? and reading > ? order by id"
        for row in connection.execute(grown, (Ask.READY, self._last)):
            self._spans[row[0]] = span_of(row)
        return fresh_ops


def _is_busy(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _BUSY


def _one(connection: sqlite3.Connection, sql: str) -> Any:
    row = connection.execute(sql).fetchone()
    return None if row is None else row[0]


def _forget(readings: deque[Reading], before: float) -> None:
    while readings and readings[0].at < before:
        readings.popleft()


__all__ = ["ReadingsError", "ReadingsReader", "WatchRecord"]
