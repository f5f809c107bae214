"""The webhook: one post, one answer, and an address that nobody ever reads."""

import asyncio
import json
import socket
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from state.deployment import webhook
from state.deployment.wire import Wire
from state.readings import Ask, Reading, ReadingClass

from .conftest import Handler, http, serving
from .small_server import SmallServer, small_server

PATH = "/services/T0SECRET/B0SECRET"
TOKEN = "tok-0123456789-secret"


async def posted(address: str | None, text: str = "rolled back ✓") -> Reading:
    wire = Wire(SecretStr(TOKEN))
    secret = None if address is None else SecretStr(address)
    try:
        return await webhook.post(wire, secret, "m-1", text, "http://a")
    finally:
        await wire.aclose()


def secretless(reading: Reading) -> Reading:
    assert "SECRET" not in repr(reading)
    assert (reading.ask, reading.replica, reading.values) == (Ask.POST, "http://a", {"id": "m-1"})
    return reading


@pytest.fixture
def server() -> Iterator[SmallServer]:
    with small_server() as made:
        yield made


async def test_the_message_is_posted_once_as_json_and_without_the_token(server: SmallServer) -> None:
    reading = secretless(await posted(server.url + PATH))
    assert (reading.reading_class, reading.code, reading.reason) == (ReadingClass.OK, 200, "")
    ((path, body),) = server.posted
    assert (path, json.loads(body)) == (PATH, {"text": "rolled back ✓"})
    assert server.tokens == {""}


@pytest.mark.parametrize(
    ("status", "reading_class", "reason"),
    [
        ("204 Done", "ok", ""),
        ("404 No", "bad_body", "look at its address"),
        ("302 Found", "bad_body", "look at its address"),
        ("500 No", "server_error", "the webhook failed: try again, or copy the message"),
    ],
)
async def test_answers(status: str, reading_class: str, reason: str) -> None:
    body = "" if status.startswith("204") else f"no such hook {PATH}"
    echo = http(status, body, headers=f"Location: {PATH}\r\n")

    async def handle(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(echo)
        await writer.drain()

    reading = secretless(await _at(handle))
    assert reading.reading_class == reading_class
    assert reason in reading.reason


async def _at(handle: Handler) -> Reading:
    async with serving(handle) as url:
        return await posted(url + PATH)


async def test_a_post_that_broke_is_not_made_again_and_may_have_been_taken() -> None:
    asked = 0

    async def drop(_request: bytes, _writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked += 1

    reading = secretless(await _at(drop))
    assert (reading.reading_class, asked) == (ReadingClass.RESET, 1)
    assert "it may have been posted" in reading.reason


async def test_a_hanging_webhook_ends_at_the_deadline(
    server: SmallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "DEADLINE", 0.3)
    server.hang = {PATH}
    reading = secretless(await posted(server.url + PATH))
    assert reading.reading_class is ReadingClass.TIMEOUT
    assert "look into the channel" in reading.reason


@pytest.mark.parametrize(
    "address",
    [
        "http://SECRET.invalid/x",
        "http://127.0.0.1:SECRET/x",
        "SECRET",
        "ftp://127.0.0.1/SECRET",
        "http://[SECRET/x",
        "https://user:SECRET@127.0.0.1:{port}/x",
        "http://127.0.0.1:{port}/SECRET",
    ],
)
async def test_addresses_that_lead_nowhere_do_not_show(address: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        reading = secretless(await posted(address.replace("{port}", str(closed.getsockname()[1]))))
    assert reading.reading_class in (ReadingClass.DNS, ReadingClass.REFUSED, ReadingClass.RESET)
    assert (reading.code, reading.latency_ms) == (None, None)
    assert reading.reason


async def test_a_message_that_is_too_long_is_not_sent(server: SmallServer) -> None:
    long = "✓" * 2731
    reading = secretless(await posted(server.url + PATH, long))
    assert reading.reading_class is ReadingClass.TOO_LARGE
    assert server.posted == []
    assert secretless(await posted(server.url + PATH, long[1:])).reading_class is ReadingClass.OK


async def test_no_address() -> None:
    assert "webhook_env" in secretless(await posted(None)).reason
