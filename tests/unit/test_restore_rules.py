"""The rules of the restore: every refusal in its words, and what is let through."""

from collections.abc import Callable, Mapping

import pytest

from state.events import Event, RestoreChecked, RunEnded, RunLost, RunRequested, StepBegun
from state.intents import SkipStep, StartRun
from state.rules import decide
from state.window import BINARIES, StepState

from .restores import LOADED, PHRASE, RESTORE_PHRASE, Case, at_restore, checks, restoring
from .story import OWN_BACKUP, T0, Story

NOT_THAT_WAY = "The restore step runs make db-restore from this window's backup, and nothing else."

MORE_THAN_OWN = f"A restore of this window loads its own backup, {OWN_BACKUP}, and no other."


def begun_back(step: str) -> Story:
    story = Story().back_to(step)
    story.tell(StepBegun(step))
    return story


def restore_running() -> Story:
    story = at_restore()
    story.request("restore")
    return story


CASES = {
    # Order
    "restore before its turn": Case(Story().turned, restoring(), "Stop the release comes first."),
    "restore before the binaries": Case(
        lambda: Story().back_to("redeploy-previous"), restoring(), "Install the previous binaries comes first"
    ),
    "restore beside a step begun": Case(
        lambda: begun_back("redeploy-previous"), restoring(), "Install the previous binaries is under way."
    ),
    "restore of binaries only": Case(
        lambda: Story().back_to("validate-health", BINARIES), restoring(), "There is no step restore in"
    ),
    "restore without a rollback": Case(lambda: Story().until("smoke"), restoring(), "There is no step rest"),
    "restore while it runs": Case(restore_running, restoring(), "Restore the database is running."),
    # The command
    "another command": Case(at_restore, restoring(argv=("make", "db-drop")), NOT_THAT_WAY),
    "more words": Case(at_restore, restoring(argv=("make", "db-restore", "-k")), NOT_THAT_WAY),
    "no command": Case(at_restore, restoring(argv=()), NOT_THAT_WAY),
    "another backup": Case(at_restore, restoring(variables={"RESTORE_PATH": "/b/other.sql"}), MORE_THAN_OWN),
    "no path": Case(at_restore, restoring(variables={}), MORE_THAN_OWN),
    "into another database": Case(
        at_restore, restoring(variables={**LOADED, "TARGET_DB": "x_rehearsal"}), NOT_THAT_WAY
    ),
    "a purpose of its own": Case(at_restore, restoring(purpose="fun"), NOT_THAT_WAY),
    "rehearsed into the real one": Case(
        at_restore, restoring(purpose="rehearsal"), "A rehearsal loads into a database whose name ends with"
    ),
    "rehearsed into another": Case(
        at_restore,
        restoring(purpose="rehearsal", variables={**LOADED, "TARGET_DB": "rehearsal_artifortress"}),
        "A rehearsal loads into a database whose name ends with _rehearsal.",
    ),
    "rehearsed into a real one of such a name": Case(
        at_restore,
        restoring(
            purpose="rehearsal",
            variables={**LOADED, "POSTGRES_DB": "a_rehearsal", "TARGET_DB": "a_rehearsal"},
        ),
        "A rehearsal loads into a database whose name ends with _rehearsal",
    ),
    "rehearsed from elsewhere": Case(
        at_restore,
        restoring(purpose="rehearsal", variables={"RESTORE_PATH": "/b", "TARGET_DB": "a_rehearsal"}),
        MORE_THAN_OWN,
    ),
    "a safety backup that restores": Case(at_restore, restoring(purpose="safety-backup"), NOT_THAT_WAY),
    "a purpose elsewhere": Case(
        lambda: Story().until("deploy"),
        StartRun("deploy", ("make", "x"), "/", {}, "rehearsal"),
        "Only the restore has commands beside its own.",
    ),
    "a restore elsewhere": Case(
        lambda: Story().until("deploy"),
        StartRun("deploy", ("make", "-C", "db-restore"), "/"),
        "A restore is only done by the restore step of a rollback.",
    ),
    # The checks
    "no checks": Case(at_restore, restoring(checks=()), "The checks before the restore have not all been"),
    "two checks": Case(at_restore, restoring(checks=lambda at: checks(at)[:2]), "have not all been made"),
    "the same twice": Case(
        at_restore, restoring(checks=lambda at: (*checks(at), checks(at)[0])), "have not all been made"
    ),
    "old checks": Case(at_restore, restoring(checks=lambda at: checks(at - 60.1)), "older than a minute"),
    "one old check": Case(
        at_restore, restoring(checks=lambda at: (*checks(at)[:2], checks(at - 99)[2])), "older than a minute"
    ),
    "checks to come": Case(at_restore, restoring(checks=lambda at: checks(at + 1)), "older than a minute"),
    "running": Case(
        at_restore, restoring(checks=lambda at: checks(at, stopped="it answers")), "it answers. Mend it."
    ),
    "a blank reason": Case(
        at_restore,
        restoring(checks=lambda at: checks(at, disk="1 byte free"), overrides={"disk": "  "}),
        "1 byte free. Mend it.",
    ),
    "a reason for another": Case(
        at_restore,
        restoring(checks=lambda at: checks(at, disk="1 byte free"), overrides={"stopped": "it is"}),
        "1 byte free. Mend it.",
    ),
    "a backup never": Case(
        at_restore,
        restoring(checks=lambda at: checks(at, backup="cut short"), overrides={"backup": "I know"}),
        "cut short. Mend it.",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_refusal_says_why(case: Case) -> None:
    reason = case.reason()
    assert case.words in reason
    assert reason.endswith((".", PHRASE, RESTORE_PHRASE))


def _after_restore() -> tuple[Event, ...]:
    return (RunRequested("restore", ("make", "db-restore"), "/srv/site", LOADED, "", RESTORE_PHRASE),)


def test_a_restore_is_requested_with_its_checks_and_its_phrase() -> None:
    story = at_restore()
    decision = decide(story.window, restoring(loses="200 audit rows")(story), story.at, story.epoch)
    assert isinstance(decision, tuple)
    checked, requested = decision
    assert isinstance(checked, RestoreChecked)
    assert checked.loses == "200 audit rows"
    assert [(check["id"], check["passed"]) for check in checked.checks] == [
        ("backup", True),
        ("disk", True),
        ("stopped", True),
    ]
    assert (requested,) == _after_restore()


@pytest.mark.parametrize("age", [0.0, 60.0])
def test_checks_count_for_a_minute(age: float) -> None:
    story = at_restore()
    assert story.want(restoring(checks=lambda at: checks(at - age))(story)) is None


def test_a_check_that_is_passed_over_is_an_exception_with_an_owner() -> None:
    story = at_restore()
    intent = restoring(
        checks=lambda at: checks(at, disk="full", stopped="it answers"),
        overrides={"disk": "other disk", "stopped": "a proxy answers", "backup": "not needed"},
    )(story)
    assert story.want(intent) is None
    assert [(g.subject, g.reason, g.owner) for g in story.window.exceptions] == [
        ("restore:disk", "other disk", "sam"),
        ("restore:stopped", "a proxy answers", "sam"),
    ]
    (checked,) = [r.event for r in story.records if isinstance(r.event, RestoreChecked)]
    assert [check["reason"] for check in checked.checks] == ["", "other disk", "a proxy answers"]


@pytest.mark.parametrize(
    ("purpose", "argv", "variables"),
    [
        ("rehearsal", ("make", "db-restore"), {**LOADED, "TARGET_DB": "artifortress_rehearsal"}),
        ("safety-backup", ("make", "db-backup"), {"BACKUP_PATH": "/b/safety.sql"}),
    ],
)
def test_what_is_run_beside_a_restore_needs_no_phrase(
    purpose: str, argv: tuple[str, ...], variables: Mapping[str, str]
) -> None:
    story = at_restore()
    intent = StartRun("restore", argv, "/srv/site", variables, purpose)
    assert decide(story.window, intent, story.at, 1) == (
        RunRequested("restore", argv, "/srv/site", variables, purpose, ""),
    )
    assert story.want(intent) is None
    assert story.refused(restoring()(story)).endswith("is running. One command at a time.")
    story.tell(RunEnded(story.window.seq, 0, story.at))
    assert story.state("restore") is StepState.TODO
    assert story.want(restoring()(story)) is None


@pytest.mark.parametrize("end", [lambda run: RunEnded(run, 2, T0), lambda run: RunLost(run, "killed")])
def test_a_restore_that_ended_badly_is_run_again_with_everything_asked_again(
    end: Callable[[int], Event],
) -> None:
    story = at_restore()
    assert story.want(restoring()(story)) is None
    story.tell(end(story.window.seq))
    assert story.refused(restoring(phrase="")(story)) == f"Type exactly: {RESTORE_PHRASE}"
    assert "have not all been made" in story.refused(restoring(checks=())(story))
    assert story.refused(SkipStep("migrate-baseline", "x")).startswith("Restore the database comes first")
    assert story.want(restoring()(story)) is None


@pytest.mark.parametrize(
    "end", [lambda run: RunEnded(run, 2, T0, "Error 1"), lambda run: RunLost(run, "gone")]
)
def test_a_restore_that_left_the_database_empty_cannot_be_skipped(end: Callable[[int], Event]) -> None:
    story = at_restore()
    story.tell(end(story.request("restore")))
    assert story.window.may_be_empty
    assert story.refused(SkipStep("restore", "no time")).startswith("The database may be empty")


def test_a_restore_that_never_began_can_be_skipped() -> None:
    story = at_restore()
    assert not story.window.may_be_empty
    assert isinstance(decide(story.window, SkipStep("restore", "binaries are enough"), T0, 1), tuple)
