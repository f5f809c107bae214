"""The rollback screen in an app of its own, and the hand that types there."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

import tui
from state.console.session import Session
from tui.screens.rollback import Draft, RollbackScreen

#: Seconds between two keys of a quick hand.
HAND = 0.035
STYLES = Path(tui.__file__).parent / "styles" / "console.tcss"


async def type_in(pilot: Pilot[None], words: str, pace: float = HAND) -> None:
    for key in words:
        await pilot.press("space" if key == " " else "colon" if key == ":" else key)
        await pilot.pause(pace)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await pilot.pause(0.02)


class Small(App[None]):
    """Nothing but the rollback screen over an empty one."""

    CSS_PATH = STYLES

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.draft = Draft()

    def on_mount(self) -> None:
        self.push_screen(RollbackScreen(self._session, time.time, self.draft))

    def look(self) -> None:
        """What the console's clock does when something may look different."""
        assert isinstance(self.screen, RollbackScreen)
        self.screen.look()

    @property
    def focus_id(self) -> str | None:
        return self.screen.focused.id if self.screen.focused is not None else None

    @property
    def problem(self) -> str:
        """What is said to be wrong, below a field or beside the answers."""
        beside = str(self.screen.query_one("#dialog-problem", Static).content)
        below = [str(each.content) for each in self.screen.query(".wrong").results(Static) if each.display]
        return " ".join(filter(None, (beside, *(words.removeprefix("✗ ") for words in below))))

    @property
    def asks(self) -> bool:
        return isinstance(self.screen, RollbackScreen)
