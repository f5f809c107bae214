"""The first screen on a real terminal: never in the way, and given back whatever comes."""

import os
import signal
import sys
import termios
from pathlib import Path

import pytest

from .terminal import until
from .test_lifecycle import Console, assert_given_back

APP = Path(__file__).with_name("opening_app.py")


def opening(what: str) -> Console:
    return Console(program=(sys.executable, str(APP), what))


@pytest.mark.parametrize(
    ("number", "status"),
    [(signal.SIGHUP, 129), (signal.SIGINT, 130), (signal.SIGQUIT, 131), (signal.SIGTERM, 143)],
)
def test_a_signal_gives_the_terminal_back(number: signal.Signals, status: int) -> None:
    console = opening("wait")
    try:
        console.read_until(b"OPENING")
        console.process.send_signal(number)
        assert console.ended(5) == status
        assert_given_back(console)
    finally:
        console.close()


def test_what_is_typed_meanwhile_is_not_written_into_it() -> None:
    console = opening("wait")
    try:
        console.read_until(b"OPENING")
        os.write(console.far, b"jjj\n\x1a")
        assert not console.read_some(0.3)
        # Ctrl+z stops nobody.
        assert console.process.poll() is None
        os.write(console.far, b"\x03")
        assert console.ended(5) == 130
        assert_given_back(console)
    finally:
        console.close()


def test_what_is_said_after_it_failed_stands_on_the_ordinary_screen() -> None:
    console = opening("fail")
    try:
        assert console.ended(5) == 0
        assert_given_back(console)
        assert console.seen.rindex(b"\x1b[?1049l") < console.seen.rindex(b"it has failed")
    finally:
        console.close()


def test_a_console_that_takes_over_gets_the_modes_as_they_were_and_the_screen_as_it_is() -> None:
    console = opening("hand over")
    try:
        assert console.ended(5) == 0
        assert termios.tcgetattr(console.near) == console.modes
        assert b"\x1b[?1049l" not in console.seen and console.seen.endswith(b"DRAWN")
    finally:
        console.close()


#: As ctrl+s does: nothing that is written goes out, and a plain write waits for ever.
STOPPED = "import os, sys, termios; termios.tcflow(2, termios.TCOOFF); os.execv(sys.argv[1], sys.argv[1:])"


def test_a_terminal_that_is_stopped_keeps_nobody_waiting(tmp_path: Path) -> None:
    passed = tmp_path / "passed"
    console = Console((sys.executable, "-c", STOPPED), (sys.executable, str(APP), "pass", str(passed)))
    try:
        until(passed.exists, "the first screen waits for somebody to read it")
        assert not console.read_some(0.1)
    finally:
        console.close()
