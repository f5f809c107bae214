"""Examines the API: does every replica answer, is it ready, and do the clocks agree."""

import asyncio
from collections.abc import Iterator, Sequence

from state.deployment.api import Api
from state.doctor.check import Check, fail, ok, warn
from state.judgement.phrases import line
from state.readings import Ask, Reading, ReadingClass
from state.settings import Api as ApiSettings

#: Seconds by which a clock may be off: ages are compared with thresholds of minutes.
_SKEW = 2.0
_START = "start the API there, or mend [api] urls in drawbridge.toml"

Answers = tuple[Reading, Reading]


def examine(api: ApiSettings) -> Iterator[Check]:
    """One line for each replica, one for the clocks of those that tell the time."""
    answers = asyncio.run(_asked(api))
    yield from (_replica(live, ready) for live, ready in answers)
    yield from _clocks(answers)


async def _asked(api: ApiSettings) -> Sequence[Answers]:
    client = Api(api.urls, None, api.trust_proxy)

    async def both(replica: str) -> Answers:
        return await client.probe(Ask.LIVE, replica), await client.probe(Ask.READY, replica)

    try:
        return await asyncio.gather(*(both(replica) for replica in client.replicas))
    finally:
        await client.aclose()


def _replica(live: Reading, ready: Reading) -> Check:
    subject = f"API {live.replica}"
    if live.reading_class is not ReadingClass.OK:
        return fail(subject, f"not live: {line(live)}", _START)
    match ready.reading_class:
        case ReadingClass.OK:
            return ok(subject, f"live and ready, answered in {ready.latency_ms or 0:.0f} ms")
        case ReadingClass.DEGRADED:
            return warn(subject, f"live, {line(ready)}", "mend what it names: degraded at cutover is a no-go")
        case ReadingClass.NOT_READY:
            return warn(subject, f"live, {line(ready)}", "mend what it names before a window is opened")
    return fail(subject, f"live, but readiness cannot be told: {line(ready)}", "look at the API's log")


def _clocks(answers: Sequence[Answers]) -> Iterator[Check]:
    told = [(ready.skew, ready.replica) for _, ready in answers if ready.skew is not None]
    off = [(skew, replica) for skew, replica in told if abs(skew) > _SKEW]
    for skew, replica in off:
        way = "ahead of" if skew > 0 else "behind"
        yield warn(
            "clock",
            f"{replica} is {abs(skew):.1f} s {way} this host",
            "synchronise both clocks (chrony, NTP)",
        )
    if told and not off:
        yield ok("clock", f"the API's and this host's agree within {_SKEW:g} s")
