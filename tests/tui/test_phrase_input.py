"""What confirms a rollback is typed by hand, and the screen that asks for it opens on no."""

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets import Button, Input, Select

from state.console.session import Session
from state.events import RollbackBegun
from state.window import BINARIES, RESTORE
from tui.screens.rollback import RollbackScreen
from tui.widgets.phrase_input import PhraseInput

from .rollback_app import HAND, Small, type_in, until

PHRASE = "roll back production"
#: Seconds between two keys of a machine.
MACHINE = 0.0


class Field(App[None]):
    def compose(self) -> ComposeResult:
        yield PhraseInput("phrase")

    @property
    def phrase(self) -> PhraseInput:
        return self.query_one(PhraseInput)


def at_once(app: App[None], words: str) -> None:
    """The keys of a paste in a terminal that does not mark it as one."""
    for character in words:
        app.post_message(events.Key("space" if character == " " else character, character))


def pasted(app: App[None], words: str) -> None:
    app.post_message(events.Paste(words))


# The field


async def test_what_is_typed_by_hand_is_taken() -> None:
    app = Field()
    async with app.run_test() as pilot:
        await type_in(pilot, PHRASE)
        assert (app.phrase.value, app.phrase.by_hand) == (PHRASE, True)


async def test_a_slip_that_is_mended_is_still_a_hand() -> None:
    app = Field()
    async with app.run_test() as pilot:
        await type_in(pilot, "roll bsck")
        for _ in range(3):
            await pilot.press("backspace")
            await pilot.pause(HAND)
        await type_in(pilot, "ack production")
        assert (app.phrase.value, app.phrase.by_hand) == (PHRASE, True)


async def test_a_paste_is_refused_and_said_so() -> None:
    app = Field()
    async with app.run_test() as pilot:
        pasted(app, PHRASE)
        await until(pilot, lambda: len(app._notifications) == 1)
        (notice,) = app._notifications
        assert notice.message == "Type the phrase by hand; pasting does not confirm."
        assert app.phrase.value == ""


@pytest.mark.parametrize("key", ["ctrl+v", "super+v", "shift+insert"])
async def test_the_own_clipboard_pastes_neither(key: str) -> None:
    app = Field()
    async with app.run_test() as pilot:
        app.copy_to_clipboard(PHRASE)
        await pilot.press(key)
        await pilot.pause()
        assert app.phrase.value == ""


async def test_keys_that_come_as_from_a_paste_are_no_hand() -> None:
    app = Field()
    async with app.run_test() as pilot:
        at_once(app, PHRASE)
        await until(pilot, lambda: len(app.phrase.value) >= len(PHRASE))
        assert (app.phrase.value, app.phrase.by_hand) == (PHRASE, False)


async def test_a_slow_beginning_does_not_make_a_hand_of_a_paste() -> None:
    app = Field()
    async with app.run_test() as pilot:
        await type_in(pilot, "xxxxx")
        await pilot.press(*["backspace"] * 5)
        at_once(app, PHRASE)
        await until(pilot, lambda: len(app.phrase.value) >= len(PHRASE))
        assert (app.phrase.value, app.phrase.by_hand) == (PHRASE, False)


async def test_a_slow_end_does_not_make_a_hand_of_a_paste() -> None:
    app = Field()
    async with app.run_test() as pilot:
        at_once(app, PHRASE[:-1])
        await until(pilot, lambda: len(app.phrase.value) == len(PHRASE) - 1)
        # As long as a hand would have taken for all of it.
        await pilot.pause(HAND * len(PHRASE) * 2)
        await type_in(pilot, PHRASE[-1])
        assert (app.phrase.value, app.phrase.by_hand) == (PHRASE, False)


async def test_a_value_that_nobody_typed_is_no_hand() -> None:
    app = Field()
    async with app.run_test() as pilot:
        app.phrase.value = PHRASE
        await pilot.pause()
        assert not app.phrase.by_hand


# The screen


def turned(session: Session) -> list[RollbackBegun]:
    found = session.view.journal.after(0)
    return [record.event for record in found if isinstance(record.event, RollbackBegun)]


async def fill(pilot: Pilot[None], app: Small, field: str, words: str, pace: float = HAND) -> None:
    app.screen.query_one(f"#{field}", Input).focus()
    await pilot.pause()
    await type_in(pilot, words, pace)


