"""Runs that are stopped, that ask for input, or that a reboot cuts: each end is known."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from state.console.outcomes import STOP_GRACE
from state.deployment import runs
from state.events import Event, RunEnded, RunLost, RunRequested, RunSignalled
from state.intents import StopRun
from state.journal.directory import JOURNAL
from state.journal.events import JournalWriter
from state.window import ACTIVE
from tests.pty import headless
from tests.pty.headless import KIM, Headless

from . import examination
from .figures import Figures
from .ground import Ground, ground
from .parallel import until_enough
from .seat import comes

#: Each with children of its own. What a shell has sent to the background is deaf to INT: it stays.
_TARGETS = """
.PHONY: obeys leaves leaves-deaf deaf-to-int deaf asks
obeys:
	@echo begun; sleep 600 | sleep 600
leaves:
	@echo begun; sleep 600 & sleep 600
leaves-deaf:
	@echo begun; (trap '' TERM; while :; do sleep 0.2; done) & sleep 600
deaf-to-int:
	@trap '' INT; echo begun; sleep 600 & while :; do sleep 0.2; done
deaf:
	@trap '' INT TERM; echo begun; sleep 600 & while :; do sleep 0.2; done
asks:
	@echo begun; printf 'Really? '; read answer; echo "heard: $$answer"; [ -n "$$answer" ]
