"""Replicas that are well, each on a port of its own: `python -m tests.bench.replicas COUNT` prints them."""

import asyncio
import json
import sys
from contextlib import suppress

from state.readings import METRICS

_BODIES = {
    "/health/live": {"status": "ok"},
    "/health/ready": {"status": "ready", "dependencies": [{"name": "postgres", "healthy": True}]},
    "/v1/admin/ops/summary": {metric.key: 3 for metric in METRICS},
    "/v1/auth/whoami": {"subject": "admin", "scopes": ["admin"], "authSource": "token"},
    "/v1/audit": [],
}
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def _answer(path: str) -> bytes:
    body = json.dumps(_BODIES[path]).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


_ANSWERS = {path: _answer(path) for path in _BODIES}


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split(b" ", 2)[1].decode().partition("?")[0]
            writer.write(_ANSWERS.get(path, _NOT_FOUND))
    writer.close()


async def _main(count: int) -> None:
    servers = [await asyncio.start_server(_serve, "127.0.0.1", 0) for _ in range(count)]
    print(*[server.sockets[0].getsockname()[1] for server in servers], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