async def begin(pilot: Pilot[None], app: Small) -> None:
    """Presses the button as an operator does: the focus goes there, and enter."""
    app.screen.query_one("#begin", Button).focus()
    await pilot.pause()
    await pilot.press("enter")
    await pilot.pause()


async def test_it_opens_on_why_and_enter_on_not_now_is_no(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.focus_id == "why-words")
        app.screen.query_one("#no").focus()
        await until(pilot, lambda: app.focus_id == "no")
        assert app.screen.query_one("#depth", Select).value == BINARIES
        assert not app.screen.query_one("#restore-phrase").display
        await pilot.press("enter")
        await until(pilot, lambda: not app.asks)
    assert turned(session) == []


@pytest.mark.parametrize("field", ["no", "depth", "phrase", "begin"])
async def test_escape_is_no_from_everywhere(session: Session, field: str) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await fill(pilot, app, "phrase", PHRASE, MACHINE)
        app.screen.query_one(f"#{field}").focus()
        await pilot.pause()
        await pilot.press("escape")
        await until(pilot, lambda: not app.asks)
    assert turned(session) == []


async def test_what_was_queued_before_a_no_closes_nothing_else(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.focus_id == "why-words")
        asked = app.screen
        assert isinstance(asked, RollbackScreen)
        beneath = app.screen_stack[0]
        for _ in range(3):
            asked.call_later(asked.action_no)
        asked.call_later(asked.query_one("#begin", Button).press)
        await until(pilot, lambda: not app.asks)
        await pilot.pause(0.1)
        assert app.screen_stack == [beneath]
        assert app.is_running
    assert app.return_code in {None, 0}
    assert turned(session) == []


@pytest.mark.parametrize("start", ["why-words", "no", "phrase", "begin"])
async def test_a_storm_of_enters_never_confirms(session: Session, start: str) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await fill(pilot, app, "why-words", "errors", MACHINE)
        app.screen.query_one(f"#{start}").focus()
        await pilot.pause()
        for _ in range(30):
            app.post_message(events.Key("enter", "\r"))
        await pilot.press("enter")
        await pilot.pause(0.1)
    assert turned(session) == []


async def test_enter_after_the_phrase_leads_to_no(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await fill(pilot, app, "why-words", "errors", MACHINE)
        await fill(pilot, app, "phrase", PHRASE)
        await pilot.press("enter")
        await until(pilot, lambda: app.focus_id == "no")
        await pilot.press("enter")
        await until(pilot, lambda: not app.asks)
    assert turned(session) == []


async def test_keys_at_the_pace_of_a_machine_do_not_confirm(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await fill(pilot, app, "why-words", "errors", MACHINE)
        app.screen.query_one("#phrase").focus()
        await pilot.pause()
        at_once(app, PHRASE)
        await until(pilot, lambda: app.screen.query_one("#phrase", Input).value == PHRASE)
        await begin(pilot, app)
        assert app.problem == "Type the phrase by hand: pasted or repeated keys do not confirm."
        assert app.screen.query_one("#phrase", Input).value == ""
        assert app.asks
    assert turned(session) == []


async def test_a_refusal_stays_on_the_screen(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot, app)
        assert app.problem.startswith("Say why")
        await fill(pilot, app, "why-words", "errors", MACHINE)
        await begin(pilot, app)
        assert app.problem == f"Type exactly: {PHRASE}"
        assert app.asks
    assert turned(session) == []


@pytest.mark.parametrize("depth", [BINARIES, RESTORE])
async def test_what_is_confirmed_by_hand_turns_back(session: Session, depth: str) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await fill(pilot, app, "why-words", "errors", MACHINE)
        await fill(pilot, app, "class", "b", MACHINE)
        app.screen.query_one("#depth", Select).value = depth
        await pilot.pause()
        await fill(pilot, app, "phrase", PHRASE)
        if depth == RESTORE:
            await begin(pilot, app)
            assert app.problem == f"Type exactly: {session.window.restore_phrase}"
            await fill(pilot, app, "restore-phrase", session.window.restore_phrase)
        await begin(pilot, app)
        await until(pilot, lambda: not app.asks)
    (begun,) = turned(session)
    assert (begun.depth, begun.why, begun.migration_class) == (depth, "errors", "B")
    assert bool(begun.loses) == (depth == RESTORE)
