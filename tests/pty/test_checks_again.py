"""Checks that have grown old under a hand that types are made again, and what was typed is kept."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events
from textual.app import App
from textual.pilot import Pilot

import tui
from state.events import RestoreChecked, RunRequested
from state.rehearsal.practice import Practice
from state.window import RESTORE, StepState
from tui.dialogs.dialog import Dialog
from tui.screens import way_back
from tui.screens.window import WindowScreen
from tui.widgets.phrase_input import PhraseInput

from .headless import Headless

Started = Callable[..., tuple[Headless, Practice]]
HAND = 0.035


class Small(App[None]):
    """The window screen alone, with the clock that ticks."""

    CSS_PATH = Path(tui.__file__).parent / "styles" / "console.tcss"

    def __init__(self, hand: Headless) -> None:
        super().__init__()
        self._hand = hand

    def on_mount(self) -> None:
        self.push_screen(WindowScreen(self._hand.session, time.time))
        self.set_interval(0.1, self._hand.session.tick)


async def until(pilot: Pilot[None], holds: Callable[[], bool], words: str) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, words
        await pilot.pause(0.05)


def asks_for_phrase(app: App[None]) -> bool:
    """Whether the dialog is there with all that is in it."""
    return isinstance(app.screen, Dialog) and bool(app.screen.query("#restore")) and app.screen.is_mounted


async def type_phrase(pilot: Pilot[None], words: str) -> None:
    pilot.app.screen.query_one(PhraseInput).focus()
    await pilot.pause()
    for key in words:
        await pilot.press("space" if key == " " else "colon" if key == ":" else key)
        await pilot.pause(HAND)


@pytest.fixture
def hand(at_session: Started) -> Headless:
    """Everything before the restore is done, and a second operator has confirmed it."""
    hand, _ = at_session("smooth")
    hand.prepare()
    hand.run("deploy")
    hand.turn(RESTORE)
    hand.stop_release()
    hand.passed_checks()
    hand.second("restore")
    return hand


@pytest.mark.parametrize("answer", ["stays", "escape"])
async def test_old_checks_are_made_again(
    hand: Headless, answer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way_back, "CHECK_COUNTS_FOR", -1.0)
    app = Small(hand)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen), "no window")
        await pilot.press("enter")
        await until(pilot, lambda: asks_for_phrase(app), "no dialog")
        await type_phrase(pilot, hand.window.restore_phrase)
        app.screen.query_one("#restore").focus()
        app.post_message(events.Key("enter", "\r"))
        if answer == "escape":
            # Before the checks are there.
            app.post_message(events.Key("escape", "\x1b"))
            await until(pilot, lambda: isinstance(app.screen, WindowScreen), "the dialog stays")
            made: list[object] = []
            # The next ones can only be begun when those are made, and have led to nothing.
            await until(pilot, lambda: hand.session.check_restore(made.append), "the checks do not end")
            assert hand.events(RestoreChecked) == []
            return
        done = StepState.DONE
        await until(pilot, lambda: hand.window.record("restore").state is done, "the restore does not run")
    (run,) = [run for run in hand.events(RunRequested) if run.step == "restore" and not run.purpose]
    assert run.confirmed == hand.window.restore_phrase
    assert len(hand.events(RestoreChecked)) == 1
