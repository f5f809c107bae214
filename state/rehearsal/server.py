"""One API replica of the practice deployment: HTTP on loopback over the shared database."""

import json
import random
import re
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from state.rehearsal import api, processes, traffic, uploads
from state.rehearsal.api import Answer, Call, Problem
from state.rehearsal.layout import Layout, load
from state.rehearsal.releases import Release, installed

MAX_BODY = 1 << 20

_ROUTES: tuple[tuple[str, re.Pattern[str], Callable[..., Answer]], ...] = tuple(
    (method, re.compile(pattern), endpoint)
    for method, pattern, endpoint in (
        ("GET", r"/health/live", api.live),
        ("GET", r"/health/ready", api.ready),
        ("GET", r"/v1/admin/ops/summary", api.ops_summary),
        ("GET", r"/v1/admin/reconcile/blobs", api.reconcile),
        ("GET", r"/v1/auth/whoami", api.whoami),
        ("GET", r"/v1/audit", api.audit),
        ("GET", r"/v1/repos", api.repositories),
        ("POST", r"/v1/repos/([\w.-]+)/uploads", uploads.begin),
        ("POST", r"/v1/repos/([\w.-]+)/uploads/(\w+)/parts", uploads.part),
        ("PUT", r"/objects/uploads/(\w+)", uploads.receive),
        ("POST", r"/v1/repos/([\w.-]+)/uploads/(\w+)/complete", uploads.complete),
        ("POST", r"/v1/repos/([\w.-]+)/uploads/(\w+)/commit", uploads.commit),
        ("GET", r"/v1/repos/([\w.-]+)/blobs/([0-9a-f]{64})", uploads.download),
    )
)


def answer(call: Call) -> Answer:
    """Find the endpoint and let it answer; every Problem becomes its status and body."""
    try:
        for method, pattern, endpoint in _ROUTES:
            match = pattern.fullmatch(call.path)
            if match and method == call.method:
                return endpoint(call, *match.groups())
        raise Problem(404, "not_found", f"There is no {call.method} {call.path}.")
    except Problem as problem:
        return Answer(problem.status, {"error": problem.error, "message": str(problem)})


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into a Call and an Answer into HTTP."""

    protocol_version = "HTTP/1.1"
    server_version = "practice"
    sys_version = ""
    timeout = 30
    layout: ClassVar[Layout]
    server_name: ClassVar[str]
    release: ClassVar[Release]

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            self._send(Answer(413, {"error": "too_large", "message": "The body is larger than 1 MiB."}))
            return
        parts = urlsplit(self.path)
        call = Call(
            layout=self.layout,
            release=self.release,
            server=self.server_name,
            method=self.command,
            path=parts.path,
            query={key: values[-1] for key, values in parse_qs(parts.query).items()},
            authorization=self.headers.get("Authorization") or "",
            body=self.rfile.read(length),
        )
        if call.path == "/health/ready":
            self.layout.pause(random.uniform(*self.layout.scenario.ready_delay))
        self._send(answer(call))

    do_GET = do_POST = do_PUT = _serve

    def _send(self, result: Answer) -> None:
        body = result.body if isinstance(result.body, bytes) else json.dumps(result.body).encode()
        kind = (
            "application/octet-stream"
            if isinstance(result.body, bytes)
            else "application/json; charset=utf-8"
        )
        self.send_response(result.status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in result.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Polling every second would only fill the log."""


def _bind(port: int) -> ThreadingHTTPServer:
    """Listen on loopback; a predecessor may need a moment to free the port."""
    deadline = time.monotonic() + 5
    while True:
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError as error:
            if time.monotonic() > deadline:
                sys.exit(f"cannot listen on 127.0.0.1:{port}: {error.strerror}")
            time.sleep(0.1)


def main(root: Path, name: str) -> None:
    """Serve until ended."""
    layout = load(root)
    processes.enter(layout, name)
    release = installed(layout)
    Handler.layout, Handler.server_name, Handler.release = layout, name, release
    listener = _bind(layout.ports[name])
    print(f"{name} {release.version} listens on {layout.url(name)}", flush=True)
    threading.Thread(target=traffic.flow, args=(layout, release, name), daemon=True).start()
    listener.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
