"""Over a slow line keys come in bursts: each is for what has the focus when those before it are done."""

import asyncio
from collections.abc import Mapping

from textual import events, on
from textual.app import ComposeResult
from textual.widgets import Input

from tui.dialogs.dialog import Answer, Dialog, Field
from tui.dialogs.question import Question
from tui.typed_ahead import TypesAhead

from .rollback_app import STYLES, until

NAMES = {"\r": "enter", "\t": "tab", " ": "space", "-": "minus"}


class Asks(TypesAhead):
    """A question from the first moment on; by default a dialog with two fields, and what was answered."""

    CSS_PATH = STYLES

    def __init__(self, question: Question | None = None) -> None:
        super().__init__()
        self.given: list[Mapping[str, str]] = []
        fields = (Field("person", "Who"), Field("reference", "Reference"))
        self._question = question or Dialog("Vouch", (), self._take, (Answer("vouch", "Vouch"),), fields)

    def on_mount(self) -> None:
        self.push_screen(self._question)

    def _take(self, answer: str, values: Mapping[str, str]) -> None:
        self.given.append(values)

    def burst(self, keys: str) -> None:
        for key in keys:
            self.post_message(events.Key(NAMES.get(key, key), key if key.isprintable() else None))

    def value(self, field: str) -> str:
        return self.screen.query_one(f"#{field}", Input).value

    @property
    def focus_id(self) -> str | None:
        return self.focused.id if self.focused is not None else None


async def test_what_comes_behind_enter_is_for_the_next_field() -> None:
    app = Asks()
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focus_id == "person")
        app.burst("root\rCHG-1\r")
        await until(pilot, lambda: app.focus_id == "vouch")
        assert (app.value("person"), app.value("reference")) == ("root", "CHG-1")
        app.burst("\r")
        await until(pilot, lambda: bool(app.given))
    assert app.given == [{"person": "root", "reference": "CHG-1"}]


async def test_and_behind_tab_there_and_back() -> None:
    app = Asks()
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focus_id == "person")
        app.burst("ro\tCHG")
        app.post_message(events.Key("shift+tab", None))
        app.burst("ot\t-1")
        await until(pilot, lambda: app.value("reference") == "CHG-1")
        assert app.value("person") == "root"


async def test_a_paste_behind_enter_is_for_the_next_field_too() -> None:
    app = Asks()
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focus_id == "person")
        app.burst("root\r")
        app.post_message(events.Paste("CHG-1"))
        await until(pilot, lambda: app.value("reference") == "CHG-1")
        assert app.value("person") == "root"


class Fleeting(Question):
    """Its only field goes with the first enter."""

    def compose(self) -> ComposeResult:
        yield Input(id="once")
        yield Input(id="stays")

    def on_mount(self) -> None:
        self.query_one("#once").focus()

    @on(Input.Submitted, "#once")
    async def _away(self, event: Input.Submitted) -> None:
        # Before the app has heard that the field is done.
        await event.input.remove()
        self.query_one("#stays").focus()


async def test_keys_behind_a_field_that_is_gone_are_not_lost() -> None:
    app = Asks(Fleeting())
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focus_id == "once")
        app.burst("a\rbcd")
        await until(pilot, lambda: app.focus_id == "stays" and app.value("stays") == "bcd")


class Stuck(Input):
    """Is done with its keys when the test is."""

    def __init__(self, done: asyncio.Event) -> None:
        super().__init__(id="stuck")
        self._done = done

    async def on_key(self, event: events.Key) -> None:
        await self._done.wait()


class Hangs(Question):
    """Opens on a field that hangs."""

    def __init__(self) -> None:
        super().__init__()
        self.done, self.typed = asyncio.Event(), asyncio.Event()

    def compose(self) -> ComposeResult:
        yield Stuck(self.done)
        yield Input(id="other")

    def on_mount(self) -> None:
        self.query_one("#stuck").focus()

    @on(Input.Changed, "#other")
    def _changed(self, event: Input.Changed) -> None:
        if event.value == "bcd":
            self.typed.set()


async def test_a_field_that_hangs_does_not_keep_what_is_for_another_one() -> None:
    app = Asks(question := Hangs())
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.focus_id == "stuck")
        app.burst("\rbcd")
        question.query_one("#other").focus()
        try:
            # Not by the pilot, who would wait for every widget to be done.
            async with asyncio.timeout(10):
                await question.typed.wait()
        finally:
            question.done.set()
