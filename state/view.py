"""A window as anybody may see it: its journal folded, its readings judged. Writes nothing."""

import math
from pathlib import Path

from state.fold import fold
from state.journal.directory import JOURNAL, READINGS
from state.journal.events import JournalReader
from state.journal.readings import ReadingsReader
from state.judgement.baseline import warnings
from state.judgement.verdicts import Verdicts, judge
from state.readings import Ask, Observed
from state.window import Window


class View:
    """One window directory, read again whenever `refresh` is called."""

    def __init__(self, directory: Path) -> None:
        """Opens the files read-only; raises JournalError or ReadingsError with a sentence."""
        self.directory = directory
        self.journal = JournalReader(directory / JOURNAL)
        self.readings = ReadingsReader(directory / READINGS)
        self.window: Window = fold(self.journal.after(0))
        self.observed: Observed = Observed()
        self._judged: tuple[int, int, int] | None = None
        self._verdicts: Verdicts | None = None

    def refresh(self, now: float) -> bool:
        """Takes in new events and readings; whether anything may look different now.

        Verdicts depend on the time as well: they are made anew at most once a second.
        """
        self.window = fold(self.journal.after(self.window.seq), self.window)
        self.observed = self.readings.look(now)
        judged = (self.window.seq, id(self.observed), math.floor(now))
        if judged == self._judged:
            return False
        self._judged = judged
        self._verdicts = verdicts(self.window, self.observed, now)
        return True

    @property
    def verdicts(self) -> Verdicts:
        """What judgement says of what was last taken in; `refresh` comes first."""
        if self._verdicts is None:
            raise RuntimeError("refresh comes before verdicts")
        return self._verdicts

    def baseline_warnings(self, now: float) -> tuple[str, ...]:
        """What speaks against the baseline as a measure, in words; empty without one."""
        snapshot = self.window.baseline
        if snapshot is None:
            return ()
        base = self.window.policy.replicas[0]
        whoami = self.observed.latest.get((Ask.WHOAMI, base))
        subject = str((whoami.values or {}).get("subject", "")) if whoami else ""
        return warnings(snapshot, subject, base, self.window.policy, now)

    def close(self) -> None:
        """Lets go of the files."""
        self.journal.close()
        self.readings.close()


def verdicts(window: Window, observed: Observed, now: float) -> Verdicts:
    """Judgement on a window's readings, with what the window knows of plans and baseline."""
    return judge(
        observed,
        policy=window.policy,
        opened_at=window.opened_at,
        since=window.changed_at,
        planned=window.planned,
        baseline=window.baseline,
        compared=window.compared is not None,
        now=window.closed_at or now,
    )
