"""A disk that is full or read-only: decisions are refused in a sentence, nothing runs that is not on it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from state.events import NoteAdded, RunRequested
from state.intents import AddNote, Refusal
from state.journal.directory import RUNS, DirectoryError
from state.journal.events import JournalError
from state.journal.readings import ReadingsError
from tests.pty import headless
from tests.pty.evidence import Evidence
from tests.pty.headless import Headless

from . import examination, victims
from .figures import Figures
from .ground import Ground, end, ground
from .parallel import until_enough
from .seat import comes
from .small_disk import BreakableDisk, SmallDisk, breakable_disk, cannot, small_disk

NAME = "disk"
#: Times that the disk fills up and is freed in one trial, and what is tried each time.
_ROUNDS, _TRIES = 10, 6
#: Bytes that are left.
_LEFT = (0, 4096, 8192, 16384, 40960, 102400)
_ERRORS = (JournalError, ReadingsError, DirectoryError)


@dataclass(slots=True)
class Trial:
    """One window on a small disk, with everything that its console said was kept."""

    place: Ground
    disk: SmallDisk
    seed: int
    figures: Figures
    hand: Headless
    chance: Random
    kept: list[str] = field(default_factory=list)
    refused: int = 0

    def found(self, column: str, words: str) -> None:
        """What must not happen."""
        self.figures.found(column, words, self.seed)

    def said(self, words: str) -> None:
        """What an operator reads when something was refused."""
        self.refused += 1
        examination.sentence(words, self.found)

    def note(self) -> None:
        """A decision of some length: kept or refused."""
        text = f"{len(self.kept)}:" + "x" * self.chance.randrange(10, 4000)
        answer = self.hand.session.do(AddNote("", text))
        if answer is None:
            self.kept.append(text)
        else:
            self.said(answer.reason)

    def run(self) -> None:
        """A command: on disk and started, or neither."""
        hand = self.hand
        if hand.window.open_run is not None:
            self.tick()
            return
        before = len(hand.events(RunRequested))
        answer = hand.session.start(hand.plan("ci-green"))
        requested = len(hand.events(RunRequested)) - before
        if answer is None and requested != 1:
            self.found("lost", f"a command was started, and the journal has {requested} requests of it")
        if isinstance(answer, Refusal):
            self.said(answer.reason)

    def tick(self) -> None:
        """What is news outside is kept, or said not to be."""
        try:
            self.hand.session.tick()
        except _ERRORS as error:
            self.said(str(error))

    def next_console(self) -> None:
        """The console dies, and the next one comes up or says why not; there is always one in the end."""
        window = self.hand.session.directory
        self.hand.session.close()
        try:
            self.hand = headless.take_up(self.place.config, window)
        except _ERRORS as error:
            self.said(str(error))
            self.disk.clear()
            self.hand = headless.take_up(self.place.config, window)


def _full(one: Trial) -> None:
    """Filled up and freed again and again, at every distance from the last page."""
    watch = victims.watch(one.hand.session.directory)
    for _ in range(_ROUNDS):
        one.disk.leave(one.chance.choice(_LEFT))
        for _ in range(_TRIES):
            one.chance.choices((one.note, one.run, one.tick, one.next_console), weights=(5, 3, 3, 1))[0]()
        one.disk.clear()
        before = one.refused
        one.note()
        if one.refused > before:
            one.found("lost", "there is room again, and still nothing can be decided")
    if one.refused < _ROUNDS:
        raise AssertionError("hardly anything was refused: this shows nothing")
    one.hand.until(lambda: one.hand.window.open_run is None, "the last command ends")
    now = victims.watch(one.hand.session.directory)
    if watch is None or now is None or watch.pid != now.pid:
        one.found("lost", f"the watch did not outlive the full disk: {watch}, {now}")
    began = time.time()
    if not comes(lambda: (one.hand.session.view.readings.last_at() or 0) > began, 10):
        one.found("stuck", "there is room again, and nothing is observed any more")


def _read_only(one: Trial) -> None:
    """The disk takes nothing: no console comes up and says why, and what was left in order can be read."""
    one.note()
    window = one.hand.session.directory
    one.hand.session.leave()
    before = examination.journal(window, one.found)
    end(window)
    one.disk.remount("ro")
    try:
        headless.take_up(one.place.config, window).session.close()
        one.found("torn", "a console came up on a disk that takes nothing")
    except _ERRORS as error:
        one.said(str(error))
    evidence = Evidence(one.place.config, one.place.practice.root.parent)
    for command, status in (("status", 0), ("windows", 0), ("verify", 0), ("doctor", 1)):
        done = evidence.drawbridge(command)
        one.refused += done.returncode != 0
        if done.returncode != status:
            one.found("torn", f"{command}: {done.returncode}, {done.stdout + done.stderr}")
        if "Traceback" in done.stdout + done.stderr:
            one.found("tracebacks", f"{command}: {done.stderr[-600:]}")
        if not (done.stdout + done.stderr).strip():
            one.found("torn", f"{command} says nothing")
    one.disk.remount("rw")
    one.hand = headless.take_up(one.place.config, window)
    if examination.journal(window, one.found)[: len(before)] != before:
        one.found("lost", "the journal is another one after the disk was read-only")
    one.note()


def _breaks(one: Trial) -> None:
    """It breaks under a live console: what looks goes on, decisions are refused, and nothing is lost."""
    disk, window = one.disk, one.hand.session.directory
    assert isinstance(disk, BreakableDisk)
    one.note()
    before = len(one.kept)
    disk.breaks()
    for _ in range(_TRIES):
        one.note()
        one.run()
        one.tick()
    if len(one.kept) > before or one.refused < _TRIES:
        one.found("lost", f"a disk that takes nothing kept {one.kept[before:]}, {one.refused} were refused")
    if (window / RUNS).exists() and any((window / RUNS).iterdir()):
        one.found("doubled", "a command was started that no disk knows")
    observation = one.hand.session.observation
    if not comes(lambda: one.tick() is None and "(Read-only file system)" in observation.problem, 30):
        one.found("stuck", "nothing says that the watch keeps nothing any more")
    for command in ("status", "windows", "verify"):
        done = Evidence(one.place.config, one.place.practice.root.parent).drawbridge(command)
        if "Traceback" in done.stdout + done.stderr:
            one.found("tracebacks", f"{command}: {done.stderr[-600:]}")
    one.hand.session.close()
    end(window)
    disk.mend()
    one.hand = headless.take_up(one.place.config, window)
    one.note()


KINDS: dict[str, Callable[[Trial], None]] = {"full": _full, "read-only": _read_only, "breaks": _breaks}
#: Filling up has the most ways to go wrong.
_TURNS = ("full", "full", "breaks", "read-only")


def trial(seed: int) -> Figures:
    """One window on a small disk."""
    kind = _TURNS[seed % len(_TURNS)]
    mounted = breakable_disk if kind == "breaks" else small_disk
    figures = Figures(NAME, seeds=[seed], trials=1)
    with ground() as place, mounted(place.practice.state) as disk, figures.timed():
        hand = headless.begin(place.config, place.releases)
        one = Trial(place, disk, seed, figures, hand, Random(seed))
        window = hand.session.directory
        try:
            hand.attest("window-approved")
            hand.look("backup-available")
            hand.until(lambda: hand.session.view.readings.last_at(), "the watch observes")
            KINDS[kind](one)
            _look(one)
        finally:
            one.hand.session.close()
            disk.clear()
            end(window)
    figures.blows[kind] += 1
    figures.blows["refused"] += one.refused
    figures.blows["kept"] += len(one.kept)
    return figures


def _look(one: Trial) -> None:
    window = one.hand.session.directory
    events = examination.journal(window, one.found)
    notes = [event.event.text for event in events if isinstance(event.event, NoteAdded)]
    if notes != one.kept:
        one.found("lost", f"{len(one.kept)} decisions were kept, and the journal has {len(notes)}")
    examination.executed(window, events, one.place.executions(), (), one.found)
    examination.readings(window, one.found)
    examination.secrets((window,), one.place.token, one.found)
    examination.words((window,), one.found)


def inflict(first_seed: int, trials: int, workers: int = 2) -> Figures:
    """So many windows on small disks; none where no disk can be mounted."""
    if reason := cannot():
        return Figures(NAME, skipped=reason)
    return until_enough(NAME, trial, first_seed, trials, workers)
