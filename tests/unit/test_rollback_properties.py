"""No order of intents, facts and crashes leads to `db-restore` but through its confirmations."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from state.events import (
    DrillRecorded,
    Event,
    RestoreChecked,
    RollbackBegun,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    RunSignalled,
    RunStarted,
    StepAttested,
    StepFailed,
    StepPassed,
    TriggerCleared,
    TriggerTripped,
    WindowDeclared,
)
from state.fold import fold
from state.intents import (
    AddNote,
    AttestStep,
    BeginRollback,
    BeginStep,
    Declare,
    Intent,
    Refusal,
    SendMessage,
    SkipStep,
    StartRun,
    TakeSamples,
)
from state.rules import admits, decide, may_do
from state.runbook import StepKind
from state.window import ACTIVE, BINARIES, RESTORE, ROLLED_BACK, SETTLED, RunState, Window

from .restores import LOADED, PHRASE, RESTORE_PHRASE, checks
from .story import BACK, OWN_BACKUP, Story, examined, listing, snapshot
from .wishes import ANY_STEP, commands, near_restores, others, turns


class WaysBack(RuleBasedStateMachine):
    """One window after its upgrade; consoles die and take over, and old ones go on asking."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()

    @property
    def window(self) -> Window:
        return self.story.window

    @initialize(
        step=st.sampled_from(("deploy", "migrate", "smoke")),
        back=st.sampled_from((None, *BACK, *["restore"] * 8)),
    )
    def somewhere_on_the_way(self, step: str, back: str | None) -> None:
        self.story.until(step)
        if back is not None:
            self.story.until("migrate").back_to(back, RESTORE)

    # What operators want

    @rule(data=st.data(), epoch=st.sampled_from((0, 0, 0, 0, -1, 1)))
    def want_anything(self, data: st.DataObject, epoch: int) -> None:
        current = self.window.current
        here = st.just(current.id) if current else ANY_STEP
        step = st.one_of(ANY_STEP, here, here)
        one = st.one_of(turns(), others(step), others(here), commands(step, self.story.at))
        self._want(data.draw(one), epoch)

    @precondition(lambda self: self.window.rollback is not None and not self.window.outcome)
    @rule(data=st.data(), take=st.sampled_from((False, False, True)))
    def want_a_restore(self, data: st.DataObject, take: bool) -> None:
        for wish in data.draw(st.lists(near_restores(self.story.at), min_size=4, max_size=12)):
            self._decided(wish, 0)
        if take:
            self._want(wish, 0)

    @rule(intent=turns())
    def turn_back(self, intent: BeginRollback) -> None:
        self._want(intent, 0)

    @rule()
    def do_the_next_step_back(self) -> None:
        current = self.window.current
        if self.window.rollback is None or current is None or may_do(self.window, current.id) != current:
            return
        usual: dict[StepKind, Intent] = {
            StepKind.MAKE: StartRun(current.id, ("make", current.target), "/srv"),
            StepKind.SITE: AttestStep(current.id, "kim", "done"),
            StepKind.STABLE: SkipStep(current.id, "seen elsewhere"),
            StepKind.PROBE: BeginStep(current.id),
            StepKind.SAMPLE: TakeSamples(current.id, 1),
            StepKind.MESSAGE: SendMessage("back", "copied"),
            StepKind.ATTEST: AttestStep(current.id, "kim", "BUG-1"),
        }
        wanted = usual[current.kind]
        if current.id == "restore":
            wanted = replace(
                StartRun("restore", ("make", "db-restore"), "/srv", LOADED),
                phrase=RESTORE_PHRASE,
                checks=checks(self.story.at),
            )
        self._want(wanted, 0)

    @precondition(lambda self: self.window.rollback is not None and self.window.current is None)
    @rule(outcome=st.sampled_from((ROLLED_BACK, "abandoned")))
    def end_it(self, outcome: str) -> None:
        self._want(Declare(outcome, (), {}, "over"), 0)

    def _want(self, intent: Intent, older: int) -> None:
        if decision := self._decided(intent, older):
            self.story.tell(*decision)

    def _decided(self, intent: Intent, older: int) -> tuple[Event, ...]:
        """What follows from the intent, once it has been seen to be safe; nothing where it is refused."""
        before, epoch = self.window, self.story.epoch + older
        decision = decide(before, intent, self.story.at, epoch)
        if older:
            assert isinstance(decision, Refusal), "only the driver decides"
        if isinstance(decision, Refusal):
            assert decision.reason.strip()
            return ()
        assert before.takes_decisions
        for event in decision:
            match event:
                case RunRequested():
                    self._check_run(before, intent, event, decision)
                case RollbackBegun():
                    assert isinstance(intent, BeginRollback)
                    assert intent.phrase == PHRASE
                    assert intent.depth == BINARIES or intent.restore_phrase == RESTORE_PHRASE
                    assert before.open_run is None
                case WindowDeclared():
                    assert not before.may_be_empty
                    assert event.outcome != "success" or before.rollback is None
                    settled = all(before.record(s.id).state in SETTLED for s in before.direction)
                    assert event.outcome != ROLLED_BACK or (before.rollback and settled)
        return decision

    def _check_run(
        self, before: Window, intent: Intent, event: RunRequested, decision: tuple[Event, ...]
    ) -> None:
        """The heart: what has to be so wherever a restore is requested."""
        assert before.open_run is None
        if not any("db-restore" in word for word in event.argv):
            return
        assert isinstance(intent, StartRun)
        turned = [r.event for r in self.story.records if isinstance(r.event, RollbackBegun)]
        assert turned[-1].depth == RESTORE, "both phrases stood there when it began"
        assert event.step == "restore"
        assert event.argv == ("make", "db-restore")
        assert event.variables["RESTORE_PATH"] == OWN_BACKUP
        for earlier in ("stop-release", "redeploy-previous"):
            assert before.record(earlier).state in SETTLED
        target = event.variables.get("TARGET_DB")
        if event.purpose:
            assert event.purpose == "rehearsal"
            assert target is not None
            assert target.endswith("_rehearsal")
            return
        assert target is None
        assert event.confirmed == intent.phrase == RESTORE_PHRASE
        (seen,) = (e for e in decision if isinstance(e, RestoreChecked))
        assert {check["id"] for check in seen.checks} == {"backup", "disk", "stopped"}
        assert all(0 <= self.story.at - check.at <= 60 for check in intent.checks)
        for check in seen.checks:
            assert check["passed"] or (check["id"] != "backup" and check["reason"].strip())

    # What happens outside

    @rule()
    def the_console_dies_and_another_takes_over(self) -> None:
        before = self.window
        after = self.story.take_over().window
        assert (after.rollback, after.steps, after.current) == (before.rollback, before.steps, before.current)
        assert after.runs == before.runs, "nothing starts by itself"

    @precondition(lambda self: self.window.open_run is not None)
    @rule(data=st.data())
    def facts_of_the_open_run(self, data: st.DataObject) -> None:
        open_run: Any = self.window.open_run
        ended = RunEnded(open_run.id, 0, self.story.at)
        groups: tuple[tuple[Event, ...], ...] = (
            (RunStarted(open_run.id),),
            (listing(open_run.id), ended),
            (ended,),
            (RunEnded(open_run.id, 2, self.story.at, "Error 1"),),
            (RunLost(open_run.id, "killed"),),
            (RunNotStarted(open_run.id, "no disk"),),
            (RunSignalled(open_run.id, "TERM"),),
        )
        self._find(*data.draw(st.sampled_from(groups)))

    @rule(number=st.integers(0, 80), step=ANY_STEP, problem=st.sampled_from(("", "cut")))
    def facts_of_anything(self, number: int, step: str, problem: str) -> None:
        found: tuple[Event, ...] = (
            RunEnded(number, 0, self.story.at),
            RunNotStarted(number, "x"),
            examined(step, "/backups/safety.sql", number, problem),
            snapshot(step, self.story.at),
            StepFailed(step, "401") if problem else StepPassed(step, "seen"),
            TriggerTripped("backlog", "12 events"),
            DrillRecorded(number, 1.0, 2.0, 3.0, True, "/r.md"),
        )
        for fact in found:
            self._find(fact)

    @rule()
    def what_was_begun_is_seen(self) -> None:
        for step in BACK:
            self._find(StepPassed(step, "seen"))
            self._find(snapshot(step, self.story.at))
        self._find(TriggerCleared("backlog"))

    def _find(self, *facts: Event) -> None:
        if all(admits(self.window, fact) for fact in facts):
            self.story.tell(*facts)

    # What always holds

    @invariant()
    def what_a_restore_loads_is_never_replaced(self) -> None:
        assert self.window.backup is None or self.window.backup.path == OWN_BACKUP

    @invariant()
    def the_database_is_empty_only_after_a_restore_that_was_confirmed(self) -> None:
        confirmed = {
            r.seq
            for r in self.story.records
            if isinstance(r.event, RunRequested) and r.event.confirmed == RESTORE_PHRASE
        }
        dropped = [r for r in self.window.runs.values() if r.step == "restore" and not r.purpose]
        assert {run.id for run in dropped} <= confirmed
        ended_badly = [run for run in dropped if run.state is not RunState.NOT_STARTED][-1:]
        vouched = [r.seq for r in self.story.records if _vouches(r.event)]
        bad = any(run.exit_code != 0 and max([*vouched, 0]) < run.id for run in ended_badly)
        assert self.window.may_be_empty == bad

    @invariant()
    def there_is_a_way_on(self) -> None:
        window = self.window
        active = [s for s in window.direction if window.record(s.id).state in ACTIVE]
        if window.takes_decisions and window.current and not active and window.open_run is None:
            assert may_do(window, window.current.id) == window.current

    def teardown(self) -> None:
        assert fold(self.story.records) == self.window
        decision = decide(self.window, AddNote("", "x"), self.story.at, self.story.epoch)
        assert isinstance(decision, Refusal) == (not self.window.takes_decisions)


def _vouches(event: Event) -> bool:
    """Somebody put the database right outside, and says so by name."""
    return isinstance(event, StepAttested) and event.step == "restore"


TestWaysBack = WaysBack.TestCase
TestWaysBack.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
