"""The release targets: deploy, stop, redeploy, start, smoke and ci-status."""

import hashlib
import json
import os
import time
import urllib.error
import urllib.request
from typing import Any

from state.rehearsal import processes
from state.rehearsal.database_recipes import RecipeFailed
from state.rehearsal.layout import PROCESSES, SERVERS, Layout
from state.rehearsal.releases import NEW, PREVIOUS, RELEASES, install, installed


def deploy(layout: Layout) -> None:
    """Put the new release in place of whatever runs."""
    _swap(layout, NEW)
    _start(layout)


def redeploy(layout: Layout) -> None:
    """Put the previous release back; with START=no it stays down."""
    _swap(layout, PREVIOUS)
    if os.environ.get("START") == "no":
        print(f"{PREVIOUS} is installed, not started.")
    else:
        _start(layout)


def stop(layout: Layout) -> None:
    """End API and worker; they stay down until started."""
    layout.stopped.touch()
    print(f"Stopping {', '.join(PROCESSES)}...")
    processes.stop(layout)
    print("Stopped.")


def start(layout: Layout) -> None:
    """Start what is installed."""
    _start(layout)


def _swap(layout: Layout, version: str) -> None:
    stop(layout)
    print(f"Installing {version}...")
    layout.pause(1.5)
    install(layout, version)


def _start(layout: Layout) -> None:
    release = installed(layout)
    print(f"Starting {', '.join(PROCESSES)} of {release.version}...")
    layout.pause(1.0)
    processes.start(layout)
    layout.stopped.unlink(missing_ok=True)
    for server in SERVERS:
        print(f"{server} is live on {layout.url(server)}")
    print(f"{release.version} ({release.commit}) is running.")


def ci_status(layout: Layout) -> None:
    """The build of the release that is about to be deployed."""
    layout.pause(0.5)
    commit = RELEASES[-1].commit
    print(f"build 4711 · {NEW} · commit {commit} · passed · 1284 tests, 0 failures")


def smoke(layout: Layout) -> None:
    """The core actions through the API: whoami, repositories, summary, an upload and its download."""
    began = time.monotonic()
    for server in SERVERS:
        who = json.loads(_ask(layout, server, "GET", "/v1/auth/whoami"))
        print(f"ok  {server} whoami: {who['subject']}")
    repositories = json.loads(_ask(layout, "api-1", "GET", "/v1/repos"))
    print(f"ok  repositories: {len(repositories)}")
    summary = json.loads(_ask(layout, "api-1", "GET", "/v1/admin/ops/summary"))
    print(f"ok  ops summary: {summary['pendingOutboxEvents']} pending outbox events")
    layout.pause(1)
    content = f"smoke {time.time_ns()}".encode()
    digest = _upload(layout, repositories[0]["repoKey"], content)
    print(f"ok  uploaded and committed sha256:{digest[:12]}, {len(content)} bytes")
    back = _ask(layout, "api-2", "GET", f"/v1/repos/{repositories[0]['repoKey']}/blobs/{digest}")
    if back != content:
        raise RecipeFailed("The downloaded blob differs from the uploaded one.")
    print("ok  downloaded, digest matches")
    print(f"Smoke checks passed in {time.monotonic() - began:.1f} s.")


def _upload(layout: Layout, repo: str, content: bytes) -> str:
    base, digest = f"/v1/repos/{repo}/uploads", hashlib.sha256(content).hexdigest()
    wanted = {"ExpectedDigest": digest, "ExpectedLength": len(content)}
    upload = json.loads(_ask(layout, "api-1", "POST", base, wanted))["uploadId"]
    part = json.loads(_ask(layout, "api-1", "POST", f"{base}/{upload}/parts", {"PartNumber": 1}))
    path = part["uploadUrl"].removeprefix(layout.url("api-1"))
    _ask(layout, "api-1", "PUT", path, content)
    _ask(layout, "api-1", "POST", f"{base}/{upload}/complete", {"Parts": [{"PartNumber": 1, "ETag": "1"}]})
    _ask(layout, "api-1", "POST", f"{base}/{upload}/commit")
    return digest


def _ask(
    layout: Layout, server: str, method: str, path: str, body: dict[str, Any] | bytes | None = None
) -> bytes:
    """The answer's bytes; RecipeFailed with the API's own words for anything but success."""
    request = urllib.request.Request(f"{layout.url(server)}{path}", method=method)
    request.add_header("Authorization", f"Bearer {layout.token.read_text(encoding='utf-8').strip()}")
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, data=data, timeout=10) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        said = error.read().decode(errors="replace")
        raise RecipeFailed(f"FAILED  {method} {path} on {server}: {error.code} {said}") from error
    except OSError as error:
        raise RecipeFailed(f"FAILED  {method} {path} on {server}: {error}") from error
