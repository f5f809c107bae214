"""Asks a replica how it is, interval after interval, and no more than is needed to know it."""

import asyncio
from collections.abc import Awaitable, Callable

from state.readings import SHOWS_LIFE, Ask, Reading

#: Intervals without an answer that shows life, after which the process itself is asked.
_DOUBT_AFTER = 1.5


class Polling:
    """One replica. To be made within the event loop; `ready` and `live` run beside each other, without end.

    `every` in seconds; `probe` makes a reading and keeps it.
    """

    def __init__(self, replica: str, every: float, probe: Callable[[Ask, str], Awaitable[Reading]]) -> None:
        self._replica = replica
        self._every = every
        self._probe = probe
        self._clock = asyncio.get_running_loop().time
        self._shown_at = self._clock()
        self._in_doubt = asyncio.Event()

    async def ready(self, delay: float) -> None:
        """One probe an interval; one that takes longer is followed by the next at once, never doubled."""
        await asyncio.sleep(delay)
        due = self._clock()
        while True:
            reading = await self._probe(Ask.READY, self._replica)
            if reading.reading_class in SHOWS_LIFE:
                self._shown_at = self._clock()
                self._in_doubt.clear()
            else:
                self._in_doubt.set()
            due = max(due + self._every, self._clock())
            await asyncio.sleep(due - self._clock())

    async def live(self) -> None:
        """One probe an interval for as long as readiness does not show that the process answers."""
        while True:
            await self._doubt()
            due = self._clock() + self._every
            await self._probe(Ask.LIVE, self._replica)
            await asyncio.sleep(due - self._clock())

    async def _doubt(self) -> None:
        """Waits until it is doubtful whether the process answers: readiness said so, or says nothing."""
        while (patience := self._shown_at + _DOUBT_AFTER * self._every - self._clock()) > 0:
            try:
                async with asyncio.timeout(patience):
                    await self._in_doubt.wait()
                return
            except TimeoutError:
                pass
