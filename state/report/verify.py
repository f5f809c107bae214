"""Checks whether a window is as it was written: its journal, its runs and their logs, its backups."""

import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from state.events import (
    BackupExamined,
    Event,
    LogSealed,
    RunEnded,
    RunLost,
    RunRequested,
    RunStarted,
    UnknownEvent,
    from_body,
)
from state.host.locks import is_held
from state.journal import openness
from state.journal.chain import Row
from state.journal.directory import JOURNAL, RUNS
from state.journal.events import JournalReader
from state.report.moments import iso
from state.text import printable
from state.text.counting import counted

#: What the head is for, wherever it is shown.
COMPARE = (
    "Events taken off the end of a journal leave no trace in it: compare the head with the one that was "
    "noted before, at a hand-over or in a report."
)


class Finding(Struct, frozen=True):
    """One thing that is wrong, or (`wrong` false) that is only worth knowing."""

    subject: str
    words: str
    wrong: bool = True


class Verification(Struct, frozen=True):
    """`head` is the last event: number, seconds since the epoch, hash. The counts are of what was read."""

    directory: Path
    findings: tuple[Finding, ...]
    head: tuple[int, float, str] = (0, 0.0, "")
    runs: int = 0
    logs: int = 0
    backups: int = 0

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return not any(finding.wrong for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The document of `verify --json`."""
        seq, at, digest = self.head
        return {
            "window": self.directory.name,
            "directory": str(self.directory),
            "right": self.is_right,
            "findings": [{"subject": f.subject, "words": f.words, "wrong": f.wrong} for f in self.findings],
            "head": {"event": seq, "at": iso(at) if seq else None, "sha256": digest or None},
            "checked": {"events": seq, "runs": self.runs, "logs": self.logs, "backups": self.backups},
        }

    def as_text(self) -> str:
        """One line for each finding, one for what was read, and the head."""
        seq, at, digest = self.head
        said = "\n".join(
            (
                *(f"{'FAIL' if f.wrong else 'note':<5} {f.subject}: {f.words}" for f in self.findings),
                f"{'ok' if self.is_right else 'FAIL':<5} {self.directory.name}: read "
                f"{counted(seq, 'event')}, {counted(self.runs, 'run')}, {counted(self.logs, 'sealed log')}, "
                f"{counted(self.backups, 'backup')}",
                f"head  event {seq}, {iso(at) if seq else 'no time'}, sha256 {digest or 'none'}",
                COMPARE,
            )
        )
        return printable(said, newlines=True)


class _Told(Struct):
    """What the journal says of runs, by their number, and of backups, by their path."""

    requested: set[int] = field(default_factory=set)
    begun: set[int] = field(default_factory=set)
    over: set[int] = field(default_factory=set)
    exits: dict[int, int] = field(default_factory=dict)
    sealed: dict[int, LogSealed] = field(default_factory=dict)
    backups: dict[str, BackupExamined] = field(default_factory=dict)

    def take(self, seq: int, event: Event) -> None:
        match event:
            case RunRequested():
                self.requested.add(seq)
            case RunStarted(run):
                self.begun.add(run)
            case RunEnded(run, code):
                self.begun.add(run)
                self.over.add(run)
                self.exits[run] = code
            case RunLost(run):
                self.begun.add(run)
                self.over.add(run)
            case LogSealed(run):
                self.sealed[run] = event
            case BackupExamined(path=str(path), run=run, problem="") if run:
                self.backups[path] = event


def verify(directory: Path) -> Verification:
    """Reads all of a window, which may be driven meanwhile; raises JournalError where it has no journal."""
    # Before the journal: a run is asked for there before it has a directory.
    present = _names(directory / RUNS)
    with closing(JournalReader(directory / JOURNAL)) as reader:
        found = [Finding("journal", words) for words in reader.problems()]
        try:
            rows = reader.rows()
        except sqlite3.Error:
            return Verification(directory, tuple(found))
    told = _told(rows)
    seq, at, digest = (rows[-1].seq, rows[-1].at, rows[-1].hash) if rows else (0, 0.0, "")
    found += _strangers(present, told.requested, seq)
    for number in sorted(told.requested):
        found += _run(directory / RUNS / str(number), number, told)
    for path, backup in told.backups.items():
        found += _content(f"backup of run {backup.run}", Path(path), backup.size, backup.sha256)
    if words := openness.problem(directory):
        found.append(Finding("modes", words))
    runs, logs, backups = len(told.requested), len(told.sealed), len(told.backups)
    return Verification(directory, tuple(found), (seq, at, digest), runs, logs, backups)


def _names(directory: Path) -> set[str]:
    try:
        return {path.name for path in directory.iterdir()}
    except FileNotFoundError:
        return set()


def _told(rows: Iterable[Row]) -> _Told:
    told = _Told()
    for row in rows:
        # What was changed is named already, and what a newer version wrote is not for this one to read.
        with suppress(UnknownEvent, ValueError, TypeError):
            told.take(row.seq, from_body(row.kind, row.version, row.body))
    return told


def _strangers(present: Iterable[str], requested: Iterable[int], last: int) -> Iterator[Finding]:
    for name in sorted(set(present) - {str(number) for number in requested}):
        words = "no event of the journal asked for it"
        if name.isdecimal() and int(name) > last:
            words = "it is younger than the last event: events were taken off the journal's end"
        yield Finding(f"run {printable(name)}", words)


def _run(run: Path, number: int, told: _Told) -> Iterator[Finding]:
    subject = f"run {number}"
    if number not in told.begun:
        if (run / "exit").exists() and not is_held(run / "lock"):
            words = (
                "it has ended, and the journal does not know: no console has seen it yet, or events were "
                "taken off the journal's end"
            )
            yield Finding(subject, words, wrong=False)
        return
    if not run.is_dir():
        yield Finding(subject, "its directory is missing")
        return
    for name in ("command.json", "lock"):
        if not (run / name).exists():
            yield Finding(subject, f"its {name} is missing")
    if number in told.exits and (kept := _exit_of(run)) != told.exits[number]:
        yield Finding(subject, f"its exit status is {kept}, and the journal says {told.exits[number]}")
    sealed = told.sealed.get(number)
    if sealed is not None:
        yield from _content(f"log of {subject}", run / "log", sealed.size, sealed.sha256)
    elif not (run / "log").exists():
        yield Finding(f"log of {subject}", f"{run / 'log'} is missing")
    elif number in told.over:
        held = "what the run started still lives" if is_held(run / "lock") else "the next console does it"
        yield Finding(f"log of {subject}", f"it is not sealed yet: {held}", wrong=False)


def _exit_of(run: Path) -> str | int:
    try:
        return int((run / "exit").read_text(encoding="ascii"))
    except FileNotFoundError:
        return "missing"
    except (OSError, ValueError):
        return "unreadable"


def _content(subject: str, path: Path, size: int, sha256: str) -> Iterator[Finding]:
    """What is different from the file of that size and digest."""
    try:
        # Anything else, such as a pipe in its place, might never end.
        if not path.is_file():
            yield Finding(subject, f"{path} is missing")
            return
        with path.open("rb") as stream:
            there = os.fstat(stream.fileno()).st_size
            if there != size:
                yield Finding(subject, f"{path} was changed: it has {there} bytes, and had {size}")
            elif hashlib.file_digest(stream, "sha256").hexdigest() != sha256:
                yield Finding(subject, f"{path} was changed: its SHA-256 is not the one that was recorded")
    except OSError as error:
        yield Finding(subject, f"{path} cannot be read ({error.strerror})")
