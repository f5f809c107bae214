"""The fold of the way back: its direction, what may be empty, what was planned, and what tripped."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from state.events import (
    Actor,
    CorrectnessRaised,
    CorrectnessResolved,
    DrillRecorded,
    Event,
    IncidentRaised,
    IncidentResolved,
    MessageSent,
    RestoreChecked,
    RunEnded,
    RunLost,
    StepAttested,
    StepBegun,
    StepFailed,
    StepSkipped,
    TriggerCleared,
    TriggerTripped,
    TriggerWavedOff,
    WindowDeclared,
)
from state.fold import fold
from state.report.telling import tell
from state.window import BINARIES, RESTORE, ROLLED_BACK, Incident, Note, StepState, TriggerRecord
from tui.present.checklist import step_detail
from tui.present.line import text

from .restores import PHRASE, RESTORE_PHRASE
from .story import BACK, RESTORING, T0, Story

KIM = Actor("kim", "kim", "bastion")


# Directions


@pytest.mark.parametrize("depth", [BINARIES, RESTORE])
def test_the_whole_way_back(depth: str) -> None:
    expected = [step for step in BACK if depth == RESTORE or step not in RESTORING]
    story = Story().turned(depth)
    for step in expected:
        assert story.window.phase == "rollback"
        assert [each.id for each in story.window.direction] == expected
        assert story.window.current is not None
        assert story.window.current.id == step
        story.done(step)
    assert story.window.current is None
    assert story.window.is_open
    story.tell(WindowDeclared(ROLLED_BACK, "", ()))
    assert not story.window.is_open
    assert story.window.takes_decisions
    assert [each.id for each in story.window.direction] == ["root-cause", "risk-log", "drill"]


def test_the_upgrade_stays_on_record() -> None:
    before = Story().until("smoke")
    story = Story().turned()
    for step in ("backup", "baseline", "deploy", "migrate", "health"):
        assert story.state(step) is before.state(step) is StepState.DONE
    assert [phase.id for phase in story.window.phases] == ["preconditions", "upgrade", "rollback"]
    assert story.window.applied == ("0008.sql",)


def test_the_phrases_name_the_environment_and_the_time_of_the_backup() -> None:
    window = Story().turned().window
    assert (window.rollback_phrase, window.restore_phrase) == (PHRASE, RESTORE_PHRASE)
    assert window.rollback is not None
    assert (window.rollback.by, window.rollback.why, window.rollback.restores) == ("sam", "errors", True)
    assert replace(window, backup=None).restore_phrase == ""


def test_going_further_begins_the_way_back_anew() -> None:
    story = Story().back_to("communicate", BINARIES)
    story.turned(RESTORE)
    assert all(story.state(step) is StepState.TODO for step in BACK)
    assert story.window.current is not None
    assert story.window.current.id == "stop-release"


@pytest.mark.parametrize("depth", [BINARIES, RESTORE])
def test_a_console_that_takes_over_stands_where_the_one_before_stood(depth: str) -> None:
    steps = [step for step in BACK if depth == RESTORE or step not in RESTORING]
    for step in steps:
        story = Story().back_to(step, depth)
        before = fold(story.records)
        after = story.take_over().window
        assert before.current is not None
        assert (after.current, after.rollback, after.steps) == (before.current, before.rollback, before.steps)
        assert fold(story.records) == after
        middle = len(story.records) // 2
        assert fold(story.records[middle:], fold(story.records[:middle])) == after


# What was planned


def _open_since(story: Story) -> float | None:
    if not story.window.planned or story.window.planned[-1][1] is not None:
        return None
    return story.window.planned[-1][0]


@pytest.mark.parametrize(
    ("depth", "starts"), [(BINARIES, "redeploy-previous"), (RESTORE, "start-previous")], ids=str
)
def test_not_ready_is_planned_from_the_stop_to_the_start(depth: str, starts: str) -> None:
    story = Story().turned(depth)
    assert _open_since(story) is None
    story.tell(StepBegun("stop-release"))
    stopped = story.at
    for step in [each.id for each in story.window.direction]:
        assert _open_since(story) == stopped, step
        assert story.window.disrupted_by == "Stop the release"
        story.done(step)
        if step == starts:
            break
    assert story.window.planned[-1] == (stopped, story.at)
    assert story.window.disrupted_by == story.window.runbook.step(starts).title
    story.back_to("communicate", depth)
    assert _open_since(story) is None


def test_a_stop_that_is_attested_is_planned_from_there() -> None:
    story = Story().turned()
    story.tell(StepAttested("stop-release", "kim", "systemctl"))
    assert _open_since(story) == story.at


@pytest.mark.parametrize("end", [lambda run: RunEnded(run, 2, T0 + 900), lambda run: RunLost(run, "killed")])
def test_a_restore_that_ends_badly_leaves_the_plan_open(end: Callable[[int], Event]) -> None:
    story = Story().back_to("restore")
    stopped = _open_since(story)
    story.tell(end(story.request("restore")))
    assert _open_since(story) == stopped is not None


def test_a_step_that_is_done_again_opens_those_after_it() -> None:
    story = Story().back_to("communicate")
    story.run("restore")
    assert story.state("validate-health") is StepState.TODO
    assert story.state("validate-backlog") is StepState.TODO
    assert story.state("start-previous") is StepState.DONE, "a change of its own still stands"
    assert "validate-backlog" not in story.window.snapshots
    assert story.window.baseline is not None


# Messages and what was not seen


@pytest.mark.parametrize(
    ("how", "words", "told"),
    [
        ("posted", "posted", "message to the channel posted"),
        ("copied", "sent by hand, as stated", "message to the channel sent by hand, as stated"),
    ],
)
def test_checks_and_messages(how: str, words: str, told: str) -> None:
    story = Story().back_to("communicate")
    before = story.window
    story.tell(RestoreChecked(({"id": "disk", "passed": True},)))
    assert replace(story.window, seq=before.seq, last_at=before.last_at) == before
    story.tell(MessageSent("We are back.", how))
    assert story.window.messages == (MessageSent("We are back.", how),)
    record = story.window.record("communicate")
    assert (story.state("communicate"), record.detail, record.by, record.at) == (
        StepState.DONE,
        words,
        "sam",
        story.at,
    )
    said = step_detail(story.window, story.window.runbook.step("communicate"), 100)
    clock = datetime.fromtimestamp(story.at, UTC).strftime("%H:%M:%S")
    assert any(text(each) == f"{words} by sam at {clock} UTC" for each in said)
    assert tell(story.window, story.records[-1]) == told


def test_what_was_not_seen_is_a_failure() -> None:
    story = Story().back_to("validate-smoke")
    story.tell(StepBegun("validate-smoke"), StepFailed("validate-smoke", "whoami: 401"))
    assert (story.state("validate-smoke"), story.window.record("validate-smoke").problem) == (
        StepState.FAILED,
        "whoami: 401",
    )


# Triggers


def test_a_trigger_trips_is_waved_off_and_clears() -> None:
    story = Story().until("smoke")
    story.tell(TriggerTripped("backlog", "12 events"), TriggerTripped("readiness", "refused"))
    assert story.window.triggers["backlog"] == TriggerRecord("12 events", story.at)
    story.tell(TriggerWavedOff("backlog", "a batch job"))
    assert story.window.triggers["backlog"].waved == "a batch job"
    assert story.window.triggers["readiness"].waved == ""
    story.tell(TriggerCleared("backlog"))
    assert set(story.window.triggers) == {"readiness"}
    story.tell(TriggerTripped("backlog", "20 events"))
    assert story.window.triggers["backlog"].waved == "", "armed again once it has cleared"


def test_incidents_and_wrong_data_come_and_go() -> None:
    story = Story()
    story.tell(IncidentRaised("INC-1", "down"), CorrectnessRaised("digests differ"), actor=KIM)
    assert story.window.incident == Incident("INC-1", "down", "kim", story.at)
    assert story.window.correctness == Note(story.at, "kim", "digests differ")
    story.tell(IncidentResolved("up"))
    assert (story.window.incident, story.window.correctness is None) == (None, False)
    story.tell(CorrectnessResolved("a stale cache"))
    assert story.window.correctness is None


# Follow-up


def test_a_window_is_closed_when_its_follow_up_is_done() -> None:
    story = Story().back_to("end", BINARIES)
    story.tell(WindowDeclared(ROLLED_BACK, "", ()))
    closed_at = story.at
    story.tell(StepAttested("root-cause", "kim", "BUG-1"), StepSkipped("risk-log", "none kept"))
    run = story.request("drill")
    drill = DrillRecorded(run, 1.0, 2.0, 4.0, True, "/r.md")
    story.tell(RunEnded(run, 0, story.at), drill)
    assert story.window.drills == (drill,)
    assert (story.window.phase, story.window.takes_decisions) == ("closed", False)
    assert (story.window.outcome, story.window.closed_at) == (ROLLED_BACK, closed_at)


# The comparison


def test_on_the_way_back_the_comparison_is_that_of_the_validation() -> None:
    story = Story().until("declare")
    assert story.window.compared is not None
    story.turned(BINARIES)
    assert story.window.compared is None
    for step in ("stop-release", "redeploy-previous", "validate-health", "validate-smoke"):
        story.done(step)
    assert story.window.compared is None
    story.done("validate-backlog")
    assert story.window.compared == story.window.snapshots["validate-backlog"]
