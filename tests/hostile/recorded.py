"""A program on a pty of its own, every byte of which is kept, and the screen that the bytes make."""

import os
import pty
import re
import select
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping
from fcntl import ioctl
from pathlib import Path
from typing import Any
from unicodedata import category

import pyte

PATIENCE = 30.0

#: All that the console says to a terminal beside text: places, colours, modes of its own, the keyboard's
#: protocol, and the shape of the pointer.
OWN = re.compile(
    rb"\x1b\[(?:\d+;\d+|\d+)?H|\x1b\[[\d;]*m|\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1049|2004|2026|2048)[hl]"
    rb"|\x1b\[\?(?:2026|2048)\$p|\x1b\[>\d*u|\x1b\[<u|\x1b\]22;[a-z-]*\x07"
)

FIRST = b"\x1b[?1049h\x1b[?25l\x1b[2J"


def strange(sent: bytes) -> set[str]:
    """The controls and invisible characters in it that are no part of the console's own sequences."""
    # Only the first screen clears anything, and that before all else.
    text = OWN.sub(b"", sent.removeprefix(FIRST)).decode("utf-8", "strict")
    return {c for c in text if c not in "\r\n" and category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


def until(what: Callable[[], Any], words: str, seconds: float = PATIENCE) -> Any:
    """What `what` answers as soon as that is true; fails with `words` when it takes longer."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {words}"
        time.sleep(0.05)
    return found


class Recorded:
    """The operator's terminal: 120x40, and a record of what reached it."""

    def __init__(self, argv: tuple[str, ...], environment: Mapping[str, str], directory: Path) -> None:
        self._far, near = pty.openpty()
        ioctl(near, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.modes = termios.tcgetattr(near)
        self.sent = bytearray()
        self._screen = pyte.Screen(120, 40)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self.process = subprocess.Popen(
            argv,
            stdin=near,
            stdout=near,
            stderr=near,
            cwd=directory,
            env={**environment, "TERM": "xterm-256color", "LANG": "C.UTF-8"},
            start_new_session=True,
            preexec_fn=lambda: ioctl(0, termios.TIOCSCTTY, 0),
        )
        # Kept open: the modes can be asked for when the program has ended.
        self.near = near
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while True:
            if not select.select([self._far], [], [], 0.1)[0]:
                if self.process.poll() is not None:
                    return
                continue
            try:
                data = os.read(self._far, 65536)
            except OSError:
                return
            with self._lock:
                self.sent += data
                self._stream.feed(data)

    def screen(self) -> str:
        """What stands on the screen."""
        with self._lock:
            return "\n".join(self._screen.display)

    def press(self, keys: str) -> None:
        """Types keys, as the terminal sends them."""
        os.write(self._far, keys.encode())

    def wait_for(self, pattern: str, seconds: float = PATIENCE) -> str:
        """The screen, as soon as it matches."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, screen := self.screen()):
            assert self.process.poll() is None, f"it ended before {pattern!r} came:\n{screen}"
            assert time.monotonic() < deadline, f"{pattern!r} did not come in {seconds:g} s:\n{screen}"
            time.sleep(0.05)
        return screen

    def ended(self, seconds: float = PATIENCE) -> int:
        """The exit status, once all that was sent has arrived."""
        status = self.process.wait(seconds)
        self._reader.join(5)
        return status

    def gives_back(self) -> bool:
        """Whether the terminal's modes are those from before the program."""
        return termios.tcgetattr(self.near) == self.modes

    def close(self) -> None:
        """Ends the program if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self._reader.join(5)
        for descriptor in (self._far, self.near):
            os.close(descriptor)
