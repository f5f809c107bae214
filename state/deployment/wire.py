"""Carries single HTTP requests: bounded in size, never redirected, with the token only where asked for."""

import ssl
from functools import lru_cache

from aiohttp import (
    ClientPayloadError,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    InvalidURL,
    ServerDisconnectedError,
    TCPConnector,
)
from pydantic import SecretStr
from yarl import URL

from state.deployment.answers import LARGEST, Answer

_CONNECT = 2.0


def limits(read: float = 3.0) -> ClientTimeout:
    """For each operation on the socket, in seconds: a body that drips never exceeds them.

    Hence the deadlines of the callers.
    """
    return ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=read)


TIMEOUT = limits()


class Wire:
    """One long-lived client, made inside a running loop; close it with `aclose`.

    Every request has a connection of its own: one that was kept would go on answering where nobody
    new gets in any more.
    """

    def __init__(self, token: SecretStr | None, trust_proxy: bool = False) -> None:
        self._token = token
        self._client = ClientSession(
            # The host's own certificate store: an internal authority is often only there.
            connector=TCPConnector(
                limit=0, force_close=True, use_dns_cache=False, ssl=ssl.create_default_context()
            ),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "drawbridge"},
            # Compressed bodies are refused, by the header that tells them.
            auto_decompress=False,
            # A proxy from the environment would get the token: only when the settings ask for it.
            trust_env=trust_proxy,
            cookie_jar=DummyCookieJar(),
        )
        # aiohttp makes GET and PUT a second time by itself after a reset, which would hide it.
        self._client._retry_connection = False

    async def aclose(self) -> None:
        """Closes the client."""
        await self._client.close()

    async def get(self, url: str, *, with_token: bool, limits: ClientTimeout = TIMEOUT) -> Answer:
        """The answer to a GET; `limits` are those of each operation. Raises what aiohttp raises."""
        try:
            return await self.send("GET", url, with_token=with_token, limits=limits)
        except (ServerDisconnectedError, ClientPayloadError):
            # The server closed the connection as the request came: asking again is harmless for a GET.
            return await self.send("GET", url, with_token=with_token, limits=limits)

    async def send(
        self,
        method: str,
        url: str,
        *,
        with_token: bool,
        limits: ClientTimeout = TIMEOUT,
        json: object = None,
        content: bytes | None = None,
    ) -> Answer:
        """The answer to one request, which is made once; raises what aiohttp raises."""
        headers: dict[str, str] = {}
        if self._token is not None and with_token:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        request = self._client.request(
            method,
            _address(url),
            headers=headers,
            timeout=limits,
            json=json,
            data=content,
            # What kind of content it is may be signed with the address: nothing is said of it.
            skip_auto_headers=() if json is not None else ("Content-Type",),
            allow_redirects=False,
        )
        async with request as response:
            body = bytearray()
            async for chunk in response.content.iter_any():
                body += chunk
                if len(body) > LARGEST:
                    break
            return Answer(
                code=response.status,
                content_type=response.headers.get("content-type", ""),
                encoding=response.headers.get("content-encoding", "").strip().lower(),
                location=response.headers.get("location", ""),
                body=bytes(body[:LARGEST]),
                too_large=len(body) > LARGEST,
                etag=response.headers.get("etag", ""),
            )


@lru_cache(maxsize=1024)
def _address(url: str) -> URL:
    """The address just as it is written: one that is signed must not be written in another way."""
    try:
        return URL(url, encoded=True)
    except ValueError as error:
        raise InvalidURL(url, str(error)) from error
