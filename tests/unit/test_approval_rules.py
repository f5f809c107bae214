"""The second operator: what waits for one, who may be one, for what and how long their word counts."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from state.events import Actor, ApprovalGiven, ApprovalRequested, BackupExamined, PolicyTaken, RunEnded
from state.intents import (
    LOGIN,
    SCREEN,
    BeginRollback,
    GiveApproval,
    Intent,
    RequestApproval,
    StartRun,
    WithdrawApproval,
)
from state.policy import Policy
from state.rules.approval import given_for, subject
from state.window import COUNTS_FOR, RESTORE

from .restores import PHRASE, RESTORE_PHRASE, restoring
from .story import SAM as SAM_UNKNOWN
from .story import Story

SAM = replace(SAM_UNKNOWN, uid=1001)
KIM = Actor("kim", "kim", "laptop", "pts/2", "", 1002)
TURN = BeginRollback(RESTORE, "errors", "B", PHRASE, RESTORE_PHRASE, "an hour")
DEPLOY = StartRun("deploy", ("make", "deploy"), "/srv/site")


class Pair(Story):
    """A story whose driver is known by the user id 1001, up to where the restore comes."""

    def __init__(self, second_operator: str = "restore", distinct: bool = True) -> None:
        super().__init__(second_operator=second_operator)
        self.tell(PolicyTaken(Policy(second_operator=second_operator, distinct_login=distinct).as_json()))
        self.driver(SAM)

    def driver(self, actor: Actor) -> None:
        assert self.window.driver is not None
        self.window = replace(self.window, driver=replace(self.window.driver, actor=actor))

    def ask(self, wanted: StartRun | BeginRollback) -> int:
        assert self.want(RequestApproval(wanted, ("what", "it is"))) is None
        assert self.window.approval is not None
        return self.window.approval.request

    def word(self, person: Actor = KIM, how: str = LOGIN, **changes: object) -> GiveApproval:
        asked = self.window.approval
        number = asked.request if asked else 0
        given = GiveApproval(number, person, self.window.approval_phrase, how, "driver-1")
        return replace(given, **changes)  # type: ignore[arg-type]

    def approved(self, wanted: StartRun | BeginRollback) -> "Pair":
        self.ask(wanted)
        assert self.want(self.word()) is None
        return self


def at_restore(rule: str = "restore", distinct: bool = True) -> Pair:
    story = Pair(rule, distinct)
    story.back_to("restore")
    return story


def test_a_restore_waits_and_says_for_what() -> None:
    story = at_restore()
    said = story.refused(restoring()(story))
    assert said.startswith("Restore the database waits for a second operator: `drawbridge approve`")
    assert at_restore("never").want(restoring()(story)) is None


def test_it_starts_once_another_login_has_confirmed() -> None:
    story = at_restore()
    request = story.ask(restoring()(story))
    assert isinstance(story.records[-1].event, ApprovalRequested)
    assert story.want(story.word()) is None
    assert story.records[-1].event == ApprovalGiven(
        request, KIM, LOGIN, "approve restore production", "driver-1"
    )
    assert story.want(restoring()(story)) is None


@pytest.mark.parametrize(
    ("rule", "intent", "expected"),
    [
        ("never", TURN, ""),
        ("restore", TURN, ""),
        ("rollback", TURN, "rollback"),
        ("always", TURN, "rollback"),
        ("restore", DEPLOY, ""),
        ("rollback", DEPLOY, ""),
        ("always", DEPLOY, "deploy"),
        ("always", StartRun("backup", ("make", "db-backup"), "/srv"), ""),
        ("always", StartRun("restore", ("make", "db-backup"), "/srv", purpose="safety-backup"), ""),
        ("rollback", StartRun("restore", ("make", "db-restore"), "/srv"), "restore"),
        ("always", WithdrawApproval(1), ""),
    ],
)
def test_the_settings_say_what_waits(rule: str, intent: Intent, expected: str) -> None:
    assert subject(Pair(rule).window, intent) == expected


def test_turning_back_waits_where_the_settings_say_so() -> None:
    story = Pair("rollback")
    story.until("smoke")
    assert "Turning back waits" in story.refused(TURN)
    story.approved(TURN)
    assert story.want(replace(TURN, why="other words")) is None
    assert story.window.approval is None


Word = Callable[[Pair], GiveApproval]
REFUSED: dict[str, tuple[bool, Word, str]] = {
    "one's own": (True, lambda s: s.word(replace(KIM, operator="sam")), "cannot be their own"),
    "one's own, written otherwise": (
        True,
        lambda s: s.word(replace(KIM, operator="\uff33AM ")),
        "cannot be their own",
    ),
    "another name, the same login": (True, lambda s: s.word(replace(KIM, uid=1001)), "from another one"),
    "the screen, where another login is wanted": (True, lambda s: s.word(how=SCREEN), "another login"),
    "a login that nobody vouches for": (True, lambda s: s.word(replace(KIM, uid=-1)), "another login"),
    "one's own on the screen": (False, lambda s: s.word(SAM, SCREEN), "cannot be their own"),
    "no name": (False, lambda s: s.word(replace(KIM, operator=" "), SCREEN), "gives their name"),
    "another phrase": (True, lambda s: s.word(phrase="approve restore Production"), "Type exactly: approve"),
    "no phrase": (True, lambda s: s.word(phrase=""), "Type exactly: approve"),
    "an earlier request": (True, lambda s: s.word(request=3), "Nothing waits for this"),
    "another way": (False, lambda s: s.word(how="hearsay"), "comes from a login or from the screen"),
}


@pytest.mark.parametrize("case", REFUSED, ids=str)
def test_whose_word_does_not_count(case: str) -> None:
    distinct, word, said = REFUSED[case]
    story = at_restore(distinct=distinct)
    story.ask(restoring()(story))
    assert said in story.refused(word(story))
    assert "waits for a second operator" in story.refused(restoring()(story))


def test_name_and_phrase_on_the_screen_count_where_logins_may_be_shared() -> None:
    story = at_restore(distinct=False)
    story.ask(restoring()(story))
    assert story.want(story.word(replace(KIM, uid=1001), SCREEN)) is None
    assert story.want(restoring()(story)) is None


def test_a_word_is_given_once() -> None:
    story = at_restore()
    story.approved(restoring()(story))
    assert story.refused(story.word()) == "kim has approved it already."
    assert "approved already" in story.refused(RequestApproval(restoring()(story), ()))


@pytest.mark.parametrize("after", [COUNTS_FOR - 20.0, COUNTS_FOR + 20.0, -30.0])
def test_a_word_counts_for_ten_minutes(after: float) -> None:
    story = at_restore()
    story.approved(restoring()(story))
    story.at += after
    if after == COUNTS_FOR - 20.0:
        assert story.want(restoring()(story)) is None
    else:
        assert "has expired" in story.refused(restoring()(story))
        story.approved(restoring()(story))
        assert story.want(restoring()(story)) is None


def test_it_does_not_count_for_anything_else() -> None:
    story = at_restore()
    story.approved(restoring()(story))
    other = replace(restoring()(story), directory="/srv/other")
    assert "has changed since" in story.refused(other)
    assert story.window.backup is not None
    changed = replace(story.window, backup=replace(story.window.backup, sha256="cd" * 32))
    assert given_for(changed, other) != given_for(story.window, other)


def test_what_it_is_given_for_is_all_that_will_happen() -> None:
    story = at_restore()
    wanted, window = restoring()(story), story.window
    seen = {given_for(window, wanted)}
    changes: list[tuple[object, StartRun]] = [
        (window, replace(wanted, argv=("make", "other"))),
        (window, replace(wanted, variables={"RESTORE_PATH": "/elsewhere"})),
        (window, replace(wanted, directory="/elsewhere")),
        (replace(window, id="another"), wanted),
        (replace(window, release="9.9"), wanted),
        (replace(window, rollback=None), wanted),
        (replace(window, backup=_grown(window.backup)), wanted),
    ]
    for around, intent in changes:
        seen.add(given_for(around, intent))  # type: ignore[arg-type]
    assert len(seen) == len(changes) + 1
    # What is typed and checked at the last moment is no part of it.
    assert given_for(window, replace(wanted, phrase="", checks=())) == given_for(window, wanted)


def _grown(backup: BackupExamined | None) -> BackupExamined:
    assert backup is not None
    return replace(backup, size=backup.size + 1)


def test_whoever_approved_cannot_do_it_as_well() -> None:
    story = at_restore()
    story.approved(restoring()(story))
    story.driver(KIM)
    assert story.refused(restoring()(story)).startswith("kim approved this, and cannot do it as well")


def test_a_request_out_of_turn_is_refused() -> None:
    story = Pair()
    story.turned()
    assert "Stop the release comes first" in story.refused(RequestApproval(restoring()(story), ()))
    changed = Pair()
    changed.until("smoke")
    assert "No second operator" in changed.refused(RequestApproval(TURN, ()))


def test_a_request_stands_once_and_can_be_withdrawn() -> None:
    story = at_restore()
    request = story.ask(restoring()(story))
    assert "asked for already" in story.refused(RequestApproval(restoring()(story), ()))
    assert story.want(WithdrawApproval(request)) is None
    assert story.window.approval is None
    assert "Nothing waits" in story.refused(WithdrawApproval(request))


def test_a_restore_that_ended_badly_is_put_right_at_once() -> None:
    story = at_restore()
    story.approved(restoring()(story))
    story.want(restoring()(story))
    story.tell(RunEnded(story.window.seq, 2, story.at + 10, "no"))
    assert story.window.may_be_empty
    story.at += 2 * COUNTS_FOR
    assert story.want(restoring()(story)) is None


def test_one_that_ended_well_has_used_its_word_up() -> None:
    story = at_restore()
    story.approved(restoring()(story))
    story.want(restoring()(story))
    story.tell(RunEnded(story.window.seq, 0, story.at + 10))
    assert story.window.approval is None
    assert "waits for a second operator" in story.refused(restoring()(story))
