"""Every way in which a replica can answer, or fail to, gives a reading of the right class, never a zero."""

import asyncio
import gzip
import json
import socket
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from state.deployment.answers import Answer, Interpreter
from state.deployment.api import DEADLINES, Api
from state.deployment.failures import failure
from state.readings import METRICS, Ask, Reading, ReadingClass

from .conftest import Handler, always, http, serving

TOKEN = "tok-en/with+odd=characters"

#: What a probe asks; the audit rows are asked for with a time, the others consist of several requests.
PROBED = (Ask.LIVE, Ask.READY, Ask.OPS, Ask.WHOAMI, Ask.RECONCILE)


async def probe(handle: Handler, ask: Ask = Ask.READY) -> Reading:
    async with serving(handle) as url:
        api = Api([url], SecretStr(TOKEN))
        try:
            return await api.probe(ask, url)
        finally:
            await api.aclose()


async def answered(answer: bytes, ask: Ask = Ask.READY) -> Reading:
    return await probe(always(answer), ask)


async def test_live() -> None:
    reading = await answered(http("200 OK", '{"status":"ok","extra":1}'), Ask.LIVE)
    assert (reading.reading_class, reading.values, reading.reason, reading.code) == (
        ReadingClass.OK,
        {},
        "",
        200,
    )
    assert reading.latency_ms is not None and 0 < reading.latency_ms < 6000


async def test_ready_ga(sample: Callable[[str], bytes]) -> None:
    reading = await answered(http("200 OK", sample("ready-ga.json"), "application/json; charset=utf-8"))
    assert reading.reading_class is ReadingClass.OK
    assert reading.values == {
        "status": "ready",
        "dependencies": [
            {"name": "postgres", "state": "ready", "detail": ""},
            {"name": "object_storage", "state": "ready", "detail": ""},
        ],
    }


async def test_not_ready_ga_keeps_its_body_though_it_is_a_503(sample: Callable[[str], bytes]) -> None:
    reading = await answered(http("503 Service Unavailable", sample("not-ready-ga.json")))
    assert (reading.reading_class, reading.code) == (ReadingClass.NOT_READY, 503)
    assert reading.reason == "postgres not_ready: Exception while reading from stream"
    assert reading.values is not None
    assert [each["state"] for each in reading.values["dependencies"]] == ["not_ready", "ready"]


async def test_degraded_current_where_status_beats_healthy(sample: Callable[[str], bytes]) -> None:
    reading = await answered(http("200 OK", sample("degraded-current.json")))
    assert reading.reading_class is ReadingClass.DEGRADED
    assert reading.reason == "oidc_jwks degraded: fallback_only=true; static_fallback_keys=1"
    assert reading.values is not None
    states = {each["name"]: each["state"] for each in reading.values["dependencies"]}
    assert states["redis"] == "not_configured"
    assert states["oidc_jwks"] == "degraded"


async def test_200_that_says_not_ready(sample: Callable[[str], bytes]) -> None:
    assert (
        await answered(http("200 OK", sample("not-ready-ga.json")))
    ).reading_class is ReadingClass.NOT_READY


@pytest.mark.parametrize("name", ["ops-summary-ga.json", "ops-summary-current.json"])
async def test_ops_summary(sample: Callable[[str], bytes], name: str) -> None:
    reading = await answered(http("200 OK", sample(name)), Ask.OPS)
    expected = json.loads(sample(name))
    assert reading.reading_class is ReadingClass.OK
    assert reading.values == {metric.key: expected[metric.key] for metric in METRICS}


async def test_a_missing_count_is_absent_and_no_zero() -> None:
    reading = await answered(http("200 OK", '{"pendingOutboxEvents":3,"failedSearchJobs":null}'), Ask.OPS)
    assert reading.values == {"pendingOutboxEvents": 3}


async def test_skew_is_the_servers_clock_minus_ours_at_the_middle(sample: Callable[[str], bytes]) -> None:
    wall, mono = iter([1000.0, 1004.0]), iter([50.0, 54.0])
    async with serving(always(http("200 OK", sample("ops-summary-ga.json")))) as url:
        api = Api([url], None)
        reading = await api.probe(Ask.OPS, url, wall=lambda: next(wall), mono=lambda: next(mono))
        await api.aclose()
    checked = datetime.fromisoformat("2026-02-11T14:02:12.093411+00:00").timestamp()
    assert reading.skew == pytest.approx(checked - 1002.0)
    assert (reading.at, reading.monotonic, reading.latency_ms) == (1004.0, 54.0, 4000.0)


