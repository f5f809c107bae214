"""One console on one window: intents go in, the journal is written, and only then anything happens."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from state import stored_fold
from state.console import plans
from state.console.approvals import run_wanted
from state.console.effects import follow
from state.console.history import History
from state.console.interruption import Interruption, describe, left_at
from state.console.known_secrets import KnownSecrets
from state.console.looks import Looks
from state.console.news import news
from state.console.observation import Observation
from state.console.operator_text import cleaned
from state.console.plans import RunPlan
from state.console.sealing import Sealing
from state.console.seat import Seat
from state.console.silence import Silence
from state.deployment import runs
from state.events import Actor, ConsoleLeft, DriveHandedOver, Event, RunNotStarted, RunStarted
from state.fold import fold
from state.host.background import Background
from state.host.environ import environment
from state.intents import Check, Declare, Intent, Refusal, StopRun, TakeSamples
from state.journal import directory as places
from state.journal.events import JournalError, TakenOver
from state.journal.readings import ReadingsError
from state.policy import Policy
from state.rules import admits, decide
from state.runbook import Step
from state.settings import Settings
from state.view import View
from state.window import Window

Clock = Callable[[], float]


class Session:
    """One console on one window. It looks; `take_drive` makes it the driver, who alone decides.

    All calls come from one thread; `tick` is called a few times a second.
    """

    def __init__(
        self,
        directory: Path,
        settings: Settings,
        policy: Policy,
        actor: Actor,
        clock: Clock = time.time,
        only_looks: bool = False,
    ) -> None:
        """Looks at a window that exists already; raises JournalError or ReadingsError."""
        self.directory = directory
        self._runs = directory / places.RUNS
        self.settings = settings
        self._clock = clock
        self.view = View(directory)
        if problem := self.view.journal.problem():
            raise JournalError(f"{problem} Nothing was opened. Keep a copy of the window's directory.")
        self.view.refresh(clock())
        self.before = self.view.window
        self._kept = 0
        self.seat = Seat(self.view, actor, policy, clock, only_looks)
        self.company = self.seat.company
        self._background = Background()
        self._secrets = KnownSecrets(settings, environment())
        self.observation = Observation(directory, settings, self._background, self._secrets)
        self._looks = Looks(directory, settings, self._background, clock)
        self._silence = Silence(directory, settings.make.silent_after)
        self._sealing = Sealing(directory, self._background, self._secrets)
        self._looks.learn(self.window, self._learned)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values that nothing may show."""
        return self._secrets.values

    @property
    def actor(self) -> Actor:
        """Who sits at this console."""
        return self.seat.actor

    @property
    def drives(self) -> bool:
        """Whether this console decides; else it looks."""
        return self.seat.drives

    def take_drive(self, typed: str = "") -> Refusal | None:
        """Becomes the driver (see Seat); raises DirectoryError or JournalError."""
        return self.seat.take_drive(self._append, typed)

    def sit_down(self, name: str) -> Refusal | None:
        """Somebody of this name sits at this keyboard from now on."""
        return self.seat.sit_down(name, self._append)

    @property
    def window(self) -> Window:
        """Where the window stands now."""
        return self.view.window

    def do(self, intent: Intent) -> Refusal | None:
        """Decides on the current window and journals what follows; None when it was done.

        What cannot be journalled is refused: no journal, no action.
        """
        decision = decide(self.window, cleaned(intent), self._clock(), self.seat.epoch)
        if isinstance(decision, Refusal):
            return decision
        if isinstance(intent, StopRun) and (whose := runs.unstoppable(self.run_directory(intent.run))):
            return Refusal(whose)
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
        loses: str = "",
    ) -> Refusal | None:
        """Journals the run, then starts it: what is not on disk is never started.

        `phrase`, `checks`, `overrides` and `loses` are those of a restore.
        """
        if (missing := plans.missing_target(plan)) is not None:
            return missing
        wanted = replace(
            run_wanted(plan), phrase=phrase, checks=checks, overrides=overrides or {}, loses=loses
        )
        refusal = self.do(wanted)
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
        return self._runs / str(run)

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
        """Takes in what happened outside and, as the driver, journals it.

        Answers whether anything may look different; raises JournalError where it cannot be kept.
        """
        now = self._clock()
        self._background.settle()
        changed = self.view.refresh(now)
        changed = self.company.refresh() or changed
        if self.seat.is_overtaken:
            # Frozen until now, and another console has taken over meanwhile.
            self.seat.look_on()
        elif self.drives:
            self._drive_on(now)
        elif self.window.handed_to == self.seat.console and not self.company.is_driven:
            self.take_drive()
        for source, problem in self._silence.look(self.window, self.view.observed, self.drives, now):
            self.observation.tell(source, problem)
        return self.view.refresh(now) or changed

    def _drive_on(self, now: float) -> None:
        try:
            for together in self._facts(now):
                self._record(together)
            if self.window.takes_decisions:
                self.company.hear(lambda: self.window, self.seat.epoch, now, self._record)
        except TakenOver:
            self.seat.look_on()
            return
        self._sealing.go_on(self.window, lambda fact: self._record([fact]), self.observation.tell)
        if self.window.is_open:
            self.observation.keep_going(self.window.policy)

    def _facts(self, now: float) -> list[Sequence[Event]]:
        """What is news outside; facts that belong together are journalled together."""
        if not self.window.takes_decisions:
            return []
        run = self.window.open_run
        if run is None:
            self.observation.tell("stop", "")
        elif run.signals and (whose := runs.unstoppable(self.run_directory(run.id))):
            self.observation.tell("stop", whose)
        self._looks.take(self.window, self._found)
        others: list[Sequence[Event]] = [(fact,) for fact in self.company.come_and_gone(self.window)]
        return others + news(self.view, self._runs, now, self.secrets)

    def _found(self, found: Event | Exception) -> None:
        if isinstance(found, Exception):
            self.observation.tell("look", f"What was looked for could not be read: {found}")
        else:
            self._record([found])

    def _record(self, facts: Sequence[Event]) -> None:
        # What was looked for as the driver may be found when this console drives no more.
        if self.drives and all(admits(self.window, fact) for fact in facts):
            self._append(facts)

    def _append(self, events: Sequence[Event]) -> None:
        recorded = self.seat.append(events)
        self.view.window = fold(recorded, self.view.window)
        if self.window.seq - self._kept >= stored_fold.WORTH:
            self._kept = self.window.seq
            stored_fold.keep(self.directory, self.view.journal, self.window)
        for event in events:
            if isinstance(event, DriveHandedOver):
                self.seat.look_on()
            follow(event, self.window, self.observation, self._runs)

    def interruption(self) -> Interruption:
        """What happened between the console before this one and now; a `tick` comes first."""
        try:
            attendance = self.view.readings.attendance()
        except ReadingsError:
            attendance = ()
        since = left_at(self.before, attendance)
        return describe(self.before, self.window, self.view.observed, since, self._clock())

    def leave(self) -> None:
        """Leaves on purpose: runs and watch go on, and the next console knows that nobody died."""
        try:
            if self.window.is_open and self.drives:
                self._append([ConsoleLeft()])
        finally:
            self.close()

    def close(self) -> None:
        """Lets go of files and drive without a word in the journal."""
        # The writer goes last: it takes the write-ahead log with it.
        self.view.close()
        self.seat.leave()
