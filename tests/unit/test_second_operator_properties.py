"""Nothing that waits for a second operator happens without one: not in any order, under any settings."""

from collections.abc import Sequence

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from msgspec.structs import replace

from state.events import (
    Actor,
    ApprovalGiven,
    ApprovalRequested,
    ApprovalWithdrawn,
    Event,
    OperatorSwitched,
    PolicyTaken,
    RollbackBegun,
    RunEnded,
    RunRequested,
)
from state.intents import (
    LOGIN,
    SCREEN,
    BeginRollback,
    GiveApproval,
    Intent,
    Refusal,
    RequestApproval,
    StartRun,
    WithdrawApproval,
)
from state.policy import Policy
from state.rules import decide
from state.window import BINARIES, RESTORE, Window

from .restores import LOADED, PHRASE, RESTORE_PHRASE, checks
from .story import SAM, Story

TEN_MINUTES = 600.0
RIGHT_RESTORE = StartRun("restore", ("make", "db-restore"), "/srv", LOADED)
RIGHT_TURN = BeginRollback(RESTORE, "errors", "", PHRASE, RESTORE_PHRASE)
#: Logins are told apart by user id, people by what they call themselves.
PEOPLE = (
    replace(SAM, uid=1001),
    Actor("kim", "kim", "laptop", "pts/2", "", 1002),
    Actor("kim", "sam", "bastion", "pts/1", "", 1001),
    Actor("SAM ", "lee", "desk", "pts/3", "", 1003),
    Actor("lee", "lee", "desk", "pts/3", "", 1003),
    Actor("max", "max", "desk", "", "", -1),
    Actor(" ", "eve", "desk", "pts/4", "", 1004),
)
PERSON = st.sampled_from(PEOPLE)
WAYS = st.sampled_from((LOGIN, LOGIN, LOGIN, SCREEN, "hearsay"))
TIMES = st.sampled_from((1.0, 560.0, 620.0, 620.0, -60.0))


class Seated(Story):
    """A story in which other people come to the keyboard."""

    def __init__(self) -> None:
        self.actor = PEOPLE[0]
        super().__init__()

    def tell(self, *events: Event, actor: Actor | None = None, after: float = 10.0) -> Window:
        return super().tell(*events, actor=actor or self.actor, after=after)


#: Restores and turns that differ in one thing, by which another word would be needed.
RESTORES = (
    *[RIGHT_RESTORE] * 4,
    replace(RIGHT_RESTORE, directory="/elsewhere"),
    replace(RIGHT_RESTORE, variables={**LOADED, "PGPORT": "5433"}),
)
TURNS = (*[RIGHT_TURN] * 4, replace(RIGHT_TURN, depth=BINARIES), replace(RIGHT_TURN, migration_class="C"))
POLICIES = st.builds(
    lambda wanted, distinct: Policy(second_operator=wanted, distinct_login=distinct),
    st.sampled_from(("restore", "rollback", "rollback", "always", "always", "never")),
    st.booleans(),
)


