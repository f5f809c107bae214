"""Puts prepared lines on the terminal before Textual is there, and takes them away where it never comes."""

import os
import signal
import termios
from collections.abc import Sequence
from contextlib import suppress
from types import FrameType
from typing import Any

from state.text import printable
from tui.present.line import Line, Tone
from tui.terminal import KEYBOARD, SCREEN, SIGNALS, give_back
from tui.tones import RENDITIONS, sgr

_BEGIN = "\x1b[?1049h\x1b[?25l"
_LOCAL_MODES, _CHARACTERS = 3, 6


class FirstScreen:
    """The terminal between the first line and the console; does nothing until `show`."""

    def __init__(self) -> None:
        self._modes: list[Any] | None = None

    def show(self, lines: Sequence[Line], look: str) -> None:
        """Draws one line a row, in a `look` of `tones`. Never waits: on a stopped terminal there is none."""
        with suppress(OSError, termios.error):
            self._modes = termios.tcgetattr(KEYBOARD)
            for number in SIGNALS:
                signal.signal(number, self._end)
            quiet = termios.tcgetattr(KEYBOARD)
            # What is typed meanwhile waits for the console: it must not be written into the picture,
            # and nobody stops (ctrl+z) what has not begun.
            quiet[_LOCAL_MODES] &= ~termios.ECHO
            quiet[_CHARACTERS][termios.VSUSP] = b"\0"
            termios.tcsetattr(KEYBOARD, termios.TCSANOW, quiet)
            # Opened anew: O_NONBLOCK belongs to the open file, which the shell shares.
            screen = os.open(os.ttyname(SCREEN), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            try:
                os.write(screen, (_BEGIN + drawn(lines, look)).encode())
            finally:
                os.close(screen)

    def hand_over(self) -> None:
        """The console draws over it from now on, and gives the terminal back itself."""
        modes, self._modes = self._modes, None
        if modes is not None:
            with suppress(termios.error):
                termios.tcsetattr(KEYBOARD, termios.TCSANOW, modes)

    def take_away(self) -> None:
        """Gives the terminal back where the console never came; does nothing otherwise."""
        modes, self._modes = self._modes, None
        if modes is not None:
            give_back(modes)

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.take_away()
        os._exit(128 + number)


def drawn(lines: Sequence[Line], look: str) -> str:
    """The sequences that draw the lines from the first row on; no text in them moves or colours anything."""
    renditions = RENDITIONS[look]
    # What is cleared takes the ground of plain text, where that has one.
    rows = [_rendered("\x1b[2J", renditions.get(Tone.PLAIN, ""))]
    for number, of in enumerate(lines, 1):
        spans = (_rendered(printable(span.text), renditions.get(span.tone, "")) for span in of)
        rows.append(f"\x1b[{number}H{''.join(spans)}")
    return "".join(rows)


def _rendered(text: str, rendition: str) -> str:
    return f"\x1b[{sgr(rendition)}m{text}\x1b[0m" if rendition else text


#: That of this process: there is one terminal.
FIRST_SCREEN = FirstScreen()
