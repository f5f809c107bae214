"""What calls an operator who looks elsewhere: long steps that end, triggers that trip, and no more."""

import pytest

from state.events import RunEnded, StepBegun, StepFailed, StepPassed, TriggerTripped
from state.settings.desk import Notify
from tui.attention import sequence
from tui.present.calls import calls

from ..story import Story


def test_a_long_run_that_ends_is_called_out_and_a_short_one_is_not() -> None:
    story = Story().until("deploy")
    run = story.request("deploy")
    before = story.window
    after = story.tell(RunEnded(run, 0, story.at + 50), after=50)
    assert calls(before, after, 30) == ("production: Deploy the binaries is done",)
    assert calls(before, after, 90) == ()
    assert calls(after, after, 0) == ()


def test_what_failed_is_louder() -> None:
    story = Story().until("deploy")
    run = story.request("deploy")
    before = story.window
    after = story.tell(RunEnded(run, 2, story.at + 50, "make: *** [deploy] Error 1"), after=50)
    assert calls(before, after, 30) == ("production: Deploy the binaries FAILED",)


def test_a_check_that_took_long() -> None:
    story = Story().until("health")
    before = story.tell(StepBegun("health"))
    assert calls(before, story.tell(StepPassed("health", "ready"), after=600), 30) == (
        "production: Verify health is done",
    )
    story = Story().until("health")
    before = story.tell(StepBegun("health"))
    assert calls(before, story.tell(StepFailed("health", "no"), after=5), 30) == ()


def test_each_trip_calls_once_with_none_of_the_words_from_outside() -> None:
    story = Story().until("health")
    before = story.window
    after = story.tell(TriggerTripped("backlog", "\x1b]0;evil\x07 900 s", ("oldest",)))
    assert calls(before, after, 30) == ("production: trigger backlog tripped",)
    assert calls(after, story.tell(StepBegun("health")), 30) == ()


@pytest.mark.parametrize(
    ("how", "env", "sent"),
    [
        ("off", {}, ""),
        ("bell", {"TMUX": "x"}, "\x07"),
        ("osc9", {}, "\x1b]9;all is well\x07\x07"),
        ("osc777", {}, "\x1b]777;notify;Drawbridge;all is well\x07\x07"),
        ("osc9", {"TMUX": "/tmp/x"}, "\x1bPtmux;\x1b\x1b]9;all is well\x07\x1b\\\x07"),
        ("osc9", {"STY": "1.pts"}, "\x1bP\x1b]9;all is well\x07\x1b\\\x07"),
    ],
)
def test_the_sequences(how: Notify, env: dict[str, str], sent: str) -> None:
    assert sequence(how, "all is well", env) == sent


@pytest.mark.parametrize(
    "words", ["a\x1b]52;c;x\x07b", "a\x1b\\b", "a\x9cb", "a;b;c", "x" * 5000, "a\nb\x00"]
)
def test_nothing_gets_out_of_a_notification(words: str) -> None:
    sent = sequence("osc777", words, {})
    head, tail = "\x1b]777;notify;Drawbridge;", "\x07\x07"
    assert sent.startswith(head) and sent.endswith(tail)
    said = sent.removeprefix(head).removesuffix(tail)
    assert said.isprintable() and ";" not in said and len(said) <= 160