async def test_whoami() -> None:
    body = '{"subject":"sam","scopes":["admin","x\\u202ey"],"authSource":"token"}'
    reading = await answered(http("200 OK", body), Ask.WHOAMI)
    assert reading.values == {"subject": "sam", "scopes": ["admin", "x<U+202E>y"], "source": "token"}


async def test_reconcile() -> None:
    body = (
        '{"checkedAtUtc":"2026-02-11T14:02:12.0934110+00:00","missingArtifactBlobRefs":2,'
        '"missingManifestBlobRefs":0,"orphanBlobCount":14,"orphanBlobSamples":["a"]}'
    )
    reading = await answered(http("200 OK", body), Ask.RECONCILE)
    assert reading.reading_class is ReadingClass.OK
    assert reading.values == {
        "missingArtifactBlobRefs": 2,
        "missingManifestBlobRefs": 0,
        "orphanBlobCount": 14,
    }
    assert reading.skew is not None


READY = '{"status":"ready","dependencies":[]}'


@pytest.mark.parametrize(
    ("ask", "answer", "reading_class", "reason"),
    [
        (
            Ask.OPS,
            http("401 No", '{"error":"unauthorized"}'),
            "unauthorized",
            "401: the token is not ",
        ),
        (
            Ask.OPS,
            http("403 No", '{"error":"forbidden","message":"no"}'),
            "forbidden",
            "forbidden: no",
        ),
        (
            Ask.OPS,
            http("503 No", '{"error":"audit","message":"no \\u001b[3mrow"}'),
            "server_error",
            ": audit: no row",
        ),
        (Ask.OPS, http("500 No", ""), "server_error", "500"),
        (Ask.READY, http("503 No", ""), "server_error", "503: "),
        (Ask.READY, http("503 No", "{}"), "server_error", "503: status: Field required"),
        (Ask.READY, http("503 No", READY), "server_error", "503: but the body does not say not_ready"),
        (
            Ask.READY,
            http("503 No", "<html>", "text/html"),
            "server_error",
            "503 with HTML instead",
        ),
        (Ask.READY, http("502 No", '{"error":"upstream"}'), "server_error", "502: upstream"),
        (
            Ask.READY,
            http("200 OK", "<html>", "text/html; x"),
            "bad_body",
            "HTML instead of JSON (text/html, 200)",
        ),
        (Ask.READY, http("200 OK", " <html>"), "bad_body", "HTML instead of JSON (application/json, 200)"),
        (Ask.READY, http("200 OK", READY, "text/plain"), "bad_body", "no JSON (text/plain, 200)"),
        (Ask.READY, http("200 OK", ""), "bad_body", "not JSON: "),
        (Ask.READY, http("200 OK", "[" * 100_000), "bad_body", "not JSON: "),
        (Ask.READY, http("200 OK", b'"\xff"'), "bad_body", "not JSON: "),
        (Ask.READY, http("200 OK", "[]"), "bad_body", ""),
        (Ask.READY, http("200 OK", '{"status":"fine","dependencies":[]}'), "bad_body", "status: "),
        (Ask.READY, http("200 OK", '{"status":"ready"}'), "bad_body", "dependencies: Field required"),
        (
            Ask.READY,
            http("200 OK", '{"status":"ready","dependencies":[{"name":"x"}]}'),
            "bad_body",
            "a dependency says neither healthy nor a known status",
        ),
        (
            Ask.READY,
            http("200 OK", '{"status":"ready","dependencies":[{"name":"x","healthy":1}]}'),
            "bad_body",
            "dependencies.0.healthy: ",
        ),
        (
            Ask.READY,
            http("302 Found", "", headers="Location: /login\r\n"),
            "bad_body",
            "redirects to /login: ",
        ),
        (Ask.READY, http("404 No", ""), "bad_body", "404 is not an answer of Artifortress"),
        (Ask.READY, http("204 Nothing"), "bad_body", "204 is not an answer"),
        (
            Ask.READY,
            http("200 OK", gzip.compress(READY.encode()), headers="Content-Encoding: gzip\r\n"),
            "bad_body",
            "compressed body (gzip), which was not asked for",
        ),
        (Ask.READY, http("200 OK", " " * 1_100_000 + READY), "too_large", "larger than 1 MiB"),
        (Ask.OPS, http("200 OK", '{"pendingOutboxEvents":NaN}'), "bad_body", "not JSON: "),
        (Ask.OPS, http("200 OK", '{"pendingOutboxEvents":1,"x":Infinity}'), "bad_body", "not JSON: "),
        (Ask.OPS, http("200 OK", '{"pendingOutboxEvents":true}'), "bad_body", "pendingOutboxEvents: "),
        (Ask.OPS, http("200 OK", '{"pendingOutboxEvents":"3"}'), "bad_body", "pendingOutboxEvents: "),
        (Ask.OPS, http("200 OK", '{"pendingOutboxEvents":3.0}'), "bad_body", "pendingOutboxEvents: "),
        (Ask.OPS, http("200 OK", '{"pendingOutboxEvents":-1}'), "bad_body", "pendingOutboxEvents: "),
        (Ask.OPS, http("200 OK", '{"pendingOutboxEvents":1e30}'), "bad_body", "pendingOutboxEvents: "),
        (Ask.OPS, http("200 OK", "{}"), "bad_body", "none of the seven metrics"),
        (Ask.RECONCILE, http("403 No", ""), "forbidden", "403: the token may not do this"),
        (Ask.RECONCILE, http("404 No", ""), "bad_body", "404 is not an answer of Artifortress"),
        (
            Ask.RECONCILE,
            http("200 OK", '{"missingArtifactBlobRefs":0,"orphanBlobCount":0}'),
            "bad_body",
            "missingManifestBlobRefs: Field required",
        ),
        (Ask.LIVE, http("200 OK", '{"status":"down"}'), "bad_body", "status: "),
        (Ask.LIVE, http("503 No", READY), "server_error", "503"),
        (Ask.LIVE, b"SSH-2.0-OpenSSH_9.2\r\n", "reset", "the server broke off"),
        (Ask.LIVE, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "reset", "the server broke off"),
        (Ask.LIVE, b"", "reset", "the server broke off"),
    ],
)
async def test_what_is_not_ok(ask: Ask, answer: bytes, reading_class: str, reason: str) -> None:
    reading = await answered(answer, ask)
    assert reading.reading_class == reading_class
    assert reason in reading.reason
    assert reading.values is None
    assert 0 < len(reading.reason) <= 200
    assert reading.reason.isprintable()


