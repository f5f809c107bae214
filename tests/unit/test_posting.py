"""A message is posted when the webhook took it, and not before: the journal says nothing else."""

import pytest

from state.console import outcomes
from state.console.operator_text import cleaned
from state.events import MessageSent, PostRequested, StepFailed
from state.intents import SendMessage
from state.readings import Ask, Observed, Reading, ReadingClass
from state.rules import admits
from state.window import StepState

from .story import Story

TEXT = "staging: v2 was rolled back to v1.\nNext window: to be announced."


def posting() -> Story:
    """A message is on its way."""
    story = Story().back_to("communicate")
    assert story.want(SendMessage(TEXT, "posted")) is None
    return story


def answered(story: Story, message: int, answer: ReadingClass, reason: str = "") -> Observed:
    """What the watch read of the webhook."""
    replica = story.window.policy.replicas[0]
    reading = Reading(Ask.POST, replica, story.at, answer, values={"id": str(message)}, reason=reason)
    return Observed(latest={(Ask.POST, replica): reading})


def test_a_post_is_asked_for_and_not_called_sent() -> None:
    story = posting()
    assert story.records[-1].event == PostRequested(TEXT)
    assert story.window.messages == () and story.state("communicate") is StepState.BEGUN
    assert outcomes.of_posting(story.window, Observed()) == ()


def test_it_is_sent_once_the_webhook_took_it() -> None:
    story = posting()
    (fact,) = outcomes.of_posting(story.window, answered(story, story.window.seq, ReadingClass.OK))
    assert fact == MessageSent(TEXT, "posted") and admits(story.window, fact)
    story.tell(fact)
    assert story.state("communicate") is StepState.DONE and not admits(story.window, fact)


def test_a_refused_post_fails_the_step_and_can_be_copied_instead() -> None:
    story = posting()
    seen = answered(story, story.window.seq, ReadingClass.SERVER_ERROR, "500")
    (fact,) = outcomes.of_posting(story.window, seen)
    assert fact == StepFailed("communicate", "the message was not posted: 500") and admits(story.window, fact)
    story.tell(fact)
    assert story.window.messages == () and story.state("communicate") is StepState.FAILED
    assert story.want(SendMessage(TEXT, "copied")) is None
    assert story.window.messages == (MessageSent(TEXT, "copied"),) and story.window.posting is None


def test_the_answer_to_an_earlier_message_says_nothing() -> None:
    story = posting()
    seen = answered(story, story.window.seq - 1, ReadingClass.OK)
    assert outcomes.of_posting(story.window, seen) == ()


def test_a_message_that_is_not_on_its_way_was_not_posted() -> None:
    assert not admits(Story().back_to("communicate").window, MessageSent(TEXT, "posted"))


def test_the_journal_keeps_the_lines_of_a_message() -> None:
    assert cleaned(SendMessage(TEXT, "posted")).text == TEXT


@pytest.mark.parametrize("how", ["", "shouted"])
def test_there_are_two_ways_to_send(how: str) -> None:
    assert Story().back_to("communicate").want(SendMessage(TEXT, how)) is not None
