"""Ten people look at one window, and the deployment sees the polls of one watch."""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from state.journal.directory import READINGS
from state.readings import Ask

from ..session.place import Handler, Place, watches
from .evidence import DRAWBRIDGE, environment
from .terminal import Terminal, until

pytestmark = pytest.mark.tmux

OBSERVERS = 10
#: Seconds between two polls, as the settings of the place have it, and for how long they are counted.
POLL_EVERY, COUNTED_FOR = 0.25, 5.0
PATHS = {Ask.READY: "/health/ready", Ask.OPS: "/v1/admin/ops/summary"}


class Counting(ThreadingHTTPServer):
    """A deployment that is well, and counts what it is asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), CountingHandler)
        self.asked: Counter[str] = Counter()
        self.turn = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class CountingHandler(Handler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Counting)
        with self.server.turn:
            self.server.asked[self.path.partition("?")[0]] += 1
        super().do_GET()


@pytest.fixture
def deployment() -> Iterator[Counting]:
    with Counting() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def read(window: Path) -> Counter[str]:
    """What the watch has written down, by the path that was asked."""
    with closing(sqlite3.connect(f"file:{window / READINGS}?mode=ro", uri=True)) as link:
        rows = dict(link.execute("select ask, count(*) from readings group by ask").fetchall())
    return Counter({path: rows.get(ask.value, 0) for ask, path in PATHS.items()})


def test_ten_observers_are_no_load(deployment: Counting, tmp_path: Path) -> None:
    place = Place(tmp_path, deployment.address)
    with ExitStack() as stack:
        stack.callback(place.end)
        session = place.open()
        until(lambda: session.tick() and watches(place.window), "no watch comes")
        (watch,) = watches(place.window)
        terminals: list[Terminal] = []
        for number in range(OBSERVERS):
            home = tmp_path / f"home-{number}"
            home.mkdir()
            terminal = Terminal(environment(home, DRAWBRIDGE_STATE=str(place.state)))
            stack.callback(terminal.close)
            terminals.append(terminal)
            terminal.start(*DRAWBRIDGE, "--config", str(tmp_path / "drawbridge.toml"), "watch")
        until(lambda: session.tick() and len(session.window.observers) == OBSERVERS, "not all look on", 60)

        before, began = Counter(deployment.asked), time.monotonic()
        until(lambda: not session.tick() and time.monotonic() > began + COUNTED_FOR, "time stands still")
        asked, took = deployment.asked - before, time.monotonic() - began
        for path in PATHS.values():
            assert 1 <= asked[path] <= took / POLL_EVERY + 2, (path, asked, took)
        assert watches(place.window) == [watch]
        # They do look: all of them show what the watch has read, and who drives.
        for terminal in terminals:
            terminal.wait_for(r"● ready +\d+ ms")
            terminal.wait_for(r"driver sam@bastion")

        session.observation.end("the test is over")
        session.close()
        until(lambda: not watches(place.window), "the watch does not end")
        # A probe that was under way at the end was asked and not written down.
        asked, written = Counter(deployment.asked), read(place.window)
        for path in PATHS.values():
            assert 0 <= asked[path] - written[path] <= 1, (path, asked, written)
