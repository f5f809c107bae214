"""A console on a terminal of its own, whose far end may be read, left unread, or closed."""

import os
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path

import pyte

from tests.pty.evidence import DRAWBRIDGE, environment

#: Seconds for anything that a console does when it is asked to.
PATIENCE = 20.0
_ROWS, _COLUMNS = 40, 120
_TICKS = os.sysconf("SC_CLK_TCK")


class Seat:
    """Starts the console as the leader of a session on a new terminal, and reads what it draws."""

    def __init__(self, config: Path, home: Path) -> None:
        self._far, self.near = os.openpty()
        ioctl(self.near, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, _COLUMNS, 0, 0))
        # The near end stays open, as a shell would keep it: so the modes can be asked for afterwards.
        self.modes = termios.tcgetattr(self.near)
        self.seen = b""
        self._screen = pyte.Screen(_COLUMNS, _ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._reads = threading.Event()
        self._gone = threading.Event()
        self.process = subprocess.Popen(
            [*DRAWBRIDGE, "--config", str(config)],
            stdin=self.near,
            stdout=self.near,
            stderr=self.near,
            cwd=home,
            env={**environment(home), "LANG": "C.UTF-8", "TERM": "xterm-256color"},
            start_new_session=True,
            preexec_fn=lambda: ioctl(0, termios.TIOCSCTTY, 0),
        )
        self._reads.set()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while not self._gone.is_set():
            if not self._reads.wait(0.05) or not select.select([self._far], [], [], 0.05)[0]:
                continue
            try:
                said = os.read(self._far, 65536)
            except OSError:
                return
            self.seen += said
            self._stream.feed(said)

    def screen(self) -> str:
        """What stands on the screen."""
        return "\n".join(self._screen.display)

    def wipe(self) -> None:
        """Empties the screen, as the console knows nothing of."""
        self._screen.reset()

    def type(self, keys: bytes) -> None:
        """Presses keys."""
        os.write(self._far, keys)

    def type_where_it_fits(self, keys: bytes) -> None:
        """Presses keys, as long as the console takes them."""
        if select.select([], [self._far], [], 0)[1]:
            self.type(keys)

    def is_full(self) -> bool:
        """Whether what the console draws has no room left on its way."""
        return not select.select([], [self.near], [], 0)[1]

    def stop_reading(self) -> None:
        """From now on nobody reads what the console draws."""
        self._reads.clear()

    def go_on_reading(self) -> None:
        """Somebody reads again."""
        self._reads.set()

    def hang_up(self) -> None:
        """The terminal is closed."""
        self._gone.set()
        self._reader.join()
        os.close(self._far)
        self._far = -1

    def shows(self, words: str, seconds: float = PATIENCE) -> bool:
        """Whether these words come onto the screen in time."""
        return comes(lambda: words in self.screen(), seconds)

    def hides(self, words: str, seconds: float = PATIENCE) -> bool:
        """Whether these words leave the screen in time."""
        return comes(lambda: words not in self.screen(), seconds)

    def ends(self, seconds: float) -> int | None:
        """The exit status, None where the console goes on."""
        comes(lambda: self.process.poll() is not None, seconds)
        return self.process.returncode

    def modes_now(self) -> bool:
        """Whether the terminal has the modes that it had before; one that was closed has none."""
        return self._far < 0 or termios.tcgetattr(self.near) == self.modes

    def close(self) -> None:
        """Ends what is left."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait(PATIENCE)
        self._gone.set()
        self._reader.join()
        for descriptor in (self._far, self.near):
            if descriptor >= 0:
                os.close(descriptor)


@contextmanager
def seat(config: Path, home: Path) -> Iterator[Seat]:
    """A console for the block."""
    taken = Seat(config, home)
    try:
        yield taken
    finally:
        taken.close()


def comes(true: Callable[[], bool], seconds: float) -> bool:
    """Whether it is so within these seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def processor_seconds(pid: int) -> float:
    """Seconds that a process has kept a core busy so far."""
    numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(numbers[11]) + int(numbers[12])) / _TICKS
