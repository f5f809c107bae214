"""The console's ends on a real terminal: exit statuses, bounded times, and the terminal given back."""

import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from fcntl import ioctl
from pathlib import Path

import pytest

from tui.terminal import MEND_HINT, RESTORE_SEQUENCE

from .terminal import until

APP = Path(__file__).with_name("guarded_app.py")
ROOT = Path(__file__).parents[2]


class Console:
    """The guarded app as the leader of a session of its own, on a pty whose far end the test holds."""

    def __init__(
        self, command: tuple[str, ...] = (), program: tuple[str, ...] = (sys.executable, str(APP))
    ) -> None:
        self.far, near = os.openpty()
        ioctl(near, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.near_name = os.ttyname(near)
        self.modes = termios.tcgetattr(near)
        # A shell keeps its terminal open while a program runs; so the modes can be asked for afterwards.
        self.near = near
        self.seen = b""
        self.process = subprocess.Popen(
            [*command, *program],
            stdin=near,
            stdout=near,
            stderr=near,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)},
            start_new_session=True,
            preexec_fn=lambda: ioctl(0, termios.TIOCSCTTY, 0),
        )

    def read_until(self, text: bytes, seconds: float = 15.0) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.seen:
            assert self.read_some(deadline - time.monotonic()), f"{text!r} never came: {self.seen[-500:]!r}"

    def stays_full(self) -> bool:
        """Whether nothing more fits into the terminal, for half a second on end.

        Full for a moment is not enough: the kernel moves what was written on to the far end only later,
        and then there is room again.
        """
        return all(self._is_full_after(0.05) for _ in range(10))

    def _is_full_after(self, seconds: float) -> bool:
        return not select.select([], [self.near], [], seconds)[1]

    def read_some(self, seconds: float) -> bool:
        if seconds <= 0 or not select.select([self.far], [], [], seconds)[0]:
            return False
        try:
            self.seen += os.read(self.far, 65536)
        except OSError:
            return False
        return True

    def ended(self, seconds: float) -> int:
        """The exit status, while the far end is read; fails when it takes longer."""
        deadline = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < deadline, "the console did not end"
            self.read_some(0.05)
        while self.read_some(0.1):
            pass
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        for descriptor in (self.far, self.near):
            if descriptor >= 0:
                os.close(descriptor)

    def lose_terminal(self) -> None:
        os.close(self.far)
        self.far = -1


@pytest.fixture
def console() -> Iterator[Console]:
    console = Console()
    try:
        console.read_until(b"READY")
        yield console
    finally:
        console.close()


def assert_given_back(console: Console) -> None:
    assert termios.tcgetattr(console.near) == console.modes
    tail = console.seen[console.seen.rindex(b"\x1b[?1049h") :]
    for restored in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?7h"):
        assert restored in tail


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131), (signal.SIGTERM, 143)],
)
def test_a_signal_ends_the_console_and_gives_the_terminal_back(
    console: Console, number: signal.Signals, status: int
) -> None:
    assert termios.tcgetattr(console.near) != console.modes
    console.process.send_signal(number)
    assert console.ended(2.5) == status
    assert_given_back(console)
    assert b"Traceback" not in console.seen


@pytest.mark.parametrize("stop", [signal.SIGSTOP, signal.SIGTSTP])
def test_a_console_that_was_stopped_goes_on_as_it_was(console: Console, stop: signal.Signals) -> None:
    number = console.process.pid
    running = modes_and_threads(console)
    for _ in range(2):
        console.process.send_signal(stop)
        until(lambda: state_of(number) == "T", "the console is not stopped")
        if stop is signal.SIGSTOP:
            # As a shell does that takes the terminal.
            termios.tcsetattr(console.near, termios.TCSANOW, console.modes)
        while console.read_some(0.1):
            pass
        console.seen = console.seen[console.seen.rindex(b"\x1b[?1049h") :].replace(b"READY", b"")
        console.process.send_signal(signal.SIGCONT)
        console.read_until(b"READY")
        until(lambda: modes_and_threads(console) == running, "it does not go on as before")
    os.write(console.far, b"q")
    assert console.ended(2.5) == 0
    assert_given_back(console)


