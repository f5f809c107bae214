"""A window's directory with a server beside it, for tests that run a real watch."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from state.journal import mail
from state.journal.readings import ReadingsReader
from state.readings import Ask, Observed
from state.watch.command import WatchCommand
from state.watch.start import is_alive, spawn

from .small_server import SmallServer, small_server

TOKEN = "tok-0123456789-secret"


def until(true: Callable[[], Any], seconds: float = 20) -> Any:
    """What `true` returns once that is something; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
    return value


class Place:
    """A window's directory with a server, whose watches are ended when the test ends."""

    def __init__(self, directory: Path, server: SmallServer) -> None:
        self.directory = directory
        self.server = server
        self.reader = ReadingsReader(directory / "readings.db")
        (directory / "mail").mkdir()

    def command(self, **changes: Any) -> WatchCommand:
        plain: dict[str, Any] = {
            "token": SecretStr(TOKEN),
            "replicas": (self.server.url,),
            "ready_every": 0.2,
            "summary_every": 60.0,
            "linger": 60.0,
        }
        return WatchCommand(**{**plain, **changes})

    def start(self, **changes: Any) -> int:
        """Starts a watch through the front door and returns its process id."""
        before = self.pids()
        spawn(self.directory, self.command(**changes))
        return until(lambda: [pid for pid in self.pids() if pid not in before] and self.pids()[-1])

    def pids(self) -> list[int]:
        return [watch.pid for watch in self.reader.watches()]

    def look(self) -> Observed:
        return self.reader.look(time.time())

    def latest(self, ask: Ask) -> Any:
        return self.look().latest.get((ask, self.server.url))

    def tell(self, kind: str, **body: Any) -> None:
        mail.send(self.directory / "mail", "watch", kind, body)

    def gone(self) -> bool:
        return not is_alive(self.directory)

    def last_words(self) -> str | None:
        return self.reader.watches()[-1].why


@contextmanager
def making(directory: Path) -> Iterator[Place]:
    """A place whose watches are ended with the block."""
    with small_server() as server:
        made = Place(directory, server)
        yield made
        for pid in made.pids() if is_alive(directory) else []:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        made.reader.close()
