"""A process that shows a first screen and then waits, fails, or hands the terminal over."""

import os
import signal
import sys
from pathlib import Path

from tui.first_screen import FIRST_SCREEN
from tui.present.line import line
from tui.tones import DEFAULT

FIRST_SCREEN.show((line("OPENING"),), DEFAULT)
match sys.argv[1]:
    case "wait":
        signal.pause()
    case "pass":
        Path(sys.argv[2]).touch()
    case "fail":
        FIRST_SCREEN.take_away()
        print("it has failed")
    case "hand over":
        FIRST_SCREEN.hand_over()
        # Whoever takes it over draws on it, and gives it back.
        FIRST_SCREEN.take_away()
        os.write(2, b"DRAWN")
