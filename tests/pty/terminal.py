"""A terminal that tests type into and read: one pane of a tmux server of their own."""

import os
import re
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from shlex import join, quote
from typing import Any

import pytest

#: Seconds. A machine that is busy with other tests is slow, but never this slow.
PATIENCE = 20.0

_SGR = re.compile(r"\x1b\[([0-9;]*)m")


def needed(environment: Mapping[str, str]) -> None:
    """Without tmux the test is skipped, but fails with DRAWBRIDGE_TEST_ALL=1."""
    if shutil.which("tmux"):
        return
    reason = "tmux is not installed (Debian: tmux)"
    if environment.get("DRAWBRIDGE_TEST_ALL") == "1":
        pytest.fail(f"{reason}, and DRAWBRIDGE_TEST_ALL=1 asks for every test")
    pytest.skip(reason)


def until(what: Callable[[], Any], words: str, seconds: float = PATIENCE, every: float = 0.05) -> Any:
    """What `what` answers as soon as that is true; fails with `words` when it takes longer."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {words}"
        time.sleep(every)
    return found


class Terminal:
    """One pane, whose program is started with `start` and stays readable after its end."""

    def __init__(
        self,
        environment: Mapping[str, str],
        columns: int = 120,
        rows: int = 40,
        directory: Path = Path("/"),
        record: Path | None = None,
    ) -> None:
        """`environment` is all that the program gets, beside what tmux adds.

        Every byte that the program sends to its terminal is added to the file `record`.
        """
        needed(os.environ)
        self._environment = {**environment, "LANG": "C.UTF-8", "TERM": "xterm-256color"}
        # Sockets in a place of their own: tmux leaves the file of a server that was ended behind.
        self._sockets = tempfile.mkdtemp(prefix="drawbridge-tmux-")
        self._socket = f"test-{os.getpid()}"
        self._size = (columns, rows)
        self._directory = directory
        self._session = ""
        self._record = record

    def start(self, *argv: str) -> None:
        """Starts a program in the pane, in place of one that has ended."""
        last, self._session = self._session, f"console-{secrets.token_hex(4)}"
        columns, rows = self._size
        # exec: the pane's process is the program itself, and no shell above it.
        self._tmux(
            *("start-server", ";", "set-option", "-g", "remain-on-exit", "on", ";"),
            *("set-option", "-g", "default-terminal", "tmux-256color", ";"),
            *("new-session", "-d", "-s", self._session, "-x", str(columns), "-y", str(rows)),
            *("-c", str(self._directory), f"exec {join(argv)}"),
            *self._recording(),
        )
        if last:
            self._tmux("kill-session", "-t", last)

    def _recording(self) -> tuple[str, ...]:
        if self._record is None:
            return ()
        return (";", "pipe-pane", "-t", self._session, f"exec cat >>{quote(str(self._record))}")

    def _tmux(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run(
            ["tmux", "-u", "-L", self._socket, "-f", "/dev/null", *arguments],
            env={**self._environment, "TMUX_TMPDIR": self._sockets},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0 or not check, done.stderr
        return done.stdout

    def send(self, *keys: str) -> None:
        """Presses keys, named as tmux names them: `Enter`, `Tab`, `C-p`."""
        self._tmux("send-keys", "-t", self._session, *keys)

    def type(self, text: str) -> None:
        """Types text."""
        self._tmux("send-keys", "-t", self._session, "-l", "--", text)

    def screen(self, colours: bool = False) -> str:
        """What stands on the screen; with its escape sequences where `colours` are asked for."""
        return self._tmux("capture-pane", "-p", "-t", self._session, *(("-e",) if colours else ()))

    def said(self) -> str:
        """What the program left behind on the ordinary screen, in one line, however it was broken."""
        return " ".join(" ".join(self.said_lines()).split())

    def said_lines(self) -> list[str]:
        """The same line by line, as the program broke it and not the terminal."""
        # tmux scrolls by a line to say that the pane is dead.
        left = self._tmux("capture-pane", "-p", "-J", "-S", "-", "-t", self._session)
        return [line.rstrip() for line in left.splitlines() if line.strip()]

    def reversed(self, screen: str = "") -> tuple[str, ...]:
        """The texts drawn reversed: what is under a cursor, and the button that has the focus.

        `screen` is one with its colours; without, the present one.
        """
        found: list[str] = []
        is_reversed = False
        # Text and codes by turns, as split gives them.
        for number, part in enumerate(_SGR.split(screen or self.screen(colours=True))):
            if number % 2:
                for code in part.split(";"):
                    is_reversed = code == "7" or (is_reversed and code not in ("", "0", "27"))
            elif is_reversed:
                found += [text.strip() for text in part.splitlines() if text.strip()]
        return tuple(found)

    def wait_for(self, pattern: str, seconds: float = PATIENCE) -> re.Match[str]:
        """The first match on the screen, as soon as there is one; fails with the screen."""
        deadline = time.monotonic() + seconds
        while (match := re.search(pattern, screen := self.screen())) is None:
            gone = self.status()
            assert gone is None, f"the program ended with {gone} before {pattern!r} came:\n{screen}"
            assert time.monotonic() < deadline, f"{pattern!r} did not come in {seconds:g} s:\n{screen}"
            time.sleep(0.1)
        return match

    def wait_until_gone(self, pattern: str, seconds: float = PATIENCE) -> None:
        """Waits until nothing on the screen matches."""
        until(
            lambda: re.search(pattern, self.screen()) is None, f"{pattern!r} stays:\n{self.screen()}", seconds
        )

    def resize(self, columns: int, rows: int) -> None:
        """Gives the pane another size."""
        self._size = (columns, rows)
        self._tmux("resize-window", "-t", self._session, "-x", str(columns), "-y", str(rows))

    @property
    def pid(self) -> int:
        """The process id of the program."""
        return int(self._tmux("display-message", "-p", "-t", self._session, "#{pane_pid}"))

    def status(self) -> int | None:
        """How the program ended: its exit status, minus the signal that killed it; None while it runs."""
        answer = self._tmux(
            "display-message",
            "-p",
            "-t",
            self._session,
            "#{pane_dead},#{pane_dead_status},#{pane_dead_signal}",
        )
        dead, code, number = answer.strip().split(",")
        if dead != "1":
            return None
        if code or number:
            return int(code) if code else -int(number)
        return self._status_of_zombie()

    def _status_of_zombie(self) -> int | None:
        """What tmux 3.3 now and then forgets to ask for: the kernel keeps it until then."""
        try:
            state, *_, status = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:
            return None
        return os.waitstatus_to_exitcode(int(status)) if state == "Z" else None

    def ended(self, seconds: float = PATIENCE) -> int:
        """The exit status, once the program has ended."""
        until(lambda: self.status() is not None, f"the program goes on:\n{self.screen()}", seconds)
        found = self.status()
        assert found is not None
        return found

    def close(self) -> None:
        """Ends this server, and with it whatever still runs in the pane."""
        if self._session:
            self._tmux("kill-server", check=False)
        shutil.rmtree(self._sockets, ignore_errors=True)
