"""Ends of a console and of its terminal, while a command runs: both go on, and the terminal is left sane."""

import os
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from random import Random

from state.events import RunRequested
from state.host.locks import is_held
from state.journal.directory import READINGS, WATCH_LOCK
from state.journal.readings import ReadingsReader
from state.readings import Ask
from tests.pty import headless
from tests.pty.evidence import DRAWBRIDGE, environment
from tests.pty.terminal import Terminal

from . import examination
from .figures import Figures
from .ground import Ground, ground
from .parallel import until_enough
from .seat import PATIENCE, Seat, comes, processor_seconds, seat

#: Polls every second at this pace; a gap is a silence of more than three.
PACE, EVERY, GAP = 0.5, 1.0, 3.0
#: ctrl+l
DRAW_ANEW = b"\x0c"
#: Share of a core above which a console spins that has nothing to do.
_SPINS = 0.2
#: Seconds in which a console ends that was told to, and in which one answers a key.
_ENDING, _ANSWERING = 8.0, 15.0


@dataclass(slots=True)
class Trial:
    """One console, with a command running under it."""

    place: Ground
    seed: int
    stall: float
    figures: Figures
    window: Path

    def found(self, column: str, words: str) -> None:
        """What must not happen."""
        self.figures.found(column, words, self.seed)

    def sit_down(self, taken: Seat) -> None:
        """The console, with its resume card read and closed."""
        if not taken.shows("Resumed"):
            self.found("stuck", f"the console does not come up:\n{taken.screen()}")
        taken.type(b"\r")
        if not taken.hides("Resumed"):
            self.found("stuck", f"the console takes no keys:\n{taken.screen()}")

    def told(self, taken: Seat, status: int) -> None:
        """It ends in time, with its status, and gives the terminal back."""
        ended = taken.ends(_ENDING)
        if ended is None:
            self.found("stuck", f"the console goes on {_ENDING:g} s after it should have ended")
        elif ended != status:
            self.found("stuck", f"the console ended with {ended} instead of {status}")
        if not taken.modes_now():
            self.found("torn", "the modes of the terminal are not what they were")

    def answers(self, taken: Seat) -> None:
        """It draws what a key asks for."""
        taken.type(b"?")
        if not taken.shows("escape closes", _ANSWERING):
            self.found("stuck", f"the console does not recover:\n{taken.screen()}")

    def fill(self, taken: Seat) -> None:
        """Nobody reads, and keys make the console draw until nothing more goes into the terminal."""
        taken.stop_reading()
        if not comes(lambda: taken.type_where_it_fits(DRAW_ANEW) or taken.is_full(), PATIENCE):
            raise AssertionError("the terminal's buffer never filled: this shows nothing")

    def rest(self, taken: Seat) -> None:
        """Lets the time of a stall pass; the console must not keep a core busy."""
        before, began = processor_seconds(taken.process.pid), time.monotonic()
        time.sleep(self.stall)
        share = (processor_seconds(taken.process.pid) - before) / (time.monotonic() - began)
        if share > _SPINS:
            self.found("stuck", f"the console kept {share:.0%} of a core busy")


def _hang_up(trial: Trial, taken: Seat) -> None:
    taken.hang_up()
    trial.told(taken, 128 + signal.SIGHUP)


def _signal(number: int, trial: Trial, taken: Seat) -> None:
    taken.process.send_signal(number)
    trial.told(taken, 128 + number)


def _stall(trial: Trial, taken: Seat) -> None:
    """Nobody reads for a while, and then somebody does."""
    trial.fill(taken)
    trial.rest(taken)
    taken.go_on_reading()
    trial.answers(taken)
    _signal(signal.SIGTERM, trial, taken)


def _stall_for_good(trial: Trial, taken: Seat) -> None:
    """Nobody ever reads again, and the console is told to end."""
    trial.fill(taken)
    trial.rest(taken)
    _signal(signal.SIGTERM, trial, taken)


def _freeze(trial: Trial, taken: Seat) -> None:
    """The console stands still for a while, and is let go on."""
    taken.process.send_signal(signal.SIGSTOP)
    trial.rest(taken)
    # A shell has had the terminal meanwhile, and drawn over all of it.
    taken.wipe()
    taken.process.send_signal(signal.SIGCONT)
    if not taken.shows("Preconditions", _ANSWERING):
        trial.found("stuck", f"the console does not draw its screen anew:\n{taken.screen()}")
    trial.answers(taken)
    _signal(signal.SIGTERM, trial, taken)


def _freeze_and_hang_up(trial: Trial, taken: Seat) -> None:
    """The terminal is closed while the console stands still."""
    taken.process.send_signal(signal.SIGSTOP)
    trial.rest(taken)
    taken.hang_up()
    taken.process.send_signal(signal.SIGCONT)
    trial.told(taken, 128 + signal.SIGHUP)


