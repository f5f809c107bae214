"""Damaged files: a journal that is corrupt, from a newer version or with its write-ahead log left behind."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from state.events import Recorded
from state.journal.directory import JOURNAL, MAIL, READINGS, RUNS, DirectoryError
from state.journal.events import JournalError
from state.journal.readings import ReadingsError
from tests.pty import headless
from tests.pty.evidence import Evidence
from tests.pty.headless import take_up

from . import examination, ledger
from .death import ROOT
from .figures import Figures
from .ground import Ground, end, ground
from .parallel import until_enough
from .seat import comes

NAME = "damage"
#: Copies that are damaged in one trial.
COPIES = 40
_PAGE = 4096
_ERRORS = (JournalError, ReadingsError, DirectoryError)


@dataclass(slots=True)
class Trial:
    """One real window whose console was killed, and copies of it to be damaged."""

    place: Ground
    seed: int
    figures: Figures
    chance: Random
    window: Path
    events: list[Recorded]

    def found(self, column: str, words: str) -> None:
        """What must not happen."""
        self.figures.found(column, words, self.seed)

    def copy(self, number: int) -> Path:
        """The window in a state directory of its own, its write-ahead log beside it."""
        state = self.place.practice.root / f"copy-{number}"
        window = state / "windows" / self.window.name
        shutil.copytree(self.window, window, ignore=shutil.ignore_patterns("*.lock", RUNS))
        (window / RUNS).mkdir(mode=0o700)
        return window

    def settings(self, window: Path) -> Path:
        """Settings that name the state directory of a copy."""
        config = window.parent.parent / "drawbridge.toml"
        text = self.place.config.read_text().replace(
            str(self.place.practice.state), str(window.parent.parent)
        )
        config.write_text(text)
        return config


def whole(journal: Path) -> None:
    """Moves the write-ahead log into the file itself, as an orderly end does."""
    with closing(sqlite3.connect(journal)) as link:
        link.execute("pragma wal_checkpoint(truncate)")
        link.execute("pragma journal_mode = delete")


# What may be refused, but never read otherwise than it was


def _flip(one: Trial, window: Path) -> None:
    whole(window / JOURNAL)
    data = bytearray((window / JOURNAL).read_bytes())
    for _ in range(one.chance.choice((1, 1, 1, 8))):
        data[one.chance.randrange(len(data))] ^= 1 << one.chance.randrange(8)
    (window / JOURNAL).write_bytes(data)


def _blank(one: Trial, window: Path) -> None:
    whole(window / JOURNAL)
    with (window / JOURNAL).open("r+b") as stream:
        stream.seek(_PAGE * one.chance.randrange((window / JOURNAL).stat().st_size // _PAGE))
        stream.write(one.chance.choice((bytes(_PAGE), one.chance.randbytes(_PAGE))))


def _cut(one: Trial, window: Path) -> None:
    whole(window / JOURNAL)
    os.truncate(window / JOURNAL, one.chance.randrange((window / JOURNAL).stat().st_size))


def _rewrite(one: Trial, window: Path) -> None:
    whole(window / JOURNAL)
    # Not the last: a cut tail leaves no trace in a chain, and is not promised to.
    seq = one.chance.randint(1, len(one.events) - 1)
    with closing(sqlite3.connect(window / JOURNAL, isolation_level=None)) as link:
        for (name,) in link.execute("select name from sqlite_schema where type = 'trigger'").fetchall():
            link.execute(f"drop trigger {name}")
        link.execute(
            one.chance.choice(
                (
                    "delete from events where seq = ?",
                    "update events set at = at + 1 where seq = ?",
                    "update events set body = body || ' ' where seq = ?",
                    "update events set hash = 'x' || hash where seq = ?",
                )
            ),
            [seq],
        )


def _newer_schema(one: Trial, window: Path) -> None:
    whole(window / JOURNAL)
    with closing(sqlite3.connect(window / JOURNAL)) as link:
        link.execute(f"pragma user_version = {one.chance.randint(2, 99)}")


def _readings(one: Trial, window: Path) -> None:
    """Readings are no evidence: a damaged file of them must not keep anybody from the window."""
    with (window / READINGS).open("r+b") as stream:
        stream.seek(one.chance.randrange((window / READINGS).stat().st_size))
        stream.write(one.chance.randbytes(one.chance.randint(1, 5000)))


# What was left behind by a death, and must be read in full


def _as_it_was(one: Trial, window: Path) -> None:
    """With the write-ahead log and its index."""


def _without_index(one: Trial, window: Path) -> None:
    (window / f"{JOURNAL}-shm").unlink(missing_ok=True)


def _with_noise(one: Trial, window: Path) -> None:
    with (window / f"{JOURNAL}-wal").open("ab") as stream:
        stream.write(one.chance.randbytes(one.chance.randint(1, 3 * _PAGE)))
    (window / f"{JOURNAL}-shm").unlink(missing_ok=True)


# What loses an end that the disk never had: a power cut in the midst of a write


def _torn_log(one: Trial, window: Path) -> None:
    log = window / f"{JOURNAL}-wal"
    if log.exists():
        os.truncate(log, one.chance.randrange(log.stat().st_size + 1))
    (window / f"{JOURNAL}-shm").unlink(missing_ok=True)


ALL, ALL_OR_REFUSED, PREFIX, REFUSED = "all", "all or refused", "a beginning", "refused"
KINDS_OF_DAMAGE: dict[str, tuple[Callable[[Trial, Path], None], str]] = {
    "flipped bits": (_flip, ALL_OR_REFUSED),
    "page overwritten": (_blank, ALL_OR_REFUSED),
    "file cut": (_cut, ALL_OR_REFUSED),
    "event rewritten": (_rewrite, REFUSED),
    "newer schema": (_newer_schema, REFUSED),
    "readings damaged": (_readings, ALL),
    "log left behind": (_as_it_was, ALL),
    "log without index": (_without_index, ALL),
    "log with noise": (_with_noise, ALL),
    "log torn": (_torn_log, PREFIX),
}


def _open(one: Trial, kind: str, number: int) -> None:
    """A console takes the copy up: it has what it must have, or says why not."""
    harm, expected = KINDS_OF_DAMAGE[kind]
    window = one.copy(number)
    harm(one, window)
    refused = ""
    kept: list[Recorded] = []
    try:
        hand = take_up(one.settings(window), window)
        try:
            hand.session.view.refresh(time.time())
            kept = hand.session.view.journal.after(0)[: hand.session.before.seq]
        finally:
            hand.session.close()
    except _ERRORS as error:
        refused = str(error)
        examination.sentence(refused, one.found)
    except Exception as error:
        one.found("tracebacks", f"{kind}: {type(error).__name__}: {error}")
        return
    if refused and expected in (ALL, PREFIX):
        one.found("lost", f"{kind}: the window cannot be opened: {refused}")
    elif not refused and expected == REFUSED:
        one.found("torn", f"{kind}: opened as if nothing were")
    elif not refused and kept != one.events[: len(kept) if expected == PREFIX else None]:
        one.found("lost", f"{kind}: {len(kept)} of {len(one.events)} events are there, or others")
    one.figures.trials += 1
    one.figures.blows[f"{kind}{': refused' if refused else ''}"] += 1
    if number % 10 == 0:
        _ask(one, kind, window)
    # Something may still be looking at it, in the background.
    shutil.rmtree(window.parent.parent, ignore_errors=True)


def _ask(one: Trial, kind: str, window: Path) -> None:
    """The command line looks at the copy."""
    evidence = Evidence(one.settings(window), one.place.practice.root.parent)
    for command in ("status", "windows"):
        done = evidence.drawbridge(command)
        if "Traceback" in done.stdout + done.stderr or done.returncode not in (0, 1):
            one.found("tracebacks", f"{kind}: {command} ended with {done.returncode}: {done.stderr[-600:]}")
        if not (done.stdout + done.stderr).strip():
            one.found("torn", f"{kind}: {command} says nothing")


def trial(seed: int, copies: int = COPIES) -> Figures:
    """One window whose console was killed in its midst, and damage to so many copies of it."""
    figures = Figures(NAME, seeds=[seed])
    chance = Random(seed)
    with ground() as place, figures.timed():
        hand = headless.begin(place.config, place.releases)
        window = hand.session.directory
        hand.session.leave()
        account = place.practice.root / "ledger"
        program = [sys.executable, "-m", "tests.torture.driver"]
        with subprocess.Popen(
            [*program, str(place.config), str(window), str(account), "up"], cwd=ROOT, stdin=subprocess.DEVNULL
        ) as driver:
            assert comes((window / READINGS).exists, 20), "the watch does not come up"
            time.sleep(chance.uniform(0.2, 4))  # not a wait: the moment of its death
            driver.kill()
        lines, _ = ledger.read(account)
        # Its files first: whoever opens them may tidy them up.
        one = Trial(place, seed, figures, chance, place.practice.root / "dead" / window.name, [])
        # Not what others still write: a run goes on, and the watch takes its letters.
        shutil.copytree(window, one.window, ignore=shutil.ignore_patterns(RUNS, MAIL))
        end(window)
        one.events = examination.journal(one.window, one.found)
        examination.acknowledged(one.events, lines, one.found)
        kinds = list(KINDS_OF_DAMAGE)
        for number in range(copies):
            _open(one, kinds[number % len(kinds)], number)
    return figures


def inflict(first_seed: int, trials: int, workers: int = 2) -> Figures:
    """So many damaged copies."""
    return until_enough(NAME, trial, first_seed, trials, workers)
