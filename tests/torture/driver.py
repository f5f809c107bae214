"""A console without a screen, in a process of its own.

`python -m tests.torture.driver CONFIG WINDOW LEDGER up|back`

It takes the window up wherever the last one died, and does the next step until the window is closed.
"""

import sys
from pathlib import Path
from typing import cast

from state.console.session import Session
from tests.pty.headless import Headless, take_up

from .by_the_book import Book
from .ledger import Ledger, Witnessed


def main(config: Path, window: Path, ledger: Path, way: str) -> None:
    """Drives the window to its end."""
    session = take_up(config, window).session
    hand = Headless(cast(Session, Witnessed(session, Ledger(ledger))))
    Book(hand, back=way == "back").go()
    session.leave()


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]), sys.argv[4])
