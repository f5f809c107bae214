"""A small Artifortress on loopback for the watch: answers as a thread of the test, and counts who asks."""

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
        body = json.dumps(_BODIES[path]).encode()
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
