"""One action against a deployment: its deadline, and what makes it fail."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import TypeAlias, TypeVar

from state.deployment.answers import Answer, check_kind
from state.deployment.api import Api
from state.deployment.wire import limits
from state.readings import ReadingClass

#: Seconds for one request; a commit reads the whole blob back from the object store.
DEADLINE = 10.0

#: For what the object store has a part in.
SLOW = limits(read=DEADLINE)

#: Does an action and says in a few words what came of it; raises ActionFailed, BodyError, or as aiohttp does.
Do: TypeAlias = Callable[[], Awaitable[str]]

_T = TypeVar("_T")


class ActionFailed(Exception):
    """An action that did not come out right: its class, and why in one line."""

    def __init__(self, reading_class: ReadingClass, words: str) -> None:
        super().__init__(words)
        self.reading_class = reading_class


async def within(sending: Awaitable[_T]) -> _T:
    """What is awaited; raises TimeoutError after DEADLINE."""
    async with asyncio.timeout(DEADLINE):
        return await sending


def refuse(api: Api, answer: Answer, accepted: Collection[int] = (200,)) -> None:
    """Raises ActionFailed for an answer whose code is not accepted, or that was cut."""
    refusal = api.interpreter.refusal(answer, accepted)
    if refusal is not None:
        raise ActionFailed(refusal.reading_class, refusal.reason)
    if answer.too_large:
        raise ActionFailed(ReadingClass.TOO_LARGE, "the body is larger than 1 MiB")


def json_of(api: Api, answer: Answer, accepted: Collection[int] = (200,)) -> bytes:
    """The JSON of an answer whose code is accepted; raises ActionFailed or BodyError for any other."""
    refuse(api, answer, accepted)
    check_kind(answer)
    return answer.body
