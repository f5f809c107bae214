"""A deployment that is well, and a place for the sessions of one test."""

import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from .place import Handler, Place


@pytest.fixture(scope="session")
def api() -> Iterator[str]:
    """The address of a deployment that is well and has no backlog."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def place(tmp_path: Path, api: str) -> Iterator[Place]:
    made = Place(tmp_path, api)
    yield made
    made.end()
