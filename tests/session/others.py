"""Consoles without a screen: one in a process of its own, to be frozen or killed, and a clock set forward."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import state
from state.console.opening import join, policy_of
from state.events import Actor
from state.intents import AddNote
from state.settings import load

from .place import Place, wait_for


class Ahead:
    """The time of day, a while ahead: `clock.by = 61` lets a minute pass."""

    def __init__(self) -> None:
        self.by = 0.0

    def __call__(self) -> float:
        return time.time() + self.by


class Other:
    """A console in a process of its own. It drives where the drive is free; what it is told is noted."""

    def __init__(self, place: Place, name: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(place.root / "drawbridge.toml"), str(place.window), name],
            cwd=Path(state.__file__).parents[1],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._heard = b""
        assert self.says() in {"drives", "looks"}

    def says(self, seconds: float = 30) -> str:
        """The next line that it says: whether it drives, or what became of a note."""
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        # Past the stream's buffer: a line that came with the one before it would be waited for in vain.
        while b"\n" not in self._heard:
            ready, _, _ = select.select([pipe], [], [], seconds)
            assert ready, "it says nothing"
            heard = os.read(pipe, 4096)
            assert heard, "it has ended"
            self._heard += heard
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode().strip()

    def note(self, text: str) -> None:
        """Leaves a note for it to make, as soon as it is awake."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n".encode())
        self._process.stdin.flush()

    def freeze(self) -> None:
        """As a stopped terminal does."""
        self._process.send_signal(signal.SIGSTOP)
        stat = Path(f"/proc/{self._process.pid}/stat")
        wait_for(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T")

    def wake(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """`kill -9`, and nothing of it is left."""
        self._process.kill()
        self._process.wait(10)

    def close(self) -> None:
        self.kill()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()


def _sit_there(config: Path, window: Path, name: str) -> None:
    settings = load(config)
    session = join(window, settings, policy_of(settings), Actor(name, name, "bastion", "pts/9"))
    print("drives" if session.drives else "looks", flush=True)
    while os.getppid() != 1:
        # Notes first: whoever was frozen with a dialog open answers it before the next look.
        if select.select([0], [], [], 0.02)[0]:
            refusal = session.do(AddNote("", os.read(0, 1000).decode().strip()))
            print(refusal.reason if refusal else "noted", flush=True)
        drove = session.drives
        session.tick()
        if session.drives != drove:
            print("drives" if session.drives else "looks", flush=True)


if __name__ == "__main__":
    _sit_there(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
