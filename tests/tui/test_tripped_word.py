"""A trigger that trips says so where it is seen: in the banner, and over a dialog in a word above it."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.screen import ModalScreen

from state.console.session import Session
from state.intents import RaiseIncident
from tui import place
from tui.app import LOOK_EVERY, Console
from tui.screens.window import WindowScreen

from ..session.place import must
from .rollback_app import STYLES


class Unguarded(Console):
    """The console without the guard of its terminal: the tests have none."""

    CSS_PATH = STYLES

    def on_mount(self) -> None:
        self.set_interval(LOOK_EVERY, self._tick)
        assert self.session is not None
        self.enter(self.session)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await pilot.pause(0.02)


@pytest.mark.parametrize("under_a_dialog", [False, True])
async def test_the_word_covers_no_banner(session: Session, tmp_path: Path, under_a_dialog: bool) -> None:
    app = Unguarded(place.Place(session.settings, session.window.policy, tmp_path, session.actor), session)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        screen = app.screen
        if under_a_dialog:
            await pilot.press("n")
            await until(pilot, lambda: app.screen is not screen)
        must(session, RaiseIncident("OPS-1", ""))
        await until(pilot, lambda: "incident" in session.window.triggers)
        await until(pilot, lambda: screen.query_one("#banner").display)
        await pilot.pause(LOOK_EVERY)
        assert len(app._notifications) == int(under_a_dialog)


class Entering(Unguarded):
    """At the moment before the window is there: the dialog that opened it is still shown."""

    def enter(self, session: Session) -> None:
        self.push_screen(ModalScreen())


async def test_what_trips_before_the_window_is_there_ends_nothing(session: Session, tmp_path: Path) -> None:
    where = place.Place(session.settings, session.window.policy, tmp_path, session.actor)
    app = Entering(where, session)
    async with app.run_test(size=(120, 40)) as pilot:
        must(session, RaiseIncident("OPS-1", ""))
        await until(pilot, lambda: "incident" in session.window.triggers)
        await pilot.pause(LOOK_EVERY * 2)
        assert app.is_running
