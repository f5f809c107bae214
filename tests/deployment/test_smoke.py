"""The core actions: each is told apart, none ends the list, and the token goes to no other place."""

import hashlib
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import SecretStr

from state.deployment import action
from state.deployment.api import Api
from state.deployment.smoke import core_actions
from state.readings import Ask, Reading, ReadingClass

from .upload_server import UploadServer, upload_server

TOKEN = "tok-0123456789-secret"

UPLOAD = (
    "begin upload",
    "ask where to send",
    "send content",
    "complete upload",
    "commit",
    "download",
    "compare digest",
)


@pytest.fixture
def server() -> Iterator[UploadServer]:
    with upload_server() as made:
        yield made


async def tried(*urls: str, repository: str | None = "tools", degraded: bool = False) -> Reading:
    api = Api(urls, SecretStr(TOKEN))
    try:
        return await core_actions(api, repository, degraded)
    finally:
        await api.aclose()


def told(reading: Reading) -> dict[str, tuple[bool, str]]:
    assert reading.values is not None
    return {each["name"]: (each["ok"], each["words"]) for each in reading.values["actions"]}


async def test_all_goes_well(server: UploadServer) -> None:
    reading = await tried(server.url)
    assert (reading.ask, reading.replica) == (Ask.SMOKE, server.url)
    assert (reading.reading_class, reading.reason) == (ReadingClass.OK, "")
    actions = told(reading)
    assert list(actions) == [
        f"live {server.url}",
        f"ready {server.url}",
        "whoami",
        "list repositories",
        *UPLOAD,
    ]
    assert all(good for good, _ in actions.values())
    assert actions["whoami"] == (True, "ops")
    assert actions["list repositories"] == (True, "2 that the token may read")
    assert reading.values is not None
    assert all(each["ms"] >= 0 for each in reading.values["actions"])
    wanted = json.loads(server.bodies["begin"])
    assert wanted == {
        "ExpectedDigest": hashlib.sha256(server.bodies["PUT"]).hexdigest(),
        "ExpectedLength": len(server.bodies["PUT"]),
    }
    assert json.loads(server.bodies["complete"]) == {"Parts": [{"PartNumber": 1, "ETag": '"e-1"'}]}


async def test_two_trials_never_send_the_same_blob(server: UploadServer) -> None:
    await tried(server.url)
    first = server.blob
    await tried(server.url)
    assert server.blob != first


async def test_without_a_repository_nothing_is_written(server: UploadServer) -> None:
    reading = await tried(server.url, repository=None)
    assert reading.reading_class is ReadingClass.OK
    assert server.seen == ["live", "ready", "whoami", "repos"]


async def test_the_token_goes_with_the_api_and_never_with_the_content(server: UploadServer) -> None:
    with upload_server() as store:
        for target in ("/objects/1", f"{store.url}/bucket/1?X-Amz-Signature=abc"):
            server.target = target
            with_blob = store if target.startswith("http") else server
            reading = await tried(server.url)
            server.blob = with_blob.blob
            assert told(reading)["send content"] == (True, "taken")
            assert with_blob.tokens["PUT"] == ""
        assert store.seen == ["PUT"]
    assert {step for step, token in server.tokens.items() if not token} == {"live", "ready", "PUT"}


