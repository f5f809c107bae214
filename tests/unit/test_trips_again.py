"""A trigger that was waved off stays armed for every other cause."""

import pytest

from state.console.outcomes import of_triggers
from state.events import Event, TriggerTripped, TriggerWavedOff
from state.judgement.triggers import Trigger, TriggerId, judge_triggers
from state.policy import Policy
from state.rules import admits

from .story import Story

NOTE = "rows are missing"


def correctness(
    migration: str = "", blobs: tuple[int | None, int | None] = (0, 0), note: str = ""
) -> Trigger:
    board = judge_triggers(
        ready_spans=(),
        rows=(),
        planned=(),
        migration_problem=migration,
        missing_blobs=blobs,
        correctness_note=note,
        incident="",
        tripped=frozenset(),
        policy=Policy(),
        now=0.0,
    )
    return board[2]


def waved(*causes: Trigger) -> Story:
    """A window in which these tripped, one after another, and were waved off each time."""
    story = Story()
    for trigger in causes:
        (tripped,) = of_triggers(story.window, (trigger,))
        assert admits(story.window, tripped)
        story.tell(tripped, TriggerWavedOff(trigger.id, "known"))
    return story


def trips(story: Story, trigger: Trigger) -> tuple[Event, ...]:
    return tuple(fact for fact in of_triggers(story.window, (trigger,)) if admits(story.window, fact))


def test_a_failed_migration_is_not_covered_by_a_note_that_was_waved_off() -> None:
    story = waved(correctness(note=NOTE))
    assert trips(story, correctness(note=NOTE)) == ()
    (again,) = trips(story, correctness("db-migrate failed: Error 3", note=NOTE))
    story.tell(again)
    record = story.window.triggers["correctness"]
    assert record.waved == ""
    assert "db-migrate failed" in record.reason


def test_more_of_what_was_waved_off_is_no_news() -> None:
    story = waved(correctness(blobs=(0, 2)))
    assert trips(story, correctness(blobs=(0, 9))) == ()


def test_a_cause_that_comes_and_goes_trips_once() -> None:
    story = waved(correctness(note=NOTE), correctness(blobs=(0, 2)))
    for trigger in (correctness(note=NOTE), correctness(blobs=(0, 2)), correctness(blobs=(0, 2), note=NOTE)):
        assert trips(story, trigger) == ()


def test_one_that_stands_does_not_trip_anew() -> None:
    story = Story()
    story.tell(TriggerTripped("correctness", NOTE, ("raised by hand",)))
    assert trips(story, correctness("db-migrate failed: Error 3", note=NOTE)) == ()


@pytest.mark.parametrize("id", ["readiness", "backlog"])
def test_another_replica_or_metric_is_another_cause(id: TriggerId) -> None:
    story = waved(Trigger(id, id.title(), True, "one", causes=("one",)))
    assert trips(story, Trigger(id, id.title(), True, "one", causes=("one",))) == ()
    assert trips(story, Trigger(id, id.title(), True, "one; two", causes=("one", "two")))
