"""A small Artifortress on loopback for the watch: answers as a thread of the test, and counts who asks.

Whatever is posted to it, it keeps: it is the channel's webhook as well.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class SmallServer(ThreadingHTTPServer):
    """Counts requests by path, and notes when they came (monotonic seconds); `hang` holds paths up."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: Counter[str] = Counter()
        self.came: dict[str, list[float]] = {}
        self.tokens: set[str] = set()
        self.hang: set[str] = set()
        self.posted: list[tuple[str, bytes]] = []
        self.ending = threading.Event()
        self.guard = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news here."""


class _Handler(BaseHTTPRequestHandler):
    server: SmallServer

    def do_GET(self) -> None:
        server, path = self.server, self.path
        with server.guard:
            server.asked[path] += 1
            server.came.setdefault(path, []).append(time.monotonic())
            server.tokens.add(self.headers.get("Authorization", ""))
        if path in server.hang:
            server.ending.wait(30)
        self._answer(json.dumps(_BODIES[path]).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.guard:
            self.server.posted.append((self.path, body))
            self.server.tokens.add(self.headers.get("Authorization", ""))
        if self.path in self.server.hang:
            self.server.ending.wait(30)
        self._answer(b'"ok"')

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


_BODIES = {
    "/health/live": {"status": "ok"},
    "/health/ready": {"status": "ready", "dependencies": [{"name": "postgres", "healthy": True}]},
    "/v1/admin/ops/summary": {"pendingOutboxEvents": 3},
    "/v1/auth/whoami": {"subject": "sam", "scopes": ["admin"], "authSource": "token"},
    "/v1/admin/reconcile/blobs?limit=20": {
        "missingArtifactBlobRefs": 1,
        "missingManifestBlobRefs": 0,
        "orphanBlobCount": 2,
    },
    "/v1/audit?limit=1000": [
        {"action": "upload.committed", "occurredAtUtc": "2026-02-11T14:02:12.0934110+00:00"},
        {"action": "repo.created", "occurredAtUtc": "2026-02-11T14:00:00+00:00"},
    ],
    "/v1/repos": [{"repoKey": "tools", "repoType": "local"}],
}


@contextmanager
def small_server() -> Iterator[SmallServer]:
    """A server that answers until the block ends."""
    with SmallServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.ending.set()
            server.shutdown()
            thread.join()
