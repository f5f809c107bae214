"""The rules under whatever operators and the outside do: no order of things breaks what must hold."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from state.events import (
    BackupExamined,
    Event,
    ExceptionGranted,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    RunSignalled,
    RunStarted,
    SamplingBegun,
    StepAttested,
    StepBegun,
    StepPassed,
    StepSkipped,
    WindowDeclared,
)
from state.fold import fold
from state.intents import (
    AddNote,
    AttestStep,
    BeginStep,
    Declare,
    Intent,
    Refusal,
    SkipStep,
    StartRun,
    StopRun,
    TakeSamples,
)
from state.rules import admits, decide, may_do
from state.runbook import StepKind
from state.window import SETTLED, RunState, StepState

from .story import API, OWN_BACKUP, SAM, STEPS, Story, examined, listing, snapshot

GATES = ("readiness", "budget", "backlog")
GATE_STATES = st.sampled_from(("PASS", "PASS", "FAIL", "UNDECIDED"))
WORDS = st.sampled_from(("", " ", "why not"))
ANY_STEP = st.sampled_from((*STEPS, "drill-passed", "restore", "melt"))
RUNNABLE = ("backup", "deploy", "migrate", "smoke", "ci-green")


@st.composite
def declarations(draw: st.DrawFn) -> Declare:
    states = {gate: draw(GATE_STATES) for gate in draw(st.sampled_from((GATES, GATES, GATES[:2], ())))}
    gates = tuple({"id": g, "title": g, "state": s, "reason": "so"} for g, s in states.items())
    reasons = {gate: draw(WORDS) for gate in draw(st.sampled_from((GATES, GATES[:1], ())))}
    shown = draw(st.sampled_from((states, states, {}, dict.fromkeys(GATES, "UNDECIDED"))))
    outcome = draw(st.sampled_from(("success", "success", "success", "fine", "abandoned")))
    return Declare(outcome, gates, reasons, draw(st.sampled_from(("", "", "", "over"))), shown)


def intents(step: st.SearchStrategy[str]) -> st.SearchStrategy[Intent]:
    argv = st.sampled_from(((), ("make", "x"), ("make", "x")))
    return st.one_of(
        st.builds(AttestStep, step, WORDS, WORDS),
        st.builds(BeginStep, step),
        st.builds(SkipStep, step, WORDS),
        st.builds(AddNote, st.just("") | step, WORDS),
        st.builds(StartRun, step, argv, st.just("/srv"), st.just({"BACKUP_PATH": OWN_BACKUP})),
        st.builds(StopRun, st.integers(0, 60)),
        st.builds(TakeSamples, step, st.integers(0, 3)),
    )


class Windows(RuleBasedStateMachine):
    """One window; whatever is decided or admitted is folded at once, as the session does."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Story()

    @property
    def window(self) -> Any:
        return self.story.window

    @initialize(step=st.sampled_from(STEPS))
    def somewhere_on_the_way(self, step: str) -> None:
        self.story.until(step)

    # What operators want

    @rule(intent=intents(ANY_STEP))
    def want_anything(self, intent: Intent) -> None:
        self._want(intent)

    @rule(data=st.data())
    def want_for_the_current_step(self, data: st.DataObject) -> None:
        current = self.window.current
        if current is not None:
            self._want(data.draw(intents(st.just(current.id))))

    @rule(skip=st.sampled_from((False, False, False, True)))
    def want_what_is_next(self, skip: bool) -> None:
        current = self.window.current
        if current is None or not self.window.is_open:
            return
        usual: dict[StepKind, Intent] = {
            StepKind.ATTEST: AttestStep(current.id, "kim", "CHG-1"),
            StepKind.EXAMINE: BeginStep(current.id),
            StepKind.MAKE: StartRun(current.id, ("make",), "/srv", {"BACKUP_PATH": OWN_BACKUP}),
            StepKind.SITE: StartRun(current.id, ("make",), "/srv"),
            StepKind.SAMPLE: TakeSamples(current.id, 5),
            StepKind.STABLE: BeginStep(current.id),
            StepKind.DECLARE: AddNote("", "all is done"),
        }
        self._want(SkipStep(current.id, "not here") if skip else usual[current.kind])

    @precondition(lambda self: self.window.change_begun)
    @rule(again=st.sampled_from(RUNNABLE))
    def run_again(self, again: str) -> None:
        self._want(StartRun(again, ("make",), "/srv", {"BACKUP_PATH": OWN_BACKUP}))

    @precondition(lambda self: self.story.state("deploy") is StepState.BEGUN)
    @rule()
    def run_what_was_begun_by_hand(self) -> None:
        self._want(StartRun("deploy", ("make",), "/srv"))

    @precondition(lambda self: self.window.change_begun and self.window.is_open)
    @rule()
    def back_up_once_more(self) -> None:
        self.run_again("backup")
        if self.story.state("backup") is StepState.RUNNING:
            self.the_open_run_ends_well()
            self.the_backup_is_whole()

    @rule(step=st.sampled_from(("deploy", "smoke", "health")))
    def begin(self, step: str) -> None:
        self._want(BeginStep(step))

    @precondition(lambda self: self.window.current is not None and self.window.current.id == "declare")
    @rule(intent=declarations())
    def declare(self, intent: Declare) -> None:
        self._want(intent)

    @rule(intent=declarations())
    def declare_too_early(self, intent: Declare) -> None:
        if intent.outcome != "abandoned":
            self._want(intent)

    def _want(self, intent: Intent) -> None:
        before = self.window
        decision = decide(before, intent, self.story.at, self.story.epoch)
        assert decide(before, intent, self.story.at, self.story.epoch) == decision
        if isinstance(decision, Refusal):
            assert decision.reason.endswith(".")
            return
        assert before.is_open
        assert decision
        for event in decision:
            self._check(event, decision)
        self._take(*decision)

    def _check(self, event: Event, decision: tuple[Event, ...]) -> None:
        window = self.window
        match event:
            case RunRequested() | StepBegun() | SamplingBegun() | StepAttested() | StepSkipped():
                order = [step.id for step in window.checklist]
                earlier = order[: order.index(event.step)]
                assert all(window.record(step).state in SETTLED for step in earlier)
        match event:
            case RunRequested():
                assert not any(run.state in {RunState.REQUESTED, RunState.RUNNING} for run in self._runs())
            case StepSkipped():
                assert ExceptionGranted(event.step, event.reason) in decision
                assert event.reason.strip()
            case WindowDeclared(outcome="success"):
                self._check_success(event, decision)
            case WindowDeclared():
                assert event.outcome == "abandoned"
                assert event.reason.strip()

    def _check_success(self, event: WindowDeclared, decision: tuple[Event, ...]) -> None:
        assert {gate["id"] for gate in event.gates} == set(GATES)
        assert all(self.window.record(step).state in SETTLED for step in STEPS[:-1])
        granted = {e.subject: e.reason for e in decision if isinstance(e, ExceptionGranted)}
        for gate in event.gates:
            passed = gate["state"] == "PASS"
            assert passed != (f"gate:{gate['id']}" in granted)
            assert passed or granted[f"gate:{gate['id']}"].strip()

    def _runs(self) -> list[Any]:
        return list(self.window.runs.values())

    # What comes of it outside

    @rule(number=st.integers(0, 60), data=st.data())
    def facts_of_any_run(self, number: int, data: st.DataObject) -> None:
        self._find(data.draw(st.sampled_from(self._facts_of(number))))

    @precondition(lambda self: self.window.open_run is not None)
    @rule(data=st.data())
    def facts_of_the_open_run(self, data: st.DataObject) -> None:
        self._find(data.draw(st.sampled_from(self._facts_of(self.window.open_run.id))))

    @precondition(lambda self: self.window.open_run is not None)
    @rule()
    def the_open_run_ends_well(self) -> None:
        number = self.window.open_run.id
        self._find(listing(number, "0008.sql"), RunEnded(number, 0, self.story.at))

    def _facts_of(self, number: int) -> list[Event]:
        return [
            RunStarted(number),
            RunEnded(number, 2, self.story.at, "Error 1"),
            RunLost(number, "killed"),
            RunNotStarted(number, "no disk"),
            RunSignalled(number, "TERM"),
            listing(number, "0008.sql", complete=False),
        ]

    @rule()
    def the_console_dies_and_another_takes_over(self) -> None:
        before = self.window
        self.story.take_over()
        assert isinstance(decide(self.window, AddNote("", "x"), self.story.at, self.story.epoch - 1), Refusal)
        after = self.window
        assert (after.steps, after.runs, after.planned) == (before.steps, before.runs, before.planned)

    @rule(step=st.sampled_from(("backup", "backup-available")), problem=st.sampled_from(("", "cut")))
    def a_backup_is_examined(self, step: str, problem: str) -> None:
        self._examine(step, problem)

    @precondition(lambda self: self.story.state("backup") is StepState.CHECKING)
    @rule()
    def the_backup_is_whole(self) -> None:
        self._examine("backup", "")

    def _examine(self, step: str, problem: str) -> None:
        run = self.window.record(step).run
        path = f"/backups/{self.window.seq}.sql"
        fact: BackupExamined = examined(step, path, run, problem)
        before = self.window
        self._find(fact)
        if before.change_begun:
            assert self.window.backup == before.backup

    @rule(step=st.sampled_from(("baseline", "compare")))
    def a_series_is_whole(self, step: str) -> None:
        self._find(snapshot(step, self.story.at))

    @rule()
    def health_is_stable(self) -> None:
        self._find(StepPassed("health", "ready"))

    def _find(self, *facts: Event) -> None:
        """Takes the facts in as the session does: all of them where all are news."""
        if not all(admits(self.window, fact) for fact in facts):
            return
        assert self.window.is_open
        self._take(*facts)
        for fact in facts:
            assert isinstance(fact, type(listing(0))) or not self._repeats(fact)

    def _repeats(self, fact: Event) -> bool:
        """Every fact is taken in once."""
        return admits(self.window, fact)

    def _take(self, *events: Event) -> None:
        self.story.tell(*events)
        for event in events:
            step = self.window.runs[event.run].step if isinstance(event, RunStarted | RunLost) else ""
            if step in {"deploy", "migrate"}:
                self._check_reopened(step)

    def _check_reopened(self, step: str) -> None:
        for later in STEPS[STEPS.index(step) + 1 :]:
            if later != "migrate":
                assert self.window.record(later).state not in SETTLED | {StepState.BEGUN}
        assert self.window.compared is None

    # What always holds

    @invariant()
    def one_run_at_a_time_and_its_step_says_so(self) -> None:
        going = [run for run in self._runs() if run.state in {RunState.REQUESTED, RunState.RUNNING}]
        assert len(going) <= 1
        assert self.window.open_run == (going[0] if going else None)
        running = [step for step in STEPS if self.story.state(step) is StepState.RUNNING]
        assert running == [run.step for run in going]

    @invariant()
    def a_plan_is_open_only_while_a_deploy_is(self) -> None:
        planned = self.window.planned
        assert all(end is not None for _, end in planned[:-1])
        still_open = bool(planned) and planned[-1][1] is None
        record = self.window.record("deploy")
        run = self.window.runs.get(record.run)
        match record.state:
            case StepState.BEGUN:
                assert still_open
            case StepState.RUNNING:
                assert still_open or run.state is RunState.REQUESTED
            case StepState.FAILED:
                # Begun by hand, and then its command did not even start: the hand is still at it.
                assert not still_open or run.state is RunState.NOT_STARTED
            case _:
                assert not still_open

    @invariant()
    def one_thing_is_under_way(self) -> None:
        active = {StepState.RUNNING, StepState.CHECKING, StepState.BEGUN}
        busy = [s for s in STEPS if s != "health" and self.story.state(s) in active]
        assert len(busy) <= 1
        sampling = self.window.sampling
        waiting = [s for s in ("baseline", "compare") if self.story.state(s) is StepState.BEGUN]
        assert waiting == ([] if sampling is None else [sampling.step])

    @invariant()
    def a_closed_window_stays_as_it_is(self) -> None:
        if self.window.is_open:
            return
        assert self.window.outcome in {"success", "abandoned"}
        assert self.window.open_run is None
        assert isinstance(decide(self.window, AddNote("", "x"), self.story.at, self.story.epoch), Refusal)

    @invariant()
    def there_is_always_a_way_on(self) -> None:
        """Where nothing is under way, the current step may be done."""
        current = self.window.current
        if not self.window.is_open or current is None:
            return
        active = {StepState.RUNNING, StepState.CHECKING, StepState.BEGUN}
        if not any(self.story.state(step) in active for step in STEPS):
            assert not isinstance(may_do(self.window, current.id), Refusal)

    def teardown(self) -> None:
        assert fold(self.story.records) == self.window
        assert all(record.actor is SAM for record in self.story.records)
        assert self.window.baseline is None or self.window.baseline.base == API


TestWindows = Windows.TestCase
TestWindows.settings = settings(
    max_examples=100,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
