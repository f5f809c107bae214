"""Asks an Artifortress deployment how it is: one probe gives one reading, whatever happens."""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
from pydantic import SecretStr

from state.deployment.answers import LARGEST, Answer, Interpreter, Meaning
from state.deployment.failures import failure
from state.readings import Ask, Reading

_PATHS: Mapping[Ask, str] = {
    Ask.LIVE: "/health/live",
    Ask.READY: "/health/ready",
    Ask.OPS: "/v1/admin/ops/summary",
    Ask.WHOAMI: "/v1/auth/whoami",
}

#: Only these get the token.
_WITH_TOKEN = frozenset({Ask.OPS, Ask.WHOAMI})

#: Seconds for the whole of a probe. Readiness may need 3 s for its object store alone.
DEADLINES: Mapping[Ask, float] = {Ask.LIVE: 6.0, Ask.READY: 8.0, Ask.OPS: 6.0, Ask.WHOAMI: 6.0}

# For each operation on the socket: a body that drips never exceeds these, hence the deadlines.
_TIMEOUT = httpx.Timeout(3.0, connect=2.0)
_READY_TIMEOUT = httpx.Timeout(3.0, connect=2.0, read=5.0)


class Api:
    """The replicas of one deployment, asked over one long-lived client; close it with `aclose`."""

    def __init__(self, replicas: Sequence[str], token: SecretStr | None, trust_proxy: bool = False) -> None:
        self.replicas = tuple(replicas)
        self._token = token
        secret = (token.get_secret_value(),) if token else ()
        self._interpreter = Interpreter(secret)
        self._client = httpx.AsyncClient(
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "drawbridge"},
            timeout=_TIMEOUT,
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            # The host's own certificate store: an internal authority is often only there.
            verify=ssl.create_default_context(),
            # A proxy from the environment would get the token: only when the settings ask for it.
            trust_env=trust_proxy,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        )

    async def aclose(self) -> None:
        """Closes the client."""
        await self._client.aclose()

    async def probe(
        self,
        ask: Ask,
        replica: str,
        *,
        wall: Callable[[], float] = time.time,
        mono: Callable[[], float] = time.monotonic,
    ) -> Reading:
        """One reading of one replica. It never raises for what the other side does or does not do."""
        sent, began = wall(), mono()
        answer: Answer | None = None
        try:
            async with asyncio.timeout(DEADLINES[ask]):
                answer = await self._fetch(ask, replica)
            meaning = self._interpreter.meaning(ask, answer)
        except Exception as error:
            # Whatever goes wrong with one probe is a reading, or the watch would be blind from then on.
            meaning = self._failed(error)
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

    def _failed(self, error: Exception) -> Meaning:
        reading_class, reason = failure(error)
        return Meaning(reading_class, self._interpreter.line(reason))

    async def _fetch(self, ask: Ask, replica: str) -> Answer:
        try:
            return await self._get(ask, replica)
        except httpx.RemoteProtocolError:
            # The server closed the connection as the request came: asking again is harmless for a GET.
            return await self._get(ask, replica)

    async def _get(self, ask: Ask, replica: str) -> Answer:
        headers: dict[str, str] = {}
        if self._token is not None and ask in _WITH_TOKEN:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        timeout = _READY_TIMEOUT if ask is Ask.READY else _TIMEOUT
        url = replica + _PATHS[ask]
        async with self._client.stream("GET", url, headers=headers, timeout=timeout) as response:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > LARGEST:
                    break
            return Answer(
                code=response.status_code,
                content_type=response.headers.get("content-type", ""),
                encoding=response.headers.get("content-encoding", "").strip().lower(),
                location=response.headers.get("location", ""),
                body=bytes(body[:LARGEST]),
                too_large=len(body) > LARGEST,
            )
