"""Liveness is asked for where readiness does not show it, and never twice an interval."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest

from state.deployment.api import Api
from state.readings import Ask, Observed, Reading, ReadingClass
from state.watch.polling import Polling

EVERY = 0.3
READY = '{"status":"%s","dependencies":[{"name":"postgres","healthy":%s}]}'
#: What the server does with the question whether it is ready.
ANSWERS = {
    "ready": ("200 OK", READY % ("ready", "true")),
    "not ready": ("503 Service Unavailable", READY % ("not_ready", "false")),
    "a proxy's": ("502 Bad Gateway", "<html>"),
}


class Replica:
    """A server whose readiness a test changes; counts what it was asked."""

    def __init__(self) -> None:
        self.ready = "ready"
        self.asked: Counter[str] = Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers one request; to `hangs` it says nothing until the other side goes."""
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        self.asked[path] += 1
        if path.endswith("ready") and self.ready == "hangs":
            await reader.read()
        else:
            status, body = ANSWERS[self.ready] if path.endswith("ready") else ("200 OK", '{"status":"ok"}')
            head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            writer.write(f"{head}Connection: close\r\n\r\n{body}".encode())
        writer.close()


@asynccontextmanager
async def polled(
    replica: Replica,
) -> AsyncIterator[tuple[list[Reading], Callable[[Callable[[], bool]], Awaitable[None]]]]:
    """The readings of a polling of this replica, and what waits for them."""
    server = await asyncio.start_server(replica.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    api, readings = Api([url], None), list[Reading]()
    came = asyncio.Event()

    async def probe(ask: Ask, asked: str) -> Reading:
        readings.append(await api.probe(ask, asked))
        came.set()
        return readings[-1]

    async def until(true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():
                came.clear()
                await came.wait()

    polling = Polling(url, EVERY, probe)
    tasks = [asyncio.create_task(polling.ready(0)), asyncio.create_task(polling.live())]
    try:
        yield readings, until
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await api.aclose()
        server.close()


def of(readings: list[Reading], ask: Ask) -> list[Reading]:
    return [reading for reading in readings if reading.ask is ask]


@pytest.mark.parametrize("answer", ["ready", "not ready"])
async def test_a_process_that_says_how_ready_it_is_is_alive(answer: str) -> None:
    replica = Replica()
    replica.ready = answer
    async with polled(replica) as (readings, until):
        await until(lambda: len(readings) >= 10)
    # One that was held up for half an interval is asked once more than needed.
    assert len(of(readings, Ask.LIVE)) <= 2
    seen = Observed(latest={(one.ask, one.replica): one for one in of(readings, Ask.READY)})
    live = seen.liveness(readings[-1].replica)
    assert live is not None
    assert (live.ask, live.reading_class, live.code, live.reason) == (Ask.LIVE, ReadingClass.OK, None, "")
    assert live.at == of(readings, Ask.READY)[-1].at


@pytest.mark.parametrize("answer", ["a proxy's", "hangs"])
async def test_where_readiness_shows_nothing_the_process_is_asked(answer: str) -> None:
    replica = Replica()
    async with polled(replica) as (readings, until):
        await until(lambda: len(readings) >= 3)
        replica.ready = answer
        before = len(of(readings, Ask.LIVE))
        await until(lambda: len(of(readings, Ask.LIVE)) >= before + 6)
        live = of(readings, Ask.LIVE)[-6:]
        assert {one.reading_class for one in live} == {ReadingClass.OK}
        gaps = [later.at - one.at for one, later in pairwise(live)]
        assert min(gaps) > EVERY / 2
        # And no longer than that.
        replica.ready = "ready"
        if answer != "hangs":
            asked = len(of(readings, Ask.READY))
            await until(lambda: len(of(readings, Ask.READY)) >= asked + 3)
            known = len(of(readings, Ask.LIVE))
            await until(lambda: len(of(readings, Ask.READY)) >= asked + 13)
            assert len(of(readings, Ask.LIVE)) <= known + 2


def test_the_newer_one_counts() -> None:
    def seen(live: float, ready: float, ready_class: ReadingClass = ReadingClass.OK) -> Reading | None:
        readings = (
            Reading(Ask.LIVE, "a", live, ReadingClass.REFUSED),
            Reading(Ask.READY, "a", ready, ready_class),
        )
        return Observed(latest={(one.ask, one.replica): one for one in readings}).liveness("a")

    assert seen(5, 4) == Reading(Ask.LIVE, "a", 5, ReadingClass.REFUSED)
    assert seen(4, 5) == Reading(Ask.LIVE, "a", 5, ReadingClass.OK, values={})
    assert seen(4, 5, ReadingClass.TIMEOUT) == Reading(Ask.LIVE, "a", 4, ReadingClass.REFUSED)
    assert Observed().liveness("a") is None
