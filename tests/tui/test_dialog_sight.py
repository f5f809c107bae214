"""What a dialog asks, says and offers is in sight on every terminal that the console takes."""

import asyncio
from collections.abc import Callable

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from tui.dialogs.dialog import Answer, Dialog, Field
from tui.dialogs.message import MessageDialog
from tui.present.line import line

from .rollback_app import STYLES, type_in

SIZES = [(60, 15), (80, 24), (120, 40)]
REFUSED = "The checks are older than a minute. Open the step again: they are made anew. " * 2
PHRASE = "restore practice from 06:46"


class Small(App[None]):
    CSS_PATH = STYLES

    def __init__(self, dialog: ModalScreen[None]) -> None:
        super().__init__()
        self._dialog = dialog

    def on_mount(self) -> None:
        self.push_screen(self._dialog)


def refuse(_answer: str, _values: object) -> str | None:
    return REFUSED


def long_question() -> Dialog:
    """As long as the last question before a restore."""
    body = tuple(line(f"what must be read, line {number}") for number in range(40))
    answers = (Answer("safety", "Safety backup"), Answer("restore", "Restore", danger=True))
    return Dialog("Restore", body, refuse, answers, (Field("phrase", "Phrase", phrase=True),), opens_on="no")


def message() -> MessageDialog:
    return MessageDialog("We are back.\n" * 30, "#ops", True, lambda text, how: REFUSED)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await pilot.pause(0.02)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("dialog", [long_question, message])
async def test_the_answers_and_a_refusal_are_in_sight(
    dialog: Callable[[], ModalScreen[None]], size: tuple[int, int]
) -> None:
    app = Small(dialog())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: bool(app.screen.query("#no")))
        frame = app.screen.query_one("#dialog")
        buttons = list(app.screen.query(Button))
        await until(pilot, lambda: all(button.region.height == 1 for button in buttons))
        assert all(button.region in frame.content_region for button in buttons)
        buttons[-1].press()
        problem = app.screen.query_one("#dialog-problem", Static)
        await until(pilot, lambda: problem.region.height > 1)
        assert problem.region in frame.content_region
        assert all(button.region in frame.content_region for button in buttons)


async def test_a_phrase_that_is_typed_on_a_small_terminal_is_in_sight() -> None:
    app = Small(long_question())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(app.screen.query("#phrase")))
        assert "tab" in str(app.screen.query_one("#dialog").border_subtitle)
        phrase, body = app.screen.query_one("#phrase"), app.screen.query_one("#dialog-body")
        phrase.focus()
        await until(pilot, lambda: phrase.region in body.region)


async def test_enter_that_is_held_down_after_a_phrase_answers_nothing() -> None:
    told: list[str] = []

    def tell(answer: str, _values: object) -> str | None:
        told.append(answer)
        return None

    answers = (Answer("restore", "Restore", danger=True),)
    app = Small(Dialog("Restore", (), tell, answers, (Field("phrase", "Phrase", phrase=True),)))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: bool(app.screen.query("#phrase")))
        app.screen.query_one("#phrase").focus()
        await type_in(pilot, PHRASE)
        await pilot.press("enter", "enter", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 1)
    assert told == []
