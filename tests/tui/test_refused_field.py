"""Where a form opens, what enter does in a field, and where a refusal leads."""

import time
from typing import ClassVar

import pytest
from textual import events
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, Select, Static

from state.console.session import Session
from state.events import RollbackBegun
from state.intents import Refusal, SkipStep
from state.window import RESTORE
from tui.dialogs import steps
from tui.dialogs.dialog import Dialog
from tui.screens.rollback import Draft, RollbackScreen
from tui.typed_ahead import TypesAhead
from tui.widgets.line_panel import CursorPanel

from ..session.place import must
from .rollback_app import STYLES, Small, type_in, until
from .test_dialogs import Small as OneDialog

SIZES = [(80, 24), (120, 40)]


def turned(session: Session) -> bool:
    return any(isinstance(record.event, RollbackBegun) for record in session.view.journal.after(0))


def said(app: Small | OneDialog, field: str) -> str:
    """What stands below a field, if it does."""
    below = app.screen.query_one(f"#{field}-wrong", Static)
    return str(below.content) if below.display else ""


async def press_begin(pilot: Pilot[None], app: Small) -> None:
    """For a moment after it was pressed a button takes no second key."""
    button = app.screen.query_one("#begin")
    button.focus()
    await until(pilot, lambda: button.has_focus and not button.has_class("-active"))
    await pilot.press("enter")


async def test_what_is_typed_as_the_rollback_opens_is_the_reason(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.asks and app.focus_id == "why-words")
        await type_in(pilot, "errors")
        await pilot.press("enter")
        await until(pilot, lambda: app.focus_id == "class")
        assert app.screen.query_one("#why-words", Input).value == "errors"
    assert not turned(session)


async def test_what_was_said_is_kept_where_one_goes_back_and_what_confirms_is_not(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.asks and app.focus_id == "why-words")
        await type_in(pilot, "errors")
        await pilot.press("tab", "C", "tab", "enter", "down", "enter", "tab")
        await until(pilot, lambda: app.focus_id == "phrase")
        await type_in(pilot, session.window.rollback_phrase)
        # One tab too few.
        app.screen.query_one("#no").focus()
        await pilot.press("enter")
        await until(pilot, lambda: not app.asks)
        app.on_mount()
        await until(pilot, lambda: app.asks and app.focus_id == "why-words")
        await pilot.press("s")
        kept = {each.id: each.value for each in app.screen.query(Input)}
        assert (kept["why-words"], kept["class"], kept["phrase"]) == ("errorss", "C", "")
        assert app.screen.query_one("#depth", Select).value == RESTORE
        assert app.screen.query_one("#restore-phrase").display
    assert not turned(session)


@pytest.mark.parametrize("size", SIZES)
async def test_a_refused_field_has_the_focus_and_says_why(session: Session, size: tuple[int, int]) -> None:
    app = Small(session)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.asks and app.focus_id == "why-words")
        await press_begin(pilot, app)
        await until(pilot, lambda: app.focus_id == "why-words")
        assert "Say why" in said(app, "why-words")
        await type_in(pilot, "errors")
        assert said(app, "why-words") == ""
        await press_begin(pilot, app)
        await until(pilot, lambda: app.focus_id == "phrase")
        assert f"Type exactly: {session.window.rollback_phrase}" in said(app, "phrase")
        asked = app.screen.query_one("#asked")
        await until(pilot, lambda: app.screen.query_one("#phrase-wrong").region in asked.region)
        assert app.screen.query_one("#phrase").region in asked.region
        app.screen.query_one("#phrase").focus()
        app.screen.query_one("#class", Input).value = "X"
        await press_begin(pilot, app)
        await until(pilot, lambda: app.focus_id == "class")
        assert "A, B, C" in said(app, "class") and said(app, "phrase") == ""
    assert not turned(session)


async def test_a_pasted_phrase_is_refused_where_it_stands(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.asks and app.focus_id == "why-words")
        app.screen.query_one("#phrase", Input).value = session.window.rollback_phrase
        await press_begin(pilot, app)
        await until(pilot, lambda: app.focus_id == "phrase")
        await pilot.pause()
        assert "by hand" in said(app, "phrase")
    assert not turned(session)


async def test_the_classes_are_explained_where_one_is_chosen(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.asks and app.focus_id == "why-words")
        words = app.screen.query_one("#classes").words  # type: ignore[attr-defined]
        assert [line[:2] for line in words if line[1:2] == " "] == ["A ", "B ", "C "]
        assert "only a restore goes all the way back" in " ".join(" ".join(words).split())


async def test_a_step_that_is_skipped_without_a_reason_asks_for_it(session: Session) -> None:
    step = session.window.current
    assert step is not None

    def submit(answer: str, values: object) -> Refusal | None:
        return session.do(SkipStep(step.id, values["reason"]))  # type: ignore[index]

    app = OneDialog(steps.skip(step, submit))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Dialog) and app.screen.focused is not None)
        # Enter goes from field to button, and only there decides.
        await pilot.press("enter")
        assert said(app, "reason") == ""
        await pilot.press("enter")
        await until(pilot, lambda: app.focused is not None and app.focused.id == "reason")
        assert "needs a reason" in said(app, "reason")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Dialog))
    must(session, SkipStep(step.id, "not in this test"))


class Window(TypesAhead):
    """A screen with a key for the rollback."""

    CSS_PATH = STYLES
    BINDINGS: ClassVar = [("b", "turn", "Roll back")]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def compose(self) -> ComposeResult:
        yield CursorPanel("steps")

    def action_turn(self) -> None:
        self.push_screen(RollbackScreen(self._session, time.time, Draft()))


async def test_words_in_one_burst_with_the_key_that_opens_are_for_the_reason(session: Session) -> None:
    app = Window(session)
    async with app.run_test(size=(120, 40)) as pilot:
        app.query_one(CursorPanel).focus()
        await until(pilot, lambda: app.focused is not None)
        for letter in "bnot ready":
            app.post_message(events.Key("space" if letter == " " else letter, letter))
        await until(pilot, lambda: bool(app.screen.query("#why-words")))
        await until(pilot, lambda: app.screen.query_one("#why-words", Input).value == "not ready")
    assert not turned(session)
