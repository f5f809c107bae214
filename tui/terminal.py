"""The terminal itself: whether a console can be on it, and how it is given back in one piece."""

import contextlib
import os
import signal
import termios
from typing import Any

SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
TERMINAL_GONE = 128 + signal.SIGHUP
KEYBOARD, SCREEN = 0, 2

#: Leaves the alternate screen, mouse, focus and paste reports and the kitty keyboard; shows the cursor.
RESTORE_SEQUENCE = (
    "\x1b[?1049l\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1004l\x1b[?2004l\x1b[?2048l"
    "\x1b[?25h\x1b[?7h\x1b[<u\x1b[0m"
)
#: The command that mends a terminal after `kill -9`; `reset` alone leaves the alternate screen on.
MEND_HINT = "stty sane; printf '{}'".format(RESTORE_SEQUENCE.replace("\x1b", "\\033"))


def refuse_unusable_terminal() -> str | None:
    """Why the console cannot run here and what to do, as a sentence; None where it can."""
    instead = "run it in a terminal, or use `drawbridge status` instead"
    if not os.isatty(KEYBOARD):
        return f"The console reads keys and its standard input is not a terminal: {instead}."
    if not os.isatty(SCREEN):
        return f"The console draws on standard error, which is not a terminal: {instead}."
    name = os.environ.get("TERM", "")
    if name in ("", "dumb", "unknown"):
        said = f"TERM is {name}" if name else "TERM is not set"
        return f"{said}, so the console cannot draw: set it to what the terminal is, such as xterm-256color."
    return None


def give_back(modes: list[Any] | None) -> None:
    """Restores the modes, and the screen where somebody still reads it; never waits."""
    if modes is not None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(KEYBOARD, termios.TCSANOW, modes)
    with contextlib.suppress(OSError):
        # Opened anew: O_NONBLOCK belongs to the open file, which the shell shares.
        screen = os.open(os.ttyname(SCREEN), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        os.write(screen, RESTORE_SEQUENCE.encode())
        os.close(screen)