class InPairs(RuleBasedStateMachine):
    """Before the turn or before the restore: people ask each other, settings change, and time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.story = Seated()
        #: What each request was for: the intent, and what it would have been done to.
        self.asked: dict[int, tuple[object, ...]] = {}

    @property
    def window(self) -> Window:
        return self.story.window

    @property
    def _wishes(self) -> tuple[StartRun | BeginRollback, ...]:
        return RESTORES if self.window.rollback is not None else TURNS

    @initialize(turned=st.sampled_from((True, True, False)), policy=POLICIES)
    def somewhere_on_the_way(self, turned: bool, policy: Policy) -> None:
        self.story.until("smoke")
        if turned:
            self.story.back_to("restore")
        self.story.tell(PolicyTaken(policy.as_json()))

    # Few rules, so that each run of them gets somewhere

    @rule(which=st.integers(0, 5), person=st.sampled_from((PEOPLE[1], PEOPLE[1], *PEOPLE)), how=WAYS)
    def ask_and_confirm(self, which: int, person: Actor, how: str) -> None:
        self._ask(which)
        self._confirm(person, how, "")

    @rule(which=st.none() | st.integers(0, 5), person=PERSON, how=WAYS, phrase=st.sampled_from(("", "yes")))
    def ask_or_confirm(self, which: int | None, person: Actor, how: str, phrase: str) -> None:
        if which is not None:
            self._ask(which)
        else:
            self._confirm(person, how, phrase)

    def _ask(self, which: int) -> None:
        self._want(RequestApproval(self._wishes[which], ("words",)))

    def _confirm(self, person: Actor, how: str, phrase: str) -> None:
        asked = self.window.approval
        number, right = (asked.request, self.window.approval_phrase) if asked else (1, "")
        self._want(GiveApproval(number, person, phrase or right, how))

    @rule(which=st.integers(0, 5))
    def do_it(self, which: int) -> None:
        wanted = self._wishes[which]
        if isinstance(wanted, StartRun):
            wanted = replace(wanted, phrase=RESTORE_PHRASE, checks=checks(self.story.at))
        self._want(wanted)

    @rule()
    def do_the_usual(self) -> None:
        self.do_it(which=0)

    @rule(what=st.one_of(st.integers(0, 1), POLICIES, PERSON, st.tuples(PERSON), TIMES))
    def meanwhile(self, what: int | Policy | Actor | tuple[Actor] | float) -> None:
        match what:
            case int():
                asked = self.window.approval
                self._want(WithdrawApproval(asked.request + what if asked else what))
            case Policy():
                self.story.tell(PolicyTaken(what.as_json()))
            case Actor():
                # Somebody else sits down at this keyboard.
                before = self.story.actor
                self.story.actor = replace(before, operator=what.operator)
                self.story.tell(OperatorSwitched(before.operator))
            case tuple():
                # Somebody else takes over, from their own login.
                (self.story.actor,) = what
                self.story.take_over()
            case float():
                self.story.at += what

    @precondition(lambda self: self.window.approval is not None and self.window.approval.approved_by)
    @rule(here=st.booleans(), which=st.integers(0, 5))
    def whoever_confirmed_wants_to_do_it(self, here: bool, which: int) -> None:
        assert self.window.approval is not None
        person = self.window.approval.approved_by
        assert person is not None
        self.meanwhile(what=person if here else (person,))
        self.do_it(which=which)

    @precondition(lambda self: self.window.open_run is not None)
    @rule(code=st.sampled_from((0, 0, 2)))
    def the_run_ends(self, code: int) -> None:
        run = self.window.open_run
        assert run is not None
        self.story.tell(RunEnded(run.id, code, self.story.at))

    def _want(self, intent: Intent) -> None:
        before = self.window
        decision = decide(before, intent, self.story.at, self.story.epoch)
        if isinstance(decision, Refusal):
            assert decision.reason.strip()
            return
        self._look_at(before, intent, decision)
        self.story.tell(*decision, after=0.0)

    # What has to be so

    def _look_at(self, before: Window, intent: Intent, decision: tuple[Event, ...]) -> None:
        for event in decision:
            match event:
                case ApprovalRequested():
                    assert isinstance(intent, RequestApproval)
                    self.asked[before.seq + 1] = _for_what(before, intent.wanted)
                case ApprovalGiven():
                    assert event.phrase == before.approval_phrase, "typed out"
                    assert event.person.operator.strip(), "somebody with a name"
                    assert event.how in ((LOGIN,) if before.policy.distinct_login else (LOGIN, SCREEN))
                case RunRequested() if _waits(before, event):
                    assert isinstance(intent, StartRun)
                    assert intent.phrase == RESTORE_PHRASE
                    self._check_word(before, intent)
                case RollbackBegun() if before.policy.second_operator in {"rollback", "always"}:
                    assert isinstance(intent, BeginRollback)
                    assert (intent.phrase, intent.restore_phrase) == (PHRASE, RESTORE_PHRASE)
                    self._check_word(before, intent)

    def _check_word(self, before: Window, wanted: StartRun | BeginRollback) -> None:
        """There is a word for exactly this, that counts, of somebody who is not the driver."""
        requests = [r.seq for r in self.story.records if isinstance(r.event, ApprovalRequested)]
        given = [r for r in self.story.records if isinstance(r.event, ApprovalGiven)]
        assert given, "somebody confirmed"
        last, word = given[-1], given[-1].event
        assert isinstance(word, ApprovalGiven)
        assert word.request == requests[-1], "the last thing that was asked for"
        assert self.asked[word.request] == _for_what(before, wanted), "just this"
        assert 0 <= self.story.at - last.at <= TEN_MINUTES
        assert not _withdrawn(self.story, last.seq)
        assert before.driver is not None
        assert _said(word.person) != _said(before.driver.actor)
        if before.policy.distinct_login:
            assert word.person.uid != before.driver.actor.uid
        used = [r.seq for r in self.story.records if r.seq > last.seq and _ran(r.event)]
        assert used == [], "once"


def _waits(before: Window, event: RunRequested) -> bool:
    if event.purpose or before.policy.second_operator == "never":
        return False
    if event.step == "restore":
        return not before.may_be_empty
    return before.policy.second_operator == "always" and before.runbook.step(event.step).changes


def _for_what(window: Window, wanted: StartRun | BeginRollback) -> tuple[object, ...]:
    backup = window.backup
    around = (backup.path, backup.sha256) if backup else None
    if isinstance(wanted, BeginRollback):
        return ("turn", wanted.depth, wanted.migration_class, around)
    turned = window.rollback.begun_at if window.rollback else None
    return ("run", wanted.step, wanted.argv, wanted.directory, dict(wanted.variables), around, turned)


def _ran(event: Event) -> bool:
    return isinstance(event, RollbackBegun) or (isinstance(event, RunEnded) and event.exit_code == 0)


def _said(person: Actor) -> str:
    return person.operator.strip().casefold()


def _withdrawn(story: Story, since: int) -> Sequence[int]:
    return [r.seq for r in story.records if r.seq > since and isinstance(r.event, ApprovalWithdrawn)]


TestInPairs = InPairs.TestCase
TestInPairs.settings = settings(
    max_examples=200,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
