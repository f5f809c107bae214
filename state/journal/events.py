"""The journal of a window: events in a chain, appended by the one driver, readable by everybody.

Reading needs the standard library only, and little of that: it lies on the way to the first screen,
and to every status line.
"""

import json
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import MsgspecError
from msgspec.json import Decoder
from msgspec.structs import asdict

from state.events import LAST_MOMENT, Actor, Event, Recorded, UnknownEvent, from_body
from state.host import modes
from state.journal.chain import GENESIS, Row, digest, examine
from state.journal.looking import connect, on_one_line
from state.journal.migration import migrate, transaction
from state.journal.schema import APPLICATION_ID, MIGRATIONS


class JournalError(Exception):
    """The journal cannot be read or written: one sentence for the operator."""


class TakenOver(JournalError):
    """A later epoch drives this window; this console may only look."""


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class JournalReader:
    """Reads `journal.db` without ever writing to it."""

    def __init__(self, path: Path) -> None:
        """Opens the file read-only; raises JournalError where it is none of ours."""
        self.path = path
        try:
            self._db = connect(path, 1.0)
            application, version = (
                self._db.execute(f"pragma {name}").fetchone()[0]
                for name in ("application_id", "user_version")
            )
        except sqlite3.Error as error:
            raise JournalError(
                f"{path} cannot be read ({on_one_line(error)}). Look at its modes and its disk."
            ) from error
        if application != APPLICATION_ID:
            self._db.close()
            raise JournalError(
                f"{path} is not a Drawbridge journal. Restore it from a copy, or move it away."
            )
        if version > len(MIGRATIONS):
            self._db.close()
            raise JournalError(f"{path} was written by a newer Drawbridge. Open it with that version.")

    def after(self, seq: int) -> list[Recorded]:
        """The events that came after `seq`, in order; raises JournalError where they cannot be read."""
        try:
            rows = self._db.execute(
                "select seq, epoch, at, kind, version, actor, body from events where seq > ? order by seq",
                [seq],
            ).fetchall()
            return [recorded(row) for row in rows]
        except sqlite3.Error as error:
            raise JournalError(
                f"{self.path} cannot be read ({on_one_line(error)}). Look at its disk."
            ) from error
        except (UnknownEvent, ValueError, TypeError, KeyError) as error:
            # Damage may look like news from a later version: the chain tells them apart.
            raise JournalError(
                self.problem()
                or f"{self.path} holds an event that this version does not know ({error}). "
                "Open it with the Drawbridge that wrote it."
            ) from error

    def hash_of(self, seq: int) -> str:
        """The hash of one event, which stands for all up to it; empty where there is none of that number."""
        return self._one("select hash from events where seq = ?", seq) or ""

    def holds(self, kind: str) -> bool:
        """Whether there is any event of this kind."""
        return self._one("select 1 from events where kind = ? limit 1", kind) is not None

    def _one(self, sql: str, value: object) -> Any:
        try:
            row = self._db.execute(sql, [value]).fetchone()
        except sqlite3.Error as error:
            raise JournalError(
                f"{self.path} cannot be read ({on_one_line(error)}). Look at its disk."
            ) from error
        return None if row is None else row[0]

    def rows(self) -> list[Row]:
        """All events as they stand in the file, in order; raises sqlite3.Error where it is damaged."""
        cursor = self._db.cursor()
        # What was made unreadable must still be named.
        self._db.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
        try:
            cursor.execute(
                "select seq, epoch, at, kind, version, actor, body, prev, hash from events order by seq"
            )
            return [Row(*row) for row in cursor]
        finally:
            self._db.text_factory = str

    def problem(self) -> str:
        """What is wrong with the file or the chain, in a sentence; empty when all is right."""
        found = self.problems()
        return f"{self.path}: {found[0]}." if found else ""

    def problems(self) -> list[str]:
        """All that is wrong with the file or the chain, each in a few words."""
        try:
            check = self._db.execute("pragma quick_check").fetchone()[0]
            # SQLite says it on several lines; an operator reads one sentence.
            said = " ".join(check.split())
            return [f"the file is damaged ({said})"] if check != "ok" else examine(self.rows())
        except (sqlite3.Error, UnicodeError, TypeError) as error:
            return [f"the file is damaged ({on_one_line(error)})"]

    def close(self) -> None:
        """Lets go of the file."""
        self._db.close()


def _identity(db: Any) -> tuple[int, int]:
    """Application id and schema version, of a sqlite3 connection or of a sqlite-utils database."""
    names = ("application_id", "user_version")
    application, version = (int(db.execute(f"pragma {name}").fetchone()[0]) for name in names)
    return application, version


