"""An Artifortress that only knows how to take one upload; each answer can be made to go wrong."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar


class UploadServer(ThreadingHTTPServer):
    """`changes` maps a step (`begin`, `parts`, `PUT`, ...) to the code and the body of its answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.changes: dict[str, tuple[int, Any]] = {}
        self.target = "/objects/1"
        self.blob = b""
        self.seen: list[str] = []
        self.tokens: dict[str, str] = {}
        self.bodies: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def answers(self, step: str) -> tuple[int, Any]:
        blob = {"digest": hashlib.sha256(self.blob).hexdigest(), "length": len(self.blob)}
        usual: dict[str, tuple[int, Any]] = {
            "live": (200, {"status": "ok"}),
            "ready": (200, {"status": "ready", "dependencies": []}),
            "whoami": (200, {"subject": "ops", "scopes": []}),
            "repos": (200, [{"repoKey": "tools"}, {"repoKey": "libs"}]),
            "begin": (201, {"uploadId": "0f0e-1", "state": "initiated"}),
            "parts": (200, {"uploadUrl": self.target, "state": "parts_uploading"}),
            "PUT": (200, b""),
            "complete": (200, {"state": "pending_commit"}),
            "commit": (200, {"state": "committed", **blob}),
            "download": (200, self.blob),
        }
        return self.changes.get(step, usual[step])


class _Handler(BaseHTTPRequestHandler):
    server: UploadServer
    steps: ClassVar = {
        "/health/live": "live",
        "/health/ready": "ready",
        "/v1/auth/whoami": "whoami",
        "/v1/repos": "repos",
        "/v1/repos/tools/uploads": "begin",
        "/v1/repos/tools/uploads/0f0e-1/parts": "parts",
        "/v1/repos/tools/uploads/0f0e-1/complete": "complete",
        "/v1/repos/tools/uploads/0f0e-1/commit": "commit",
    }

    def _serve(self) -> None:
        server, body = self.server, self.rfile.read(int(self.headers.get("Content-Length") or 0))
        step = "PUT" if self.command == "PUT" else self.steps.get(self.path, "download")
        server.seen.append(step)
        server.tokens[step] = self.headers.get("Authorization", "")
        server.bodies[step] = body
        code, content = server.answers(step)
        if step == "PUT" and code == 200:
            server.blob = body
        self.send_response(code)
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_header("Content-Type", "application/octet-stream" if raw is content else "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.send_header("ETag", '"e-1"')
        self.end_headers()
        self.wfile.write(raw)

    do_GET = do_POST = do_PUT = _serve

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@contextmanager
def upload_server() -> Iterator[UploadServer]:
    """A server that answers until the block ends."""
    with UploadServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