ON_A_TERMINAL: dict[str, Callable[[Trial, Seat], None]] = {
    "terminal closed": _hang_up,
    "SIGTERM": partial(_signal, signal.SIGTERM),
    "terminal stalled": _stall,
    "console frozen": _freeze,
    "SIGHUP": partial(_signal, signal.SIGHUP),
    "stalled, then SIGTERM": _stall_for_good,
    "frozen, then closed": _freeze_and_hang_up,
}
KILL_SERVER = "tmux kill-server"
KINDS = (KILL_SERVER, *ON_A_TERMINAL)


def trial(seed: int, stall: float, kinds: tuple[str, ...] = KINDS) -> Figures:
    """One end of one console; `stall` is how long (seconds) nobody reads, or the console stands still."""
    kind = kinds[seed % len(kinds)]
    figures = Figures("ends", seeds=[seed], trials=1)
    with ground(PACE) as place, figures.timed():
        hand = headless.begin(place.config, place.releases)
        one = Trial(place, seed, stall, figures, hand.session.directory)
        hand.attest("window-approved")
        hand.look("backup-available")
        hand.attest("ci-green", "rollback-owner")
        # A backup that takes as long as the stall, and longer than the console takes to come up.
        headless.hurry(place.practice, max(4.0, stall / 3))
        assert (refusal := hand.session.start(hand.plan("backup"))) is None, refusal
        hand.until(lambda: is_held(one.window / WATCH_LOCK) and (one.window / READINGS).exists(), "a watch")
        hand.session.leave()
        began = time.monotonic()
        _end_console(one, kind)
        time.sleep(Random(seed).uniform(0, 1))
        _look_at_readings(one, began, time.monotonic())
        _finish(one)
    figures.blows[kind] += 1
    return figures


def _end_console(one: Trial, kind: str) -> None:
    home = one.place.practice.root.parent
    if kind == KILL_SERVER:
        _kill_server(one, home)
        return
    with seat(one.place.config, home) as taken:
        one.sit_down(taken)
        ON_A_TERMINAL[kind](one, taken)
        if one.place.token.encode() in taken.seen:
            one.found("leaked", "the admin token went to the terminal")
        if b"Traceback" in taken.seen:
            one.found("tracebacks", taken.seen[-2000:].decode(errors="replace"))


def _kill_server(one: Trial, home: Path) -> None:
    terminal = Terminal(environment(home), directory=home)
    try:
        terminal.start(*DRAWBRIDGE, "--config", str(one.place.config))
        terminal.wait_for("─ Resumed ─")
        handle = os.pidfd_open(terminal.pid)
        said = terminal.screen()
    finally:
        terminal.close()
    if "Traceback" in said:
        one.found("tracebacks", said)
    if not comes(lambda: _has_ended(handle), _ENDING):
        one.found("stuck", "the console outlives its tmux")
    os.close(handle)


def _has_ended(handle: int) -> bool:
    try:
        signal.pidfd_send_signal(handle, 0)
    except ProcessLookupError:
        return True
    return False


def _look_at_readings(one: Trial, began: float, ended: float) -> None:
    """The watch went on, and no replica was left alone for more than three intervals."""
    if not is_held(one.window / WATCH_LOCK):
        one.found("lost", "the watch is gone")
    with closing(ReadingsReader(one.window / READINGS)) as reader:
        recent = reader.look(time.time()).ready_recent
    replicas = {reading.replica for reading in recent}
    if len(replicas) != 2:
        one.found("lost", f"readings of {len(replicas)} replicas")
    for replica in replicas:
        at = [r.monotonic for r in recent if r.replica == replica and r.ask is Ask.READY]
        at = [began, *(moment for moment in at if began < moment < ended), ended]
        longest = max(after - before for before, after in pairwise(at))
        if longest > GAP * EVERY:
            one.found("lost", f"no readings of {replica} for {longest:.1f} s")


def _finish(one: Trial) -> None:
    """The command went on to its end, and the next console knows it."""
    hand = headless.take_up(one.place.config, one.window)
    try:
        headless.hurry(one.place.practice, headless.PACE)
        hand.settle("backup", seconds=one.stall + 60)
    finally:
        hand.session.close()
    examination.sealed(one.place.config, one.window, one.found)
    events = examination.journal(one.window, one.found)
    runs = sum(isinstance(event.event, RunRequested) for event in events)
    if runs != 1:
        one.found("doubled", f"{runs} runs were requested")
    examination.executed(one.window, events, one.place.executions(), (), one.found)
    examination.verified(one.window, one.found)
    examination.secrets((one.window,), one.place.token, one.found)
    examination.words((one.window,), one.found)


def inflict(first_seed: int, trials: int, stall: float = 60.0, workers: int = 4) -> Figures:
    """So many ends, each kind by turns; those of tmux only where there is one."""
    kinds = KINDS if shutil.which("tmux") else tuple(ON_A_TERMINAL)
    return until_enough("ends", partial(trial, stall=stall, kinds=kinds), first_seed, trials, workers)