def _refuse_strangers(db: Any, path: Path) -> None:
    application, version = _identity(db)
    tables = db.execute("select count(*) from sqlite_master").fetchone()[0]
    # A file without tables is one whose making was cut short: it is made now.
    if (tables and application != APPLICATION_ID) or version > len(MIGRATIONS):
        raise _stranger(path, application)


def _stranger(path: Path, application: int) -> JournalError:
    if application == APPLICATION_ID:
        return JournalError(f"{path} was written by a newer Drawbridge. Open it with that version.")
    return JournalError(f"{path} is not a Drawbridge journal. Restore it from a copy, or move it away.")


def recorded(row: Sequence[Any]) -> Recorded:
    """The event of a row, from `seq` to `body` as they stand in the file; raises UnknownEvent, TypeError."""
    seq, epoch, at, kind, version, actor, body = row
    if not 0 <= at <= LAST_MOMENT:
        raise UnknownEvent(f"number {seq} is of no time")
    return Recorded(seq, epoch, at, _actor(actor), from_body(kind, version, body))


@lru_cache(maxsize=256)
def _actor(text: str) -> Actor:
    """Who did it; a few people do thousands of things."""
    try:
        return Decoder(Actor).decode(text)
    except MsgspecError as error:
        raise UnknownEvent("somebody is written down in another way") from error


class JournalWriter:
    """Appends events as the driver of one epoch. One thread, one process, one connection."""

    def __init__(self, path: Path, actor: Actor, at: float) -> None:
        """Opens or creates the journal and begins a new epoch; raises JournalError."""
        self.path = path
        self.actor = actor
        try:
            with suppress(FileExistsError):
                os.close(modes.open_file(path, os.O_EXCL | os.O_RDWR))
            self._db = sqlite3.connect(path, timeout=2.0, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise JournalError(_unwritable(path, error)) from error
        try:
            _refuse_strangers(self._db, path)
            migrate(self._db, APPLICATION_ID, MIGRATIONS)
            self.epoch = self._begin_epoch(at)
        except JournalError:
            self._db.close()
            raise
        except (sqlite3.Error, ValueError) as error:
            self._db.close()
            raise JournalError(_unwritable(path, error)) from error

    def _begin_epoch(self, at: float) -> int:
        with transaction(self._db):
            before = self._db.execute("select coalesce(max(epoch), 0) from epochs").fetchone()[0]
            self._db.execute(
                "insert into epochs (epoch, at, actor, pid) values (?, ?, ?, ?)",
                [before + 1, at, _compact(asdict(self.actor)), os.getpid()],
            )
        return int(before) + 1

    def append(self, events: Sequence[Event], at: float) -> list[Recorded]:
        """Appends all of them or none, durably; they are on disk when this returns.

        Raises TakenOver where a later epoch began, JournalError where the disk refuses or where
        something in an event has no place in a journal (not a number, half a character).
        """
        try:
            with transaction(self._db):
                # As a float: the digest is taken of what the column will hold.
                appended = self._insert(events, float(at))
        except sqlite3.IntegrityError as error:
            if "taken over" in str(error):
                raise TakenOver(
                    "Another console has taken over this window; this one only looks now."
                ) from error
            raise JournalError(_unwritable(self.path, error)) from error
        except (sqlite3.Error, ValueError) as error:
            raise JournalError(_unwritable(self.path, error)) from error
        return appended

    def _insert(self, events: Sequence[Event], at: float) -> list[Recorded]:
        head = self._db.execute("select seq, hash from events order by seq desc limit 1").fetchone()
        seq, prev = head if head else (0, GENESIS)
        actor = _compact(asdict(self.actor))
        appended = []
        for event in events:
            seq += 1
            body = _compact(event.to_body())
            link = digest(seq, self.epoch, at, event.kind(), event.version, actor, body, prev)
            self._db.execute(
                "insert into events (seq, epoch, at, kind, version, actor, body, prev, hash)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [seq, self.epoch, at, event.kind(), event.version, actor, body, prev, link],
            )
            appended.append(Recorded(seq, self.epoch, at, self.actor, event))
            prev = link
        return appended

    def close(self) -> None:
        """Lets go of the file; everything appended is on disk already."""
        self._db.close()


def _unwritable(path: Path, error: Exception) -> str:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return (
            f"{path} is kept by a process that stopped in the middle of a write. Nothing was decided. "
            f"Wake it or end it (`fuser {path}` names it), then try again."
        )
    return (
        f"{path} cannot be written ({error}). Nothing was decided. "
        "Free the disk or mend its modes, then try again."
    )
