"""What a watch does beside its polling: what letters ask for, and a look at the blobs now and then."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

from state.deployment.api import Api
from state.deployment.smoke import core_actions
from state.deployment.webhook import post
from state.readings import Ask, Reading
from state.watch.command import WatchCommand

#: The letters that ask for an errand.
KINDS = frozenset({"reconcile", "audit", "smoke", "post"})

#: So many errands wait; more letters are left aside.
_WAITING = 50

_ID, _REPOSITORY = 100, 128

_Job: TypeAlias = Callable[[], Awaitable[Reading]]


class Errands:
    """Does errands one after another, each answered by one reading; the polling goes on meanwhile."""

    def __init__(
        self,
        api: Api,
        command: WatchCommand,
        add: Callable[[Reading], None],
        note: Callable[[str], None],
    ) -> None:
        """`add` gets the readings, `note` one sentence about each letter that is left aside."""
        self._api = api
        self._command = command
        self._add = add
        self._note = note
        self._waiting: asyncio.Queue[_Job] = asyncio.Queue(_WAITING)
        self._one_at_a_time = asyncio.Lock()

    def take(self, kind: str, body: Mapping[str, Any]) -> None:
        """Takes the errand that a letter of one of KINDS asks for."""
        job = self._job(kind, body)
        if job is None:
            self._note(f"a letter of kind {kind} that does not say what it should is left aside")
            return
        try:
            self._waiting.put_nowait(job)
        except asyncio.QueueFull:
            self._note(f"a letter of kind {kind} is left aside: {_WAITING} others wait already")

    async def run(self) -> None:
        """Does what was taken, for ever."""
        while True:
            job = await self._waiting.get()
            try:
                await self._do(job)
            finally:
                self._waiting.task_done()

    async def reconcile_regularly(self) -> None:
        """Compares store and database at once and every `reconcile_every`, for ever."""
        while True:
            await self._do(self._reconcile)
            await asyncio.sleep(self._command.reconcile_every)

    async def finish(self, seconds: float) -> None:
        """Waits for what was taken already, but not for longer than that."""
        try:
            async with asyncio.timeout(seconds):
                await self._waiting.join()
        except TimeoutError:
            self._note("the watch ends before it has done all that it was asked for by letter")

    async def _do(self, job: _Job) -> None:
        async with self._one_at_a_time:
            self._add(await job())

    async def _reconcile(self) -> Reading:
        return await self._api.probe(Ask.RECONCILE, self._api.replicas[0])

    def _job(self, kind: str, body: Mapping[str, Any]) -> _Job | None:
        """What the letter asks for; None where it does not say so properly."""
        match kind, dict(body):
            case "reconcile", _:
                return self._reconcile
            case "audit", {"since": int() | float() as since} if _is_time(since):
                return partial(self._api.audit, float(since))
            case "smoke", {"repository": None}:
                return partial(core_actions, self._api, None, self._command.accept_degraded)
            case "smoke", {"repository": str() as repository} if _is_line(repository, _REPOSITORY):
                return partial(core_actions, self._api, repository, self._command.accept_degraded)
            case "post", {"id": str() as message, "text": str() as text} if _is_line(message, _ID):
                replica = self._api.replicas[0]
                return partial(post, self._api.wire, self._command.webhook, message, text, replica)
        return None


def _is_time(value: float) -> bool:
    return not isinstance(value, bool) and math.isfinite(value)


def _is_line(text: str, length: int) -> bool:
    return 0 < len(text) <= length and text.isprintable()
