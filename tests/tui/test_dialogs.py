"""What every dialog does with keys that were queued before its answer."""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Button

import tui.app
from state.window import Window
from tui.app import Console
from tui.commands import COMMANDS
from tui.dialogs.dialog import Answer, Dialog, Field
from tui.dialogs.message import MessageDialog
from tui.present.header import WORDS
from tui.screens.help import HelpScreen
from tui.widgets.line_panel import LinePanel

told: list[str] = []
STYLES = Path(tui.app.__file__).parent / Console.CSS_PATH


def tell(answer: str, _values: object) -> str | None:
    told.append(answer)
    return None


def message(_text: str, how: str) -> str | None:
    told.append(how)
    return None


DIALOGS: dict[str, tuple[Callable[[], ModalScreen[None]], str]] = {
    "a question": (lambda: Dialog("Go?", (), tell, (Answer("go", "Go"),), (Field("why", "Why"),)), "go"),
    "a message": (lambda: MessageDialog("We are back.", "#ops", False, message), "copied"),
}


class Small(App[None]):
    CSS_PATH = STYLES

    def __init__(self, dialog: ModalScreen[None]) -> None:
        super().__init__()
        self._dialog = dialog

    def on_mount(self) -> None:
        told.clear()
        self.push_screen(self._dialog)


async def gone(pilot: Pilot[None]) -> None:
    async with asyncio.timeout(10):
        while len(pilot.app.screen_stack) > 1:
            await pilot.pause(0.02)
    await pilot.pause(0.1)


@pytest.mark.parametrize(("dialog", "answer"), DIALOGS.values(), ids=DIALOGS.keys())
async def test_it_stands_in_the_middle_and_covers_nothing_else(
    dialog: Callable[[], ModalScreen[None]], answer: str
) -> None:
    app = Small(dialog())
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        frame = app.screen.query_one("#dialog").region
        assert abs(frame.x - (120 - frame.right)) <= 1
        # Of what is above the line of the keys, where words in passing stand.
        assert abs(frame.y - (39 - frame.bottom)) <= 1
        assert app.screen.styles.background.a == 0


@pytest.mark.parametrize(("dialog", "answer"), DIALOGS.values(), ids=DIALOGS.keys())
async def test_after_no_nothing_is_done(dialog: Callable[[], ModalScreen[None]], answer: str) -> None:
    app = Small(dialog())
    async with app.run_test() as pilot:
        await pilot.pause()
        asked = app.screen
        button = asked.query_one(f"#{answer}", Button)
        for queued in (asked.run_action, asked.run_action):
            asked.call_later(queued, "no")
        asked.call_later(button.press)
        await gone(pilot)
        assert app.is_running
    assert told == []
    assert app.return_code in {None, 0}


@pytest.mark.parametrize(("dialog", "answer"), DIALOGS.values(), ids=DIALOGS.keys())
async def test_an_answer_is_given_once(dialog: Callable[[], ModalScreen[None]], answer: str) -> None:
    app = Small(dialog())
    async with app.run_test() as pilot:
        await pilot.pause()
        asked = app.screen
        button = asked.query_one(f"#{answer}", Button)
        for _ in range(3):
            asked.call_later(button.press)
        await gone(pilot)
        assert app.is_running
    assert told == [answer]


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("drives", [True, False])
async def test_the_help_is_whole_at_every_size(size: tuple[int, int], drives: bool) -> None:
    app = Small(HelpScreen(COMMANDS, Window(), drives))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        panel = app.screen.query_one("#help-lines", LinePanel)
        assert all(len(each) <= panel.scrollable_content_region.width for each in panel.words)
        said = " ".join(word for each in panel.words for word in each.split())
        for command in (each for each in COMMANDS if drives or each.looks):
            # Wrapped beside its title or not: each word, in this order.
            assert re.search(".*?".join(map(re.escape, command.help.split())), said), command.id
        for name, meaning in WORDS:
            assert re.search(".*?".join(map(re.escape, (*name.split(), *meaning.split()))), said), name
        await pilot.press("end")
        await pilot.pause()
        rows = range(panel.scrollable_content_region.height)
        last = "\n".join(panel.render_line(y).text for y in rows)
        assert all(word in last for word in WORDS[-1][1].split())


async def test_the_help_closes_once() -> None:
    app = Small(HelpScreen(COMMANDS, Window(), drives=True))
    async with app.run_test() as pilot:
        await pilot.pause()
        asked = app.screen
        for _ in range(3):
            asked.call_later(asked.run_action, "close")
        await gone(pilot)
        assert app.is_running
    assert app.return_code in {None, 0}
