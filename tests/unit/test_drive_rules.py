"""Who decides: handing over, keeping, asking, and taking from one that is gone or silent."""

import pytest
from msgspec.structs import replace

from state.events import (
    Actor,
    ConsoleAttached,
    ConsoleLeft,
    DriveAsked,
    DriveHandedOver,
    DriveKept,
    ObserverJoined,
    ObserverLeft,
    OperatorSwitched,
)
from state.intents import HandOver, KeepDrive, Refusal, SwitchOperator
from state.rules import admits
from state.rules.drive import ANSWER_WITHIN, GONE, KEPT_FOR, SILENT, Taking, may_take

from .story import SAM, Story

KIM = Actor("kim", "kim", "laptop", "pts/2", "", 1002)
LEE = Actor("lee", "lee", "desk", "pts/3", "", 1003)
MINE = Taking("c2", "kim")


def watched() -> Story:
    story = Story()
    story.tell(ObserverJoined("c2", KIM))
    return story


def asked() -> Story:
    story = watched()
    story.tell(DriveAsked("a1", "c2", KIM))
    return story


def refusal(answer: str | Refusal) -> str:
    assert isinstance(answer, Refusal), answer
    return answer.reason


def test_observers_come_and_go() -> None:
    story = watched()
    assert story.window.observers == {"c2": KIM}
    assert not admits(story.window, ObserverJoined("c2", KIM))
    assert admits(story.window, ObserverJoined("c2", LEE))
    assert admits(story.window, ObserverLeft("c2"))
    story.tell(ObserverLeft("c2"))
    assert story.window.observers == {}
    assert not admits(story.window, ObserverLeft("c2"))


def test_a_question_is_taken_in_once_and_only_from_one_that_looks() -> None:
    story = asked()
    assert story.window.asks["c2"].person == KIM
    assert not admits(story.window, DriveAsked("a1", "c2", KIM))
    assert admits(story.window, DriveAsked("a2", "c2", KIM))
    assert not admits(story.window, DriveAsked("a3", "c9", LEE))
    story.tell(ObserverLeft("c2"))
    assert story.window.asks == {}


def test_the_drive_is_handed_to_one_that_looks() -> None:
    story = watched()
    assert "does not look" in story.refused(HandOver("c9"))
    assert story.want(HandOver("c2")) is None
    assert story.records[-1].event == DriveHandedOver("c2", KIM)
    assert story.window.handed_to == "c2"
    assert may_take(story.window, MINE, False, story.at) == ""
    other = Taking("c3", "lee")
    assert "handed to somebody else" in refusal(may_take(story.window, other, False, story.at))
    assert may_take(story.window, other, False, story.at + KEPT_FOR) == ""
    story.epoch += 1
    story.tell(ConsoleAttached(9, "c2"), actor=KIM)
    assert (story.window.handed_to, story.window.observers) == ("", {})
    assert story.window.driver is not None
    assert story.window.driver.actor == KIM


def test_a_no_is_said_once() -> None:
    story = asked()
    assert story.want(KeepDrive("a1")) is None
    assert story.records[-1].event == DriveKept("a1")
    assert "Nobody asks" in story.refused(KeepDrive("a1"))


def test_a_living_driver_is_asked_first() -> None:
    story = watched()
    assert refusal(may_take(story.window, MINE, True, story.at)) == "sam drives. Ask for the drive first."


@pytest.mark.parametrize("typed", ["", "kim", "Sam", "sam "])
def test_one_that_does_not_answer_in_time_is_taken_over_by_name(typed: str) -> None:
    story = asked()
    mine = replace(MINE, asked_at=story.at, ask="a1", typed="sam")
    assert "60 s left to answer" in refusal(may_take(story.window, mine, True, story.at))
    late = story.at + ANSWER_WITHIN
    assert may_take(story.window, mine, True, late) == SILENT
    assert "type exactly: sam" in refusal(may_take(story.window, replace(mine, typed=typed), True, late))


def test_a_frozen_one_that_never_read_the_question_is_taken_over_too() -> None:
    story = watched()
    mine = replace(MINE, asked_at=story.at, ask="a1", typed="sam")
    assert may_take(story.window, mine, True, story.at + ANSWER_WITHIN) == SILENT


def test_a_no_counts_for_as_long_as_nothing_is_asked_anew() -> None:
    story = asked()
    story.want(KeepDrive("a1"))
    mine = replace(MINE, asked_at=story.at, ask="a1", typed="sam")
    assert refusal(may_take(story.window, mine, True, story.at + 900)) == "sam keeps the drive."
    anew = replace(mine, ask="a2")
    assert may_take(story.window, anew, True, story.at + 900) == SILENT


def test_one_that_is_gone_without_a_word_is_taken_over_by_name() -> None:
    story = watched()
    assert "Type exactly: sam" in refusal(may_take(story.window, MINE, False, story.at))
    assert may_take(story.window, replace(MINE, typed="sam"), False, story.at) == GONE


def test_nobody_types_a_name_for_what_was_left_or_is_their_own() -> None:
    story = watched()
    assert may_take(story.window, Taking("c3", SAM.login), False, story.at) == ""
    story.tell(ConsoleLeft())
    assert may_take(story.window, MINE, False, story.at) == ""


def test_who_sits_at_the_keyboard_changes_by_name() -> None:
    story = Story()
    assert "already" in story.refused(SwitchOperator("sam"))
    assert "Give the name" in story.refused(SwitchOperator(" "))
    assert story.want(SwitchOperator("kim")) is None
    assert story.records[-1].event == OperatorSwitched("sam")
    story.tell(OperatorSwitched("sam"), actor=KIM)
    assert story.window.driver is not None
    assert story.window.driver.actor == KIM
    assert story.window.operators == ("sam", "kim")
