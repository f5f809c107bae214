"""Keeps what the watch observes: on a thread of its own, so that a slow disk never delays a poll."""

import asyncio
import os
import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from state.journal.readings_schema import ReadingsError
from state.journal.readings_writer import ReadingsWriter
from state.readings import Reading

#: So many readings wait for a disk that refuses; then the oldest go.
_WAITING = 5000

#: Seconds: how long readings gather for one transaction, and how long a failed one waits.
_GATHER, _AGAIN = 0.15, 1.0

_Change = Callable[[ReadingsWriter], None]


class Store:
    """Takes readings and changes at once, and writes them in order as soon as the disk lets it.

    `note` gets one sentence when writing fails, and one when it works again.
    """

    def __init__(
        self, path: Path, every: float, slowest: float, started_at: float, note: Callable[[str], None]
    ) -> None:
        self._path = path
        self._make: Callable[[], ReadingsWriter] = lambda: ReadingsWriter(path, every, slowest)
        self._started_at = started_at
        self._note = note
        self._writer: ReadingsWriter | None = None
        self._file = (0, 0)
        self._number = 0
        self._readings: deque[Reading] = deque(maxlen=_WAITING)
        self._changes: deque[_Change] = deque()
        self._trouble = ""
        self._new = asyncio.Event()
        self._thread = ThreadPoolExecutor(max_workers=1)

    def add(self, reading: Reading) -> None:
        """Takes a reading."""
        self._readings.append(reading)
        self._new.set()

    def attendance(self, at: float, attended: bool) -> None:
        """Takes note that a console is attached, or none is."""
        self._changes.append(lambda writer: writer.attendance(at, attended))
        self._new.set()

    async def keep(self) -> None:
        """Writes what comes, for ever."""
        self._new.set()
        while True:
            await self._new.wait()
            self._new.clear()
            await asyncio.sleep(_GATHER)
            if not await self._flush():
                await asyncio.sleep(_AGAIN)
                self._new.set()

    async def end(self, at: float, why: str) -> None:
        """Writes the rest and the end of the watch, and closes the file."""
        self._changes.append(lambda writer: writer.watch_ended(self._number, at, why))
        await self._flush()
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    async def _flush(self) -> bool:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._write)

    def _write(self) -> bool:
        """Writes all that waits; False where the disk or the file refused."""
        batch = [self._readings.popleft() for _ in range(len(self._readings))]
        try:
            writer = self._opened()
            if batch:
                writer.append(batch)
                batch = []
            while self._changes:
                self._changes[0](writer)
                self._changes.popleft()
        except (sqlite3.Error, ReadingsError, OSError) as error:
            room = _WAITING - len(self._readings)
            self._readings.extendleft(reversed(batch[max(0, len(batch) - room) :]))
            self._say(f"readings.db cannot be written: {error}")
            self._close()
            return False
        self._say("")
        return True

    def _opened(self) -> ReadingsWriter:
        if self._writer is not None and self._identity() != self._file:
            # Somebody moved the file away: what is written there now nobody would see.
            self._close()
        if self._writer is None:
            self._writer = self._make()
            if self._identity() != self._file:
                self._number = self._writer.watch_started(os.getpid(), self._started_at)
                self._file = self._identity()
        return self._writer

    def _identity(self) -> tuple[int, int]:
        try:
            about = self._path.stat()
        except FileNotFoundError:
            return (0, 0)
        return (about.st_dev, about.st_ino)

    def _close(self) -> None:
        if self._writer is not None:
            with suppress(sqlite3.Error):
                self._writer.close()
            self._writer = None

    def _say(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self._note(trouble or "readings.db can be written again")
