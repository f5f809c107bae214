"""One console on one window: intents go in, the journal is written, and only then anything happens."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from state import outcomes, plans
from state.background import Background
from state.deployment import runs
from state.events import (
    Actor,
    ConsoleAttached,
    ConsoleLeft,
    Event,
    PolicyTaken,
    PostRequested,
    RollbackBegun,
    RunEnded,
    RunNotStarted,
    RunSignalled,
    RunStarted,
    SamplingBegun,
    StepBegun,
    WindowDeclared,
)
from state.fold import fold
from state.history import History
from state.intents import Check, Declare, Intent, Refusal, StartRun, TakeSamples
from state.interruption import Interruption, describe
from state.journal import directory as places
from state.journal.events import JournalError, JournalWriter
from state.journal.readings import ReadingsError
from state.looks import Looks
from state.observation import Observation
from state.operator_text import cleaned, same_person
from state.plans import RunPlan
from state.policy import Policy
from state.rules import admits, decide
from state.runbook import Step, StepKind
from state.settings import Settings
from state.view import View
from state.window import Window

Clock = Callable[[], float]


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
        self._clock = clock
        self._drive = drive
        self.view = View(directory)
        if problem := self.view.journal.problem():
            raise JournalError(f"{problem} Nothing was opened. Keep a copy of the window's directory.")
        self.view.refresh(clock())
        self.before = self.view.window
        self.actor = same_person(actor, self.before)
        self._journal = JournalWriter(directory / places.JOURNAL, self.actor, clock())
        self._background = Background()
        self.observation = Observation(directory, settings, self._background)
        self._append([ConsoleAttached(os.getpid())])
        self._looks = Looks(directory, settings, self._background, clock)
        self._looks.learn(self.window, self._learned)
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
        decision = decide(self.window, cleaned(intent), self._clock(), self._journal.epoch)
        if isinstance(decision, Refusal):
            return decision
        try:
            self._append(decision)
        except JournalError as error:
            return Refusal(str(error))
        return None

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    def plan(self, step: Step) -> RunPlan | None:
        """The command of a step as it would be run now; None where the operator attests instead."""
        return plans.plan(self.settings, self.window, self.directory, step, self._clock())

    def start(
        self,
        plan: RunPlan,
        phrase: str = "",
        checks: tuple[Check, ...] = (),
        overrides: Mapping[str, str] | None = None,
    ) -> Refusal | None:
        """Journals the run, then starts it: what is not on disk is never started.

        `phrase`, `checks` and `overrides` are those of a restore.
        """
        if (missing := plans.missing_target(plan)) is not None:
            return missing
        wanted = StartRun(plan.step.id, plan.argv, str(plan.directory), plan.shown, plan.purpose)
        refusal = self.do(replace(wanted, phrase=phrase, checks=checks, overrides=overrides or {}))
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

    def plan_safety_backup(self, step: Step) -> RunPlan:
        """A backup of the database as it is now."""
        return plans.safety_backup(self.settings, self.window, step, self._clock())

    def plan_rehearsal(self, step: Step) -> RunPlan:
        """The restore into a database of its own."""
        return plans.rehearsal(self.settings, self.window, step)

    def run_directory(self, run: int) -> Path:
        """Where a run keeps its log, lock and exit status."""
        return self.directory / places.RUNS / str(run)

    def take_samples(self, step: Step, wanted: int | None = None) -> Refusal | None:
        """Begins a series of ops summaries; `wanted` defaults to the policy's number."""
        return self.do(TakeSamples(step.id, wanted or self.window.policy.samples))

    def declare(
        self, outcome: str, reason: str, reasons: Mapping[str, str], shown: Mapping[str, str]
    ) -> Refusal | None:
        """Declares with the gates as judged now; `reasons` by gate id, given for the states `shown`."""
        gates = tuple(self.view.verdicts.gates_as_json())
        return self.do(Declare(outcome, gates, reasons, reason, shown))

    def check_restore(self, then: Callable[[tuple[Check, ...]], None]) -> bool:
        """Makes the checks before a restore in the background; `then` gets them in a later tick.

        False where this window has nothing to restore, or they are being made already.
        """

        def told(result: tuple[Check, ...] | Exception) -> None:
            if isinstance(result, Exception):
                self.observation.tell("checks", f"The checks could not be made: {result}")
            else:
                then(result)

        return self._looks.check_restore(self.window, self.view.observed, told)

    def _learned(self, history: History | Exception) -> None:
        if isinstance(history, History):
            self.view.restore_seconds = history.restore_seconds

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
            self.observation.keep_going(self.window.policy)
        else:
            self.observation.let_go()
        return self.view.refresh(now) or changed or bool(facts)

    def _facts(self, now: float) -> Sequence[Sequence[Event]]:
        """What is news outside; facts that belong together are journalled together."""
        window = self.window
        if not window.takes_decisions:
            return ()
        facts: list[Sequence[Event]] = []
        if (run := window.open_run) is not None:
            facts.append(outcomes.of_run(window, run, self.run_directory(run.id), now))
            facts.append(outcomes.next_signal(run, now))
        self._looks.take(window, self._found)
        facts.append(outcomes.of_sampling(window, self.view.observed, self.view.verdicts))
        facts.append(outcomes.of_health(window, self.view.verdicts))
        facts.append(outcomes.of_core_actions(window, self.view.observed))
        facts.append(outcomes.of_posting(window, self.view.observed))
        facts += [(fact,) for fact in outcomes.of_triggers(window, self.view.triggers)]
        return [together for together in facts if together]

    def _found(self, found: Event | Exception) -> None:
        if isinstance(found, Exception):
            self.observation.tell("look", f"What was looked for could not be read: {found}")
        else:
            self._record(found)

    def _record(self, *facts: Event) -> None:
        if all(admits(self.window, fact) for fact in facts):
            self._append(facts)

    def _append(self, events: Sequence[Event]) -> None:
        recorded = self._journal.append(events, self._clock())
        self.view.window = fold(recorded, self.view.window)
        for event in events:
            self._act(event)

    def _act(self, event: Event) -> None:
        """What follows from an event that is on disk now."""
        match event:
            case RunSignalled():
                runs.send_signal(self.run_directory(event.run), event.signal)
            case SamplingBegun() | RunEnded():
                # Missing blobs are counted before a change, after it, and after a restore.
                self.observation.reconcile()
            case StepBegun() if self.window.runbook.step(event.step).kind is StepKind.PROBE:
                self.observation.smoke()
            case PostRequested() if self.window.posting is not None:
                self.observation.post(str(self.window.posting.id), event.text)
            case RollbackBegun() if self.window.backup is not None:
                self.observation.audit_since(self.window.backup.captured_at)
            case WindowDeclared():
                self.observation.let_go()

    def interruption(self) -> Interruption:
        """What happened between the console before this one and now; a `tick` comes first."""
        before = self.before
        left_at = before.driver.left_at if before.driver and before.driver.left_at else before.last_at
        # The watch goes on when a console dies, and knows better than the journal since when.
        try:
            attendance = self.view.readings.attendance()
        except ReadingsError:
            attendance = ()
        alone = [at for at, attended in attendance if not attended and at > left_at]
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
        # The writer goes last: it takes the write-ahead log with it.
        self.view.close()
        self._journal.close()
        self._drive.release()
