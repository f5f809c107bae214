"""A clock set back and forth under the console: its decisions are kept, its window comes to an end."""

import time
from dataclasses import dataclass
from functools import partial
from random import Random

from state.console.opening import attach, policy_of
from state.console.session import Session
from state.intents import SkipStep
from state.runbook import Step, StepKind
from state.settings import load
from state.window import ACTIVE
from tests.pty import headless
from tests.pty.headless import KIM, Headless

from . import examination
from .by_the_book import Book
from .figures import Figures
from .ground import ground
from .parallel import until_enough

NAME = "clock"
_HOUR = 3600.0
_LEAPS = (0.0, 0.0, 5.0, -5.0, _HOUR, -_HOUR, 26 * _HOUR, -26 * _HOUR, 400 * 24 * _HOUR)
#: Seconds after which an operator no longer waits for what the clock has made impossible.
_PATIENCE = 8.0


@dataclass(slots=True)
class Clock:
    """Seconds since the epoch, as a host says that somebody sets right and wrong again."""

    chance: Random
    offset: float = 0.0
    leaps: int = 0

    def __call__(self) -> float:
        return time.time() + self.offset

    def leap(self) -> None:
        """Somebody sets it."""
        self.offset = self.chance.choice(_LEAPS)
        self.leaps += 1

    def is_set_right(self) -> None:
        """Somebody sets it right."""
        self.offset = 0.0


class LeapingBook(Book):
    """Goes by the book while the clock leaps; what it then waits for in vain is begun again, or skipped."""

    def __init__(self, hand: Headless, back: bool, clock: Clock) -> None:
        super().__init__(hand, back)
        self._clock = clock
        self.anew: list[str] = []
        self.skipped: list[str] = []

    def begin(self, step: Step) -> None:
        """With the clock wherever it is; what is to be restored is looked at again once it is right."""
        self._clock.leap()
        if step.id == "restore":
            self.hand.checks()
            self._clock.is_set_right()
        super().begin(step)

    def wait(self, step: Step) -> None:
        """With the clock set right, and not for ever."""
        self._clock.is_set_right()
        if not self._ends(step) and step.kind in (StepKind.SAMPLE, StepKind.PROBE):
            self.anew.append(step.id)
            super().begin(step)
        if not self._ends(step):
            self.skipped.append(step.id)
            self.hand.must(SkipStep(step.id, "the clock was wrong"))

    def _ends(self, step: Step) -> bool:
        try:
            self.hand.until(
                lambda: self.hand.window.record(step.id).state not in ACTIVE, f"{step.id} ends", _PATIENCE
            )
        except AssertionError:
            return False
        return True


def trial(seed: int) -> Figures:
    """One window under a clock that leaps, each console taking it up with the clock as it is then."""
    figures = Figures(NAME, seeds=[seed])
    with ground() as place, figures.timed():
        found = partial(_found, figures, seed)
        hand = headless.begin(place.config, place.releases)
        window = hand.session.directory
        hand.session.leave()
        clock = Clock(Random(seed))
        clock.leap()
        settings = load(place.config)
        session = attach(window, settings, policy_of(settings), KIM, clock)
        assert isinstance(session, Session), session
        book = LeapingBook(Headless(session), seed % 2 == 0, clock)
        try:
            book.go()
        except AssertionError as error:
            found("stuck", str(error))
        finally:
            session.close()
        events = examination.journal(window, found)
        examination.executed(window, events, place.executions(), (), found)
        examination.readings(window, found)
        examination.words((window,), found)
    figures.trials = clock.leaps
    figures.blows["windows"] += 1
    figures.blows.update(f"begun anew {step}" for step in book.anew)
    figures.blows.update(f"skipped {step}" for step in book.skipped)
    return figures


def _found(figures: Figures, seed: int, column: str, words: str) -> None:
    figures.found(column, words, seed)


def inflict(first_seed: int, trials: int, workers: int = 2) -> Figures:
    """So many leaps of the clock."""
    return until_enough(NAME, trial, first_seed, trials, workers)
