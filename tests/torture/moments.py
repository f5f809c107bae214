"""When a blow falls: anywhere in a stage, right after an acknowledgement, or in the midst of a run."""

import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from state.host.locks import is_held
from state.journal.directory import RUNS

#: Seconds after which a moment that does not come is let go.
_LONGEST = 8.0
#: A stage of which nothing is known yet is taken to last so long, in seconds.
_UNKNOWN = 1.0


class Moments:
    """Waits for the moments of one window; `ended` says when there is nobody left to wait for."""

    def __init__(self, chance: Random, window: Path, account: Path, ended: Callable[[], bool]) -> None:
        self._chance = chance
        self._window = window
        self._account = account
        self._ended = ended
        #: Seconds from the start of a console, or from the last acknowledgement, to the next one.
        self._stage = _UNKNOWN

    def anywhere(self) -> bool:
        """Uniformly over the stage as long as it was last measured, and half as long again."""
        self._pass(self._chance.uniform(0, 1.5 * self._stage))
        return not self._ended()

    def acknowledged(self) -> bool:
        """At once when the next acknowledgement stands in the ledger."""
        began, size = time.monotonic(), self._size()
        if not self._until(lambda: self._size() > size):
            return False
        self._stage = max(0.05, 0.5 * self._stage + 0.5 * (time.monotonic() - began))
        return True

    def running(self) -> bool:
        """While a run goes on, anywhere in it."""
        if not self._until(self._runs):
            return False
        self._pass(self._chance.uniform(0, 0.5))
        return not self._ended()

    def requested(self) -> bool:
        """Between the request of a run and its start, or a few milliseconds after."""
        before = self._directories()
        if not self._until(lambda: self._directories() > before):
            return False
        self._pass(self._chance.choice((0.0, self._chance.uniform(0, 0.012))))
        return True

    def any_of(self) -> tuple[str, Callable[[], bool]]:
        """One of them by chance, with its name."""
        kinds = (self.anywhere, self.acknowledged, self.running, self.requested)
        (chosen,) = self._chance.choices(kinds, weights=(5, 2, 2, 1))
        return chosen.__name__, chosen

    def _until(self, true: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + _LONGEST
        while not true():
            if self._ended() or time.monotonic() > deadline:
                return False
            time.sleep(0.0005)
        return True

    def _pass(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self._ended():
            time.sleep(min(left, 0.02))

    def _size(self) -> int:
        return self._account.stat().st_size if self._account.exists() else 0

    def _directories(self) -> int:
        return sum(1 for _ in (self._window / RUNS).iterdir())

    def _runs(self) -> bool:
        return any(is_held(run / "lock") for run in (self._window / RUNS).iterdir())
