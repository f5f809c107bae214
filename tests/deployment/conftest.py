"""A server on loopback that answers with exactly the bytes a test wants, or does what no server should."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent.parent / "samples"

Handler = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[[Handler], "asyncio.AbstractAsyncContextManager[str]"]


def http(status: str, body: bytes | str = b"", kind: str = "application/json", headers: str = "") -> bytes:
    """A whole HTTP answer."""
    content = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(content)}\r\n{headers}\r\n"
    return head.encode() + content


def always(answer: bytes) -> Handler:
    """Answers every request so."""

    async def handle(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    return handle


@asynccontextmanager
async def serving(handle: Handler) -> AsyncIterator[str]:
    """Serves one request a connection on a free port; yields the address."""
    tasks: set[asyncio.Task[None]] = set()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handle(await reader.read(65536), writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            tasks.discard(task)

    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    """The bytes of a sample body."""
    return lambda name: (SAMPLES / name).read_bytes()
