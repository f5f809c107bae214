"""A pseudo-terminal with a stamp on every chunk that a program writes, and a screen to read them on."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import inf
from pathlib import Path

import pyte

#: Seconds after which something that is waited for will not come.
PATIENCE = 60.0
#: Seconds without output after which a screen counts as settled.
QUIET = 0.3

#: What pyte would draw as text: private CSI sequences, mode requests, DCS and OSC strings.
_UNKNOWN = re.compile(
    rb"\x1b\[[<=>][0-9;]*[a-zA-Z]|\x1b\[\?[0-9;]*\$p|\x1b[P_^].*?\x1b\\|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)",
    re.DOTALL,
)
#: A sequence whose end has not come yet.
_BEGUN = re.compile(rb"\x1b[^a-zA-Z\x07]*\Z")


class NotSeen(Exception):
    """What was waited for did not come: the row cannot be measured."""


class PseudoTerminal:
    """One program on a terminal of its own. Stamps are seconds of the monotonic clock.

    A thread only reads and stamps. The screen is drawn later, while the program is quiet, and a
    change on it gets the stamp of the chunk that made it: the emulator's slowness is in no figure.
    """

    def __init__(
        self,
        argv: Sequence[str],
        environment: Mapping[str, str],
        columns: int = 120,
        rows: int = 40,
        directory: Path = Path("/"),
    ) -> None:
        """Starts the program; `environment` is all that it gets, beside TERM and LANG."""
        # A reader that waits for the interpreter would stamp too late.
        sys.setswitchinterval(0.0005)
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._drawn, self._rest = 0, b""
        self._chunks: list[tuple[float, bytes]] = []
        whole = {**environment, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        self.started_at = time.monotonic()
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
                os.chdir(directory)
                os.execvpe(argv[0], list(argv), whole)
            finally:
                os._exit(127)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        readable = select.poll()
        readable.register(self._descriptor, select.POLLIN)
        with suppress(OSError):
            while True:
                readable.poll()
                data = os.read(self._descriptor, 65536)
                self._chunks.append((time.monotonic(), data))

    def send(self, keys: str) -> float:
        """Presses keys, as the bytes that they send; answers when."""
        at = time.monotonic()
        os.write(self._descriptor, keys.encode())
        return at

    @property
    def last_at(self) -> float:
        """When the program wrote last."""
        return self._chunks[-1][0] if self._chunks else self.started_at

    def bytes_since(self, at: float) -> int:
        """How many bytes the program wrote from then on."""
        return sum(len(data) for stamp, data in self._chunks if stamp >= at)

    def settle(self, quiet: float = QUIET, seconds: float = PATIENCE) -> None:
        """Waits until the program has written nothing for a while; one that never rests is left as it is."""
        begun = time.monotonic()
        while time.monotonic() < min(begun + seconds, max(begun, self.last_at) + quiet):
            time.sleep(0.01)

    def first_bytes(self, since: float, marker: bytes = b"", seconds: float = PATIENCE) -> float:
        """When the program first wrote after `since`; with a `marker`, when that had come in whole."""
        deadline = time.monotonic() + seconds
        begin = next((n for n, (at, _) in enumerate(self._chunks) if at >= since), len(self._chunks))
        seen, position = b"", begin
        while time.monotonic() < deadline:
            while position < len(self._chunks):
                at, data = self._chunks[position]
                seen += data
                if marker in seen:
                    return at
                position += 1
            time.sleep(0.0005)
        raise NotSeen(f"{marker!r} was not written within {seconds:g} s")

    def text(self) -> str:
        """The screen as it stands."""
        self._draw_until(None)
        return "\n".join(self._screen.display)

    def seen(self, pattern: str, seconds: float = PATIENCE, since: float = 0.0) -> float:
        """When the screen first matched since it was last looked at, not before `since`; raises NotSeen."""
        deadline = time.monotonic() + seconds
        self._draw_until(None, since)
        while True:
            # Drawing takes the interpreter from the reader, and a core from the program.
            self.settle(0.03, min(0.5, seconds))
            if (at := self._draw_until(re.compile(pattern))) is not None:
                return at
            if time.monotonic() > deadline:
                raise NotSeen(f"{pattern!r} was not on the screen within {seconds:g} s:\n{self.text()}")
            time.sleep(0.005)

    def gone(self, pattern: str, seconds: float = PATIENCE) -> None:
        """Waits until the screen does not match; raises NotSeen."""
        deadline = time.monotonic() + seconds
        while re.search(pattern, self.text()):
            if time.monotonic() > deadline:
                raise NotSeen(f"{pattern!r} stays on the screen")
            time.sleep(0.02)

    def reversed(self) -> str:
        """What is drawn reversed in the left half of the screen: the row under the cursor."""
        self._draw_until(None)
        half = range(self._screen.columns // 2)
        rows = (self._screen.buffer[y] for y in range(1, self._screen.lines))
        return "".join(row[x].data for row in rows for x in half if row[x].reverse)

    def _draw_until(self, pattern: re.Pattern[str] | None, before: float = inf) -> float | None:
        if pattern is not None and pattern.search("\n".join(self._screen.display)):
            return self._chunks[self._drawn - 1][0]
        while self._drawn < len(self._chunks) and self._chunks[self._drawn][0] < before:
            at, data = self._chunks[self._drawn]
            self._drawn += 1
            data = self._rest + data
            unfinished = _BEGUN.search(data)
            self._rest = data[unfinished.start() :] if unfinished else b""
            self._stream.feed(_UNKNOWN.sub(b"", data[: unfinished.start()] if unfinished else data))
            if pattern is not None and pattern.search("\n".join(self._screen.display)):
                return at
        return None

    def close(self) -> None:
        """Ends the program by its id, politely first."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)
            deadline = time.monotonic() + 5.0
            while time.monotonic() < deadline:
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    os.close(self._descriptor)
                    return
                time.sleep(0.01)

    def __enter__(self) -> "PseudoTerminal":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
