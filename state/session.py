"""One console on one window: intents go in, the journal is written, and only then anything happens."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, TypeVar

from state import outcomes, plans
from state.background import Background
from state.deployment import runs
from state.events import (
    Actor,
    BackupExamined,
    ConsoleAttached,
    ConsoleLeft,
    Event,
    PolicyTaken,
    RunNotStarted,
    RunSignalled,
    RunStarted,
)
from state.fold import fold
from state.intents import Declare, Intent, OpenWindow, Refusal, StartRun, TakeSamples
from state.interruption import Interruption, describe
from state.journal import directory as places
from state.journal.events import JournalError, JournalWriter
from state.observation import Observation
from state.plans import RunPlan
from state.policy import Policy
from state.rules import admits, decide
from state.runbook import Step
from state.settings import Settings
from state.text import printable, redact
from state.view import View
from state.window import Window

Clock = Callable[[], float]
Wanted = TypeVar("Wanted", bound=Intent | OpenWindow)


class Session:
    """The driver of one window. All calls come from one thread; `tick` is called a few times a second."""

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        policy: Policy,
        actor: Actor,
        drive: places.Drive,
        clock: Clock = time.time,
    ) -> None:
        """Attaches to a window that exists already; raises JournalError or ReadingsError."""
        self.directory = directory
        self.settings = settings
        self.actor = actor
        self._clock = clock
        self._drive = drive
        self.view = View(directory)
        if problem := self.view.journal.problem():
            raise JournalError(f"{problem} Nothing was opened. Keep a copy of the window's directory.")
        self.view.refresh(clock())
        self.before = self.view.window
        self._journal = JournalWriter(directory / places.JOURNAL, actor, clock())
        self._background = Background()
        self.observation = Observation(directory, settings, self._background)
        self._append([ConsoleAttached(os.getpid())])
        if self.window.policy != policy:
            self._append([PolicyTaken(policy.as_json())])

    @property
    def window(self) -> Window:
        """Where the window stands now."""
        return self.view.window

    def do(self, intent: Intent) -> Refusal | None:
        """Decides on the current window and journals what follows; None when it was done.

        What cannot be journalled is refused: no journal, no action.
        """
        decision = decide(self.window, cleaned(intent), self._clock())
        if isinstance(decision, Refusal):
            return decision
        try:
            self._append(decision)
        except JournalError as error:
            return Refusal(str(error))
        if self.window.outcome:
            self.observation.end("the window is closed")
        return None

    def plan(self, step: Step) -> RunPlan | None:
        """The command of a step as it would be run now; None where the operator attests instead."""
        return plans.plan(self.settings, self.window, step, self._clock())

    def start(self, plan: RunPlan) -> Refusal | None:
        """Journals the run, then starts it: what is not on disk is never started."""
        if (missing := plans.missing_target(plan)) is not None:
            return missing
        refusal = self.do(StartRun(plan.step.id, plan.argv, str(plan.directory), plan.shown))
        if refusal is not None:
            return refusal
        run = self.window.seq
        try:
            runs.start(self.run_directory(run), plan.argv, plan.directory, plan.variables)
        except runs.RunError as error:
            self._tell(RunNotStarted(run, str(error)))
            return Refusal(str(error))
        self._tell(RunStarted(run))
        return None

    def _tell(self, fact: Event) -> None:
        # Where the disk fills up just now, the run's directory tells the next tick the same.
        with suppress(JournalError):
            self._append([fact])

    def run_directory(self, run: int) -> Path:
        """Where a run keeps its log, lock and exit status."""
        return self.directory / places.RUNS / str(run)

    def take_samples(self, step: Step, wanted: int | None = None) -> Refusal | None:
        """Begins a series of ops summaries; `wanted` defaults to the policy's number."""
        return self.do(TakeSamples(step.id, wanted or self.window.policy.samples))

    def declare(self, outcome: str, reason: str, reasons: Mapping[str, str]) -> Refusal | None:
        """Declares with the gates as judged now; `reasons` by gate id for those that do not pass."""
        self.view.refresh(self._clock())
        return self.do(Declare(outcome, tuple(self.view.verdicts.gates_as_json()), reasons, reason))

    def examine_newest_backup(self, step: Step) -> None:
        """Looks at the newest backup in the background; what it finds is journalled by a later tick."""
        where, stale = self.settings.make.backup_directory, self.window.policy.backup_stale_after
        now = self._clock()
        self._background.run(
            step.id, lambda: outcomes.of_newest_backup(step.id, where, stale, now), self._examined
        )

    def is_examining(self, step: Step) -> bool:
        """Whether a backup is being looked at for this step."""
        return self._background.is_busy(step.id)

    def tick(self) -> bool:
        """Takes in what happened outside and journals it; whether anything may look different now.

        Raises JournalError where it cannot be kept, TakenOver where another console drives now.
        """
        now = self._clock()
        self._background.settle()
        changed = self.view.refresh(now)
        facts = self._facts(now)
        for together in facts:
            self._record(*together)
        if self.window.is_open:
            self.observation.keep_going(self.window.policy, now)
        return self.view.refresh(now) or changed or bool(facts)

    def _facts(self, now: float) -> Sequence[Sequence[Event]]:
        """What is news outside; facts that belong together are journalled together."""
        window = self.window
        if not window.is_open:
            return ()
        facts: list[Sequence[Event]] = []
        if (run := window.open_run) is not None:
            facts.append(outcomes.of_run(window, run, self.run_directory(run.id), now))
            facts.append(outcomes.next_signal(run, now))
        if (due := outcomes.backup_to_examine(window)) is not None:
            step, run_id, path = due
            self._background.run(step, lambda: outcomes.of_backup(step, run_id, path, now), self._examined)
        facts.append(outcomes.of_sampling(window, self.view.observed, self.view.verdicts))
        facts.append(outcomes.of_health(window, self.view.verdicts))
        return [together for together in facts if together]

    def _examined(self, found: BackupExamined | Exception) -> None:
        if isinstance(found, Exception):
            self.observation.problem = f"The backup could not be examined: {found}"
        else:
            self._record(found)

    def _record(self, *facts: Event) -> None:
        if all(admits(self.window, fact) for fact in facts):
            self._append(facts)

    def _append(self, events: Sequence[Event]) -> None:
        recorded = self._journal.append(events, self._clock())
        self.view.window = fold(recorded, self.view.window)
        for event in events:
            if isinstance(event, RunSignalled):
                runs.send_signal(self.run_directory(event.run), event.signal)

    def interruption(self) -> Interruption:
        """What happened between the console before this one and now; a `tick` comes first."""
        before = self.before
        left_at = before.driver.left_at if before.driver and before.driver.left_at else before.last_at
        # The watch goes on when a console dies, and knows better than the journal since when.
        alone = [at for at, attended in self.view.readings.attendance() if not attended and at > left_at]
        if alone and before.driver and before.driver.left_at is None:
            left_at = alone[-1]
        return describe(before, self.window, self.view.observed, left_at, self._clock())

    def leave(self) -> None:
        """Leaves on purpose: runs and watch go on, and the next console knows that nobody died."""
        try:
            if self.window.is_open:
                self._append([ConsoleLeft()])
        finally:
            self.close()

    def close(self) -> None:
        """Lets go of files and drive without a word in the journal."""
        self._journal.close()
        self.view.close()
        self._drive.release()


def cleaned(intent: Wanted) -> Wanted:
    """What an operator typed, made printable and rid of secrets before it reaches the journal."""
    values: dict[str, Any] = {f.name: _clean(getattr(intent, f.name)) for f in fields(intent)}
    return replace(intent, **values)


def _clean(value: object) -> object:
    if isinstance(value, str):
        return redact(printable(value.strip()))
    if isinstance(value, Mapping):
        return {key: _clean(item) for key, item in value.items()}
    return value