async def test_refused() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        reading = await _alone(url)
    assert reading.reading_class is ReadingClass.REFUSED
    assert (reading.code, reading.latency_ms, reading.values) == (None, None, None)


async def test_a_name_with_several_addresses_is_refused_as_one() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        reading = await _alone(f"http://localhost:{closed.getsockname()[1]}")
    assert reading.reading_class is ReadingClass.REFUSED


async def test_reset() -> None:
    async def reset(_request: bytes, writer: asyncio.StreamWriter) -> None:
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        writer.transport.abort()

    reading = await probe(reset)
    assert reading.reading_class is ReadingClass.RESET
    assert "reset" in reading.reason


async def test_a_reset_is_not_hidden_by_asking_again() -> None:
    asked = 0

    async def resets_first(_request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            writer.transport.abort()
        else:
            writer.write(http("200 OK", READY))

    assert (await probe(resets_first)).reading_class is ReadingClass.RESET
    assert asked == 1


async def test_every_probe_has_a_connection_of_its_own() -> None:
    peers: list[object] = []

    async def keep_open(_request: bytes, writer: asyncio.StreamWriter) -> None:
        peers.append(writer.get_extra_info("peername"))
        writer.write(http("200 OK", READY, headers="Connection: keep-alive\r\n"))

    async with serving(keep_open) as url:
        api = Api([url], None)
        for _ in range(3):
            assert (await api.probe(Ask.READY, url)).reading_class is ReadingClass.OK
        await api.aclose()
    assert len(set(peers)) == 3


async def test_hanging_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DEADLINES, Ask.READY, 0.3)  # type: ignore[arg-type]  # the dict behind the Mapping

    async def hang(_request: bytes, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    reading = await probe(hang)
    assert (reading.reading_class, reading.latency_ms) == (ReadingClass.TIMEOUT, None)


async def test_a_slow_drip_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DEADLINES, Ask.READY, 0.5)  # type: ignore[arg-type]  # the dict behind the Mapping

    async def drip(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    assert (await probe(drip)).reading_class is ReadingClass.TIMEOUT


async def test_the_timeouts_of_aiohttp_are_timeouts_too() -> None:
    for kind in (aiohttp.SocketTimeoutError, aiohttp.ConnectionTimeoutError, aiohttp.ServerTimeoutError):
        assert failure(kind("x"))[0] is ReadingClass.TIMEOUT


async def test_tls_to_a_server_without_it() -> None:
    async with serving(always(http("200 OK", READY))) as url:
        reading = await _alone(url.replace("http:", "https:"))
    assert reading.reading_class is ReadingClass.TLS


async def test_unknown_host() -> None:
    # The top-level domain `invalid` never exists; a host without a resolver says so as well.
    assert (await _alone("http://replica.invalid:8086")).reading_class is ReadingClass.DNS


@pytest.mark.parametrize("url", ["http://[::1", "http://127.0.0.1:99999", "ftp://127.0.0.1"])
async def test_unusable_addresses(url: str) -> None:
    assert (await _alone(url)).reading_class is not ReadingClass.OK


async def test_exception_groups_are_looked_into() -> None:
    group = ExceptionGroup("all attempts", [ValueError("x"), ConnectionRefusedError(111, "no")])
    assert failure(group)[0] is ReadingClass.REFUSED


async def test_a_get_that_the_server_dropped_is_asked_once_again() -> None:
    asked = 0

    async def drops_first(_request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1
        if asked > 1:
            writer.write(http("200 OK", READY))

    assert (await probe(drops_first)).reading_class is ReadingClass.OK
    assert asked == 2


async def _alone(url: str) -> Reading:
    api = Api([url], SecretStr(TOKEN))
    try:
        return await api.probe(Ask.READY, url)
    finally:
        await api.aclose()


@pytest.fixture
async def requests() -> AsyncIterator[dict[Ask, bytes]]:
    """What the server got for each ask."""
    seen: list[bytes] = []

    async def keep(request: bytes, writer: asyncio.StreamWriter) -> None:
        seen.append(request)
        writer.write(http("200 OK", "{}", headers="Set-Cookie: stick=1\r\n"))

    async with serving(keep) as url:
        api = Api([url], SecretStr(TOKEN))
        for ask in PROBED:
            await api.probe(ask, url)
        await api.audit(0.0)
        await api.aclose()
    yield dict(zip((*PROBED, Ask.AUDIT), seen, strict=True))


async def test_health_never_gets_the_token_and_nothing_is_kept(requests: dict[Ask, bytes]) -> None:
    with_token = {ask for ask, request in requests.items() if TOKEN.encode() in request}
    assert with_token == {Ask.OPS, Ask.WHOAMI, Ask.RECONCILE, Ask.AUDIT}
    assert b"GET /v1/admin/reconcile/blobs?limit=20 " in requests[Ask.RECONCILE]
    assert b"GET /v1/audit?limit=1000 " in requests[Ask.AUDIT]
    for request in requests.values():
        assert b"cookie" not in request.lower()
        assert b"accept-encoding: identity" in request.lower()


async def test_proxies_of_the_environment_do_not_get_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    proxied: list[bytes] = []

    async def proxy(request: bytes, writer: asyncio.StreamWriter) -> None:
        proxied.append(request)
        writer.write(http("200 OK", "{}"))

    async with serving(proxy) as proxy_url, serving(always(http("200 OK", "{}"))) as url:
        monkeypatch.setenv("HTTP_PROXY", proxy_url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        for trusting in (False, True):
            api = Api([url], SecretStr(TOKEN), trust_proxy=trusting)
            await api.probe(Ask.OPS, url)
            await api.aclose()
            assert len(proxied) == int(trusting)


async def test_the_token_is_hidden_wherever_the_server_echoes_it() -> None:
    echo = json.dumps({"error": "bad", "message": f"I do not like {TOKEN}"})
    reading = await answered(http("401 No", echo), Ask.OPS)
    assert "I do not like ***" in reading.reason
    whoami = json.dumps({"subject": TOKEN, "scopes": [TOKEN], "authSource": "x"})
    assert TOKEN not in str(await answered(http("200 OK", whoami), Ask.WHOAMI))


async def test_no_token_is_said_as_such() -> None:
    async with serving(always(http("401 No", ""))) as url:
        api = Api([url], None)
        assert (await api.probe(Ask.OPS, url)).reason == "401: there is no token"
        await api.aclose()


_keys = st.sampled_from(
    ["status", "dependencies", "name", "healthy", "detail", "checkedAtUtc", "subject", "scopes", "error"]
    + [metric.key for metric in METRICS]
)
_contents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=6),
    max_leaves=20,
)


@given(st.sampled_from(PROBED), st.sampled_from([200, 302, 401, 403, 404, 500, 503]), _contents | st.binary())
def test_whatever_the_body_the_meaning_is_whole(ask: Ask, code: int, content: object) -> None:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    answer = Answer(code, "application/json", "", "", body, too_large=False)
    meaning = Interpreter((TOKEN,)).meaning(ask, answer)
    assert (meaning.reading_class is ReadingClass.OK) == (meaning.reason == "")
    carries = meaning.reading_class in (ReadingClass.OK, ReadingClass.DEGRADED, ReadingClass.NOT_READY)
    assert (meaning.values is not None) == carries
    if ask is Ask.OPS and meaning.values is not None:
        assert all(type(value) is int and value >= 0 for value in meaning.values.values())
