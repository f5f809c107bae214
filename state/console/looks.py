"""The looks that take seconds, on daemon threads: backups, checks before a restore, other windows."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from state.console import outcomes, restore_checks
from state.console.history import History, of_environment
from state.events import Event
from state.host.background import Background
from state.intents import Check
from state.readings import Observed
from state.runbook import StepKind
from state.settings import Settings
from state.window import StepState, Window

Clock = Callable[[], float]


class Looks:
    """Looks at what a window waits for; what was found is handed over in a later `settle`.

    A look changes nothing, and one that was lost with its console is taken again by the next.
    """

    def __init__(self, directory: Path, settings: Settings, background: Background, clock: Clock) -> None:
        """`directory` is the window's; `clock` gives seconds since the epoch."""
        self._directory = directory
        self._settings = settings
        self._background = background
        self._clock = clock

    def take(self, window: Window, then: Callable[[Event | Exception], None]) -> None:
        """Begins every look that the window waits for and that is not at work already."""
        now = self._clock()
        for step in window.direction:
            waits = window.record(step.id).state is StepState.BEGUN
            if step.kind is StepKind.EXAMINE and waits:
                look = self._earlier_drill if step.only_after_rollback else self._newest_backup
                self._background.run(step.id, partial(look, window, step.id, now), then)
        if (due := outcomes.backup_to_examine(window)) is not None:
            path = Path(due.variables["BACKUP_PATH"])
            job = partial(outcomes.of_backup, due.step, due.id, path, due.requested_at, now)
            self._background.run(f"backup {due.id}", job, then)

    def _newest_backup(self, window: Window, step: str, now: float) -> Event:
        where, stale = self._settings.make.backup_directory, window.policy.backup_stale_after
        return outcomes.of_newest_backup(step, where, stale, now)

    def _earlier_drill(self, window: Window, step: str, now: float) -> Event:
        return outcomes.of_earlier_drill(step, self._history(window))

    def _history(self, window: Window) -> History:
        return of_environment(self._directory.parent.parent, window.environment)

    def learn(self, window: Window, then: Callable[[History | Exception], None]) -> None:
        """What the other windows of this environment say; reads all their journals."""
        self._background.run("history", partial(self._history, window), then)

    def check_restore(
        self, window: Window, observed: Observed, then: Callable[[tuple[Check, ...] | Exception], None]
    ) -> bool:
        """Makes the checks before a restore. False where there is nothing to restore, or they are at work."""
        backup = window.backup
        if backup is None:
            return False

        def make() -> tuple[Check, ...]:
            return restore_checks.make(backup, self._settings, window.policy, observed, self._clock())

        return self._background.run("checks", make, then)