@pytest.mark.parametrize("target", ["", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://[::1", "data:,x"])
async def test_an_upload_url_that_is_none(server: UploadServer, target: str) -> None:
    server.target = target
    reading = await tried(server.url)
    assert told(reading)["ask where to send"] == (False, "uploadUrl is no usable address")
    assert "PUT" not in server.seen


async def test_a_store_that_refuses_is_told_without_its_address(server: UploadServer) -> None:
    server.target, server.changes["PUT"] = "/objects/1?signature=abcdef", (403, b"<Error>abcdef</Error>")
    reading = await tried(server.url)
    assert told(reading)["send content"] == (False, "403: the content was not taken")
    assert "abcdef" not in str(reading)


@pytest.mark.parametrize(
    ("step", "name", "code", "body", "reading_class", "words"),
    [
        ("begin", "begin upload", 403, {"error": "forbidden"}, "forbidden", "403: the token may not do this"),
        (
            "begin",
            "begin upload",
            200,
            {"uploadId": "1", "state": "committed", "deduped": True},
            "bad_body",
            "",
        ),
        (
            "begin",
            "begin upload",
            201,
            {"uploadId": "../../x", "state": "initiated"},
            "bad_body",
            "uploadId: ",
        ),
        ("begin", "begin upload", 201, {"state": "initiated"}, "bad_body", "no uploadId in the answer"),
        ("parts", "ask where to send", 409, {"error": "conflict"}, "bad_body", "409 is not an answer"),
        ("PUT", "send content", 503, b"", "server_error", "503: the content was not taken"),
        (
            "complete",
            "complete upload",
            200,
            {"state": "initiated"},
            "bad_body",
            "initiated, not pending_commit",
        ),
        ("complete", "complete upload", 200, b"<html>", "bad_body", "HTML instead of JSON"),
        ("commit", "commit", 409, {"error": "upload_verification_failed"}, "bad_body", "verification_failed"),
        ("commit", "commit", 200, {"state": "committed", "digest": "0" * 64}, "bad_body", "another digest"),
        ("download", "download", 423, {"error": "quarantined"}, "bad_body", "423 is not an answer"),
        ("download", "download", 200, b"x" * 1_100_000, "too_large", "larger than 1 MiB"),
        ("download", "compare digest", 200, b"something else", "bad_body", "came back, not sha256:"),
    ],
)
async def test_what_fails_is_told_and_what_needs_it_is_not_tried(
    server: UploadServer, step: str, name: str, code: int, body: Any, reading_class: str, words: str
) -> None:
    server.changes[step] = (code, body)
    reading = await tried(server.url)
    actions = told(reading)
    assert reading.reading_class == reading_class
    assert reading.reason.startswith(f"{name}: ")
    assert actions[name][0] is False
    assert words in actions[name][1]
    place = UPLOAD.index(name)
    assert all(actions[each][0] for each in UPLOAD[:place])
    for each in UPLOAD[place + 1 :]:
        assert actions[each] == (False, f"not tried: it needs {name}")


async def test_a_replica_that_is_down_ends_nothing(server: UploadServer) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        down = f"http://127.0.0.1:{closed.getsockname()[1]}"
        reading = await tried(server.url, down)
    actions = told(reading)
    assert reading.reading_class is ReadingClass.REFUSED
    assert reading.reason.startswith(f"live {down}: connection refused")
    assert [actions[f"{ask} {down}"][0] for ask in ("live", "ready")] == [False, False]
    assert actions["commit"][0] is True
    # The download is asked of the other replica.
    assert actions["download"][0] is False


async def test_degraded_is_as_the_policy_says(server: UploadServer) -> None:
    server.changes["ready"] = (
        200,
        {"status": "degraded", "dependencies": [{"name": "jwks", "healthy": True, "status": "degraded"}]},
    )
    assert (await tried(server.url, repository=None)).reading_class is ReadingClass.DEGRADED
    accepting = await tried(server.url, repository=None, degraded=True)
    assert accepting.reading_class is ReadingClass.OK
    assert told(accepting)[f"ready {server.url}"] == (True, "degraded, which is accepted: jwks degraded")


async def test_a_repository_that_the_token_does_not_see(server: UploadServer) -> None:
    server.changes["repos"] = (200, {"items": [{"repoKey": "libs"}]})
    reading = await tried(server.url)
    assert told(reading)["list repositories"] == (False, "tools is not among the 1 that the token may read")
    assert (await tried(server.url, repository="LIBS")).values is not None


async def test_the_token_is_hidden_wherever_it_is_echoed(server: UploadServer) -> None:
    server.changes["begin"] = (400, {"error": TOKEN, "message": f"no {TOKEN}"})
    assert TOKEN not in str(await tried(server.url))


async def test_a_step_that_hangs_ends_at_its_deadline(
    server: UploadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(action, "DEADLINE", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        server.target = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        reading = await tried(server.url)
    assert (reading.reading_class, reading.reason) == (
        ReadingClass.TIMEOUT,
        "send content: no answer in time",
    )
