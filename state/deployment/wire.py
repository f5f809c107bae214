"""Carries single HTTP requests: bounded in size, never redirected, with the token only where asked for."""

import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
from pydantic import SecretStr

from state.deployment.answers import LARGEST, Answer

#: For each operation on the socket: a body that drips never exceeds these, hence the callers' deadlines.
TIMEOUT = httpx.Timeout(3.0, connect=2.0)

_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "drawbridge"}


class Wire:
    """One long-lived client; close it with `aclose`."""

    def __init__(self, token: SecretStr | None, trust_proxy: bool = False) -> None:
        self._token = token
        self._client = httpx.AsyncClient(
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

    async def get(self, url: str, *, with_token: bool, limits: httpx.Timeout = TIMEOUT) -> Answer:
        """The answer to a GET; `limits` are those of each operation. Raises what httpx raises."""
        try:
            return await self.send("GET", url, with_token=with_token, limits=limits)
        except httpx.RemoteProtocolError:
            # The server closed the connection as the request came: asking again is harmless for a GET.
            return await self.send("GET", url, with_token=with_token, limits=limits)

    async def send(
        self,
        method: str,
        url: str,
        *,
        with_token: bool,
        limits: httpx.Timeout = TIMEOUT,
        json: object = None,
        content: bytes | None = None,
    ) -> Answer:
        """The answer to one request, which is made once; raises what httpx raises."""
        headers = dict(_HEADERS)
        if self._token is not None and with_token:
            headers["Authorization"] = f"Bearer {self._token.get_secret_value()}"
        # Made here and not by the client, which would merge it with settings that it does not have.
        request = httpx.Request(
            method,
            url,
            headers=headers,
            json=json,
            content=content,
            extensions={"timeout": limits.as_dict()},
        )
        response = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > LARGEST:
                    break
        finally:
            await response.aclose()
        return Answer(
            code=response.status_code,
            content_type=response.headers.get("content-type", ""),
            encoding=response.headers.get("content-encoding", "").strip().lower(),
            location=response.headers.get("location", ""),
            body=bytes(body[:LARGEST]),
            too_large=len(body) > LARGEST,
            etag=response.headers.get("etag", ""),
        )