"""
#: Seconds beyond its grace after which a signal is late.
_LATE = 5.0


@dataclass(slots=True)
class Trial:
    """One run of a target that does not come to its end by itself."""

    place: Ground
    seed: int
    figures: Figures
    hand: Headless
    run: int = 0

    def found(self, column: str, words: str) -> None:
        """What must not happen."""
        self.figures.found(column, words, self.seed)

    @property
    def directory(self) -> Path:
        """That of the run."""
        return self.hand.session.run_directory(self.run)

    def start(self, target: str) -> None:
        """Starts the target, and waits until it says something."""
        config = self.place.config
        config.write_text(config.read_text().replace('"ci-status"', json.dumps(target)))
        window = self.hand.session.directory
        self.hand.session.leave()
        self.hand = headless.take_up(config, window)
        assert (refusal := self.hand.session.start(self.hand.plan("ci-green"))) is None, refusal
        self.run = self.hand.window.record("ci-green").run
        assert comes(lambda: "begun" in runs.log_tail(self.directory, 9), 20), "the target says nothing"

    def end(self) -> Event:
        """The end that the journal tells; nothing of the run lives any more."""
        longest = 3 * (STOP_GRACE + _LATE)
        hand = self.hand
        hand.until(
            lambda: hand.window.record("ci-green").state not in ACTIVE, "the run has no end", seconds=longest
        )
        ends = [e for e in (*hand.events(RunEnded), *hand.events(RunLost)) if e.run == self.run]
        if len(ends) != 1:
            self.found("doubled" if ends else "lost", f"the run has {len(ends)} ends")
        left = isinstance(ends[0], RunEnded) and ends[0].left_running
        if not comes(lambda: runs.is_gone(self.directory) is not left, 5):
            self.found("stuck", f"of the run's group {'nothing' if left else 'something'} lives on: {ends}")
        return ends[0]

    def signalled(self, *expected: str) -> None:
        """These signals stand in the journal, each when the one before had had its grace."""
        sent = self.hand.window.runs[self.run].signals
        if tuple(name for _, name in sent) != expected:
            self.found("lost", f"{expected} were due, and the journal has {sent}")
        for (before, _), (after, name) in pairwise(sent):
            if not STOP_GRACE <= after - before <= STOP_GRACE + _LATE:
                self.found("stuck", f"{name} came {after - before:.1f} s after the signal before it")

    def next_console(self) -> None:
        """The console dies without a word, and the next one takes the window up."""
        self.hand.session.close()
        self.hand = headless.take_up(self.place.config, self.hand.session.directory)


def _stop(target: str, signals: tuple[str, ...], kind: type[RunEnded | RunLost], trial: Trial) -> None:
    trial.start(target)
    trial.hand.must(StopRun(trial.run))
    end = trial.end()
    trial.signalled(*signals)
    if not isinstance(end, kind):
        trial.found("torn", f"{target} was sent {signals}, and the journal says {end}")
    if isinstance(end, RunEnded) and end.exit_code == 0:
        trial.found("torn", f"{target} was stopped, and called done")
    if isinstance(end, RunEnded) and end.left_running:
        trial.found("stuck", f"{target} was stopped, and something that it started was let live")


def _stop_and_die(trial: Trial) -> None:
    """The console dies between two signals: the next one goes on with what is due."""
    trial.start("deaf")
    trial.hand.must(StopRun(trial.run))
    trial.next_console()
    if not isinstance(end := trial.end(), RunLost):
        trial.found("torn", f"it was killed, and the journal says {end}")
    trial.signalled("INT", "TERM", "KILL")


def _die_before_the_signal(trial: Trial) -> None:
    """The console dies when the stop is on disk and the signal is not sent yet."""
    trial.start("obeys")
    trial.hand.session.close()
    last = JournalWriter(trial.hand.session.directory / JOURNAL, KIM, time.time())
    last.append([RunSignalled(trial.run, "INT")], time.time())
    last.close()
    trial.next_console()
    end = trial.end()
    trial.signalled("INT", "TERM")
    if not isinstance(end, RunEnded) or end.exit_code == 0:
        trial.found("torn", f"it was sent TERM, and the journal says {end}")


def _ask(trial: Trial) -> None:
    """Nobody answers a target: it fails at once."""
    began = time.monotonic()
    trial.start("asks")
    end = trial.end()
    if not isinstance(end, RunEnded) or end.exit_code == 0:
        trial.found("torn", f"a target asked for input, and the journal says {end}")
    if time.monotonic() - began > 5:
        trial.found("stuck", "a target that asked for input hung")


def _reboot(trial: Trial) -> None:
    """Everything dies at once, and the host comes back with another boot id."""
    trial.start("obeys")
    trial.hand.session.close()
    runs.send_signal(trial.directory, "KILL")
    about = json.loads((trial.directory / "command.json").read_text())
    (trial.directory / "command.json").write_text(json.dumps({**about, "boot": "another"}))
    trial.next_console()
    if not isinstance(end := trial.end(), RunLost) or "rebooted" not in end.reason:
        trial.found("lost", f"the host was rebooted, and the journal says {end}")
    if trial.hand.window.open_run is not None:
        trial.found("doubled", "the next console ran it again by itself")


KINDS: dict[str, Callable[[Trial], None]] = {
    "asks for input": _ask,
    "reboot": _reboot,
    "stopped with INT": partial(_stop, "obeys", ("INT",), RunEnded),
    "stopped, and a child stays": partial(_stop, "leaves", ("INT", "TERM"), RunEnded),
    "stopped, and a deaf child stays": partial(_stop, "leaves-deaf", ("INT", "TERM", "KILL"), RunEnded),
    "stop journalled, console dead": _die_before_the_signal,
    "stopped with TERM": partial(_stop, "deaf-to-int", ("INT", "TERM"), RunEnded),
    "stopped with KILL": partial(_stop, "deaf", ("INT", "TERM", "KILL"), RunLost),
    "console dead between signals": _stop_and_die,
}


def trial(seed: int) -> Figures:
    """One run that is ended; the kinds by turns."""
    kind = list(KINDS)[seed % len(KINDS)]
    figures = Figures("runs", seeds=[seed], trials=1)
    with ground() as place, figures.timed():
        makefile = place.practice.root / "site" / "Makefile"
        makefile.write_text(makefile.read_text() + _TARGETS)
        one = Trial(place, seed, figures, headless.begin(place.config, place.releases))
        one.hand.attest("window-approved")
        one.hand.look("backup-available")
        try:
            KINDS[kind](one)
            requested = len(one.hand.events(RunRequested))
            if requested != 1:
                one.found("doubled", f"{requested} runs were requested")
            examination.secrets((one.hand.session.directory,), place.token, one.found)
            examination.words((one.hand.session.directory,), one.found)
        finally:
            one.hand.session.close()
    figures.blows[kind] += 1
    return figures


def inflict(first_seed: int, trials: int, workers: int = 4) -> Figures:
    """So many runs that are ended."""
    return until_enough("runs", trial, first_seed, trials, workers)