def modes_and_threads(console: Console) -> tuple[object, int]:
    return termios.tcgetattr(console.near), len([*Path(f"/proc/{console.process.pid}/task").iterdir()])


def state_of(pid: int) -> str:
    """One letter, as ps has it."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_quitting_is_not_disturbed(console: Console) -> None:
    os.write(console.far, b"q")
    assert console.ended(2.5) == 0
    assert_given_back(console)


def test_a_loop_that_stands_still_is_ended_by_the_watchdog(console: Console) -> None:
    os.write(console.far, b"b")
    console.read_until(b"BLOCKED")
    began = time.monotonic()
    console.process.send_signal(signal.SIGTERM)
    assert console.ended(6) == 143
    assert time.monotonic() - began > 2.5, "the loop was not blocked: this shows nothing"
    assert_given_back(console)


def test_a_terminal_that_nobody_reads_does_not_hold_the_console(console: Console) -> None:
    os.write(console.far, b"f")
    until(console.stays_full, "the terminal's buffer never filled")
    began = time.monotonic()
    console.process.send_signal(signal.SIGTERM)
    assert console.process.wait(6) == 143
    assert time.monotonic() - began > 2.5, "the exit was not held up: this shows nothing"
    assert termios.tcgetattr(console.near) == console.modes


def test_a_lost_terminal_ends_the_console_at_once(console: Console) -> None:
    console.lose_terminal()
    assert console.process.wait(2) == 129


def test_a_lost_terminal_ends_a_console_whose_loop_stands_still(console: Console) -> None:
    os.write(console.far, b"b")
    console.read_until(b"BLOCKED")
    console.lose_terminal()
    assert console.process.wait(2) == 129


def test_a_lost_terminal_ends_a_console_that_was_told_to_ignore_hangups() -> None:
    console = Console(("sh", "-c", 'trap "" HUP; exec "$@"', "sh"))
    try:
        console.read_until(b"READY")
        console.lose_terminal()
        assert console.process.wait(2) == 129
    finally:
        console.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [("", "TERM is not set"), ("dumb", "TERM is dumb"), ("unknown", "TERM is unknown")],
)
def test_an_unusable_terminal_is_refused_with_a_sentence(name: str, words: str) -> None:
    far, near = os.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, str(APP)],
            stdin=near,
            stderr=near,
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "TERM": name, "PYTHONPATH": str(ROOT)},
        ) as process:
            assert process.wait(10) == 2
        said = os.read(far, 4096).decode()
    finally:
        os.close(far)
        os.close(near)
    assert said.startswith(words) and "xterm-256color" in said and "\x1b" not in said


@pytest.mark.parametrize("missing", ["stdin", "stderr"])
def test_a_pipe_in_place_of_the_terminal_is_refused(missing: str) -> None:
    far, near = os.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, str(APP)],
            stdin=subprocess.PIPE if missing == "stdin" else near,
            stderr=subprocess.PIPE if missing == "stderr" else near,
            cwd=ROOT,
            env={**os.environ, "TERM": "xterm", "PYTHONPATH": str(ROOT)},
        )
        said = process.communicate(timeout=10)[1] if missing == "stderr" else os.read(far, 4096)
        assert process.wait(10) == 2
    finally:
        os.close(far)
        os.close(near)
    assert b"not a terminal" in said and b"drawbridge status" in said


def test_the_hint_prints_what_mends_the_terminal() -> None:
    command, _, printing = MEND_HINT.partition("; ")
    assert command == "stty sane"
    printed = subprocess.run(["sh", "-c", printing], capture_output=True, check=True, timeout=10)
    assert printed.stdout.decode() == RESTORE_SEQUENCE
