"""Asks an Artifortress deployment how it is: one probe gives one reading, whatever happens."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

from aiohttp import ClientTimeout
from pydantic import SecretStr

from state.deployment.answers import Answer, Interpreter, Meaning
from state.deployment.failures import failure
from state.deployment.wire import TIMEOUT, Wire, limits
from state.readings import Ask, Reading

_PATHS: Mapping[Ask, str] = {
    Ask.LIVE: "/health/live",
    Ask.READY: "/health/ready",
    Ask.OPS: "/v1/admin/ops/summary",
    Ask.WHOAMI: "/v1/auth/whoami",
    Ask.RECONCILE: "/v1/admin/reconcile/blobs?limit=20",
}

#: Everybody may ask for these: they never get the token.
_WITHOUT_TOKEN = frozenset({Ask.LIVE, Ask.READY})

#: Seconds for the whole of a probe. Readiness may need 3 s for its object store alone; to compare
#: the database with the store, or to sort the audit log, takes longer the more there is.
DEADLINES: Mapping[Ask, float] = {
    Ask.LIVE: 6.0,
    Ask.READY: 8.0,
    Ask.OPS: 6.0,
    Ask.WHOAMI: 6.0,
    Ask.RECONCILE: 30.0,
    Ask.AUDIT: 15.0,
}

_TIMEOUTS: Mapping[Ask, ClientTimeout] = {
    Ask.READY: limits(read=5.0),
    Ask.RECONCILE: limits(read=28.0),
    Ask.AUDIT: limits(read=13.0),
}


class Api:
    """The replicas of one deployment, asked over one long-lived client; close it with `aclose`.

    `wire` and `interpreter` serve what consists of several requests: see `smoke`.
    """

    def __init__(self, replicas: Sequence[str], token: SecretStr | None, trust_proxy: bool = False) -> None:
        self.replicas = tuple(replicas)
        self.wire = Wire(token, trust_proxy)
        self.interpreter = Interpreter((token.get_secret_value(),) if token else ())

    async def aclose(self) -> None:
        """Closes the client."""
        await self.wire.aclose()

    async def probe(
        self,
        ask: Ask,
        replica: str,
        *,
        wall: Callable[[], float] = time.time,
        mono: Callable[[], float] = time.monotonic,
    ) -> Reading:
        """One reading of one replica: live, ready, ops, whoami or reconcile.

        It never raises for what the other side does or does not do.
        """

        def meaning(answer: Answer) -> Meaning:
            return self.interpreter.meaning(ask, answer)

        return await self._ask(ask, replica, _PATHS[ask], meaning, wall, mono)

    async def audit(
        self,
        since: float,
        limit: int = 1000,
        *,
        wall: Callable[[], float] = time.time,
        mono: Callable[[], float] = time.monotonic,
    ) -> Reading:
        """How many audit rows of the token's tenant are younger than `since` (seconds since the epoch).

        Artifortress gives the newest `limit` rows, and never more than 500: `complete` in the
        values says whether they reach back to `since`. Never raises.
        """

        def meaning(answer: Answer) -> Meaning:
            return self.interpreter.audit(answer, since)

        path = f"/v1/audit?limit={limit}"
        return await self._ask(Ask.AUDIT, self.replicas[0], path, meaning, wall, mono)

    async def _ask(
        self,
        ask: Ask,
        replica: str,
        path: str,
        interpret: Callable[[Answer], Meaning],
        wall: Callable[[], float],
        mono: Callable[[], float],
    ) -> Reading:
        sent, began = wall(), mono()
        answer: Answer | None = None
        try:
            async with asyncio.timeout(DEADLINES[ask]):
                answer = await self.wire.get(
                    replica + path,
                    with_token=ask not in _WITHOUT_TOKEN,
                    limits=_TIMEOUTS.get(ask, TIMEOUT),
                )
            meaning = interpret(answer)
        except Exception as error:
            # Whatever goes wrong with one probe is a reading, or the watch would be blind from then on.
            reading_class, reason = failure(error)
            meaning = Meaning(reading_class, self.interpreter.line(reason))
        ended = mono()
        took = ended - began
        skew = None if meaning.server_clock is None else meaning.server_clock - (sent + took / 2)
        return Reading(
            ask=ask,
            replica=replica,
            at=wall(),
            reading_class=meaning.reading_class,
            monotonic=ended,
            code=answer.code if answer else None,
            latency_ms=took * 1000 if answer else None,
            skew=skew,
            values=meaning.values,
            reason=meaning.reason,
        )
