"""What must be read on the window screen is in sight: under a banner, and behind no word in passing."""

import asyncio
import time
from collections.abc import Callable

import pytest
from textual.app import App
from textual.pilot import Pilot

from state.console.session import Session
from state.intents import BeginRollback, RaiseCorrectness, RaiseIncident, SkipStep
from state.window import BINARIES, ROLLED_BACK
from tui.dialogs.dialog import Dialog
from tui.screens.rollback import RollbackScreen
from tui.screens.window import WindowScreen
from tui.widgets.line_panel import LinePanel

from ..session.place import must, wait_for
from .rollback_app import STYLES


class Small(App[None]):
    CSS_PATH = STYLES

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def on_mount(self) -> None:
        self.push_screen(WindowScreen(self._session, time.time))


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await pilot.pause(0.02)


def trip(session: Session) -> None:
    must(session, RaiseIncident("OPS-1", ""))
    must(session, RaiseCorrectness("rows are missing: " + "the order of the words is of no matter " * 8))

    def tripped() -> bool:
        session.tick()
        return {"incident", "correctness"} <= set(session.window.triggers)

    wait_for(tripped)


@pytest.mark.parametrize("size", [(110, 30), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_end_of_the_output_stays_in_sight(session: Session, size: tuple[int, int]) -> None:
    trip(session)
    app = Small(session)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: bool(app.screen.query("#foot")) and app.screen.has_class("-wide"))
        panels = app.screen.query_one("#panels")
        await until(
            pilot, lambda: app.screen.query_one("#banner").region.height >= 2 and panels.size.height > 0
        )
        for name in ("runs", "judged", "checklist", "backlog"):
            region = app.screen.query_one(f"#{name}").region
            assert region.height >= 3
            assert region in panels.region, name


async def test_moving_the_cursor_lays_nothing_out_anew(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Small(session)
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        screen = app.screen
        assert isinstance(screen, WindowScreen)
        await pilot.press("home")
        await pilot.pause(0.1)
        laid_out: list[object] = []
        monkeypatch.setattr(screen, "_refresh_layout", lambda *size, **how: laid_out.append((size, how)))
        below = screen.query_one("#step", LinePanel)
        for _ in range(6):
            await pilot.press("j")
            title = screen.selected.title
            await until(pilot, lambda title=title: below.render_line(0).text.strip() == title)
        assert not laid_out


async def test_no_word_in_passing_lies_on_the_rollback_screen(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        app.notify("readiness tripped", timeout=60)
        await until(pilot, lambda: len(app._notifications) == 1)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, RollbackScreen))
        assert len(app._notifications) == 0
        assert "tab" in str(app.screen.query_one("#questions").border_subtitle)


async def test_after_a_rollback_is_declared_the_cursor_stands_on_what_comes_next(session: Session) -> None:
    must(session, BeginRollback(BINARIES, "errors", "A", session.window.rollback_phrase, "", ""))
    while (step := session.window.current) is not None:
        must(session, SkipStep(step.id, "not in this test"))
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        screen = app.screen
        assert isinstance(screen, WindowScreen)
        await pilot.press(*("j" * 10))
        assert screen.selected.id == "communicate"
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, Dialog) and app.screen.focused is not None)
        # Enter that is held down says no.
        assert app.screen.focused is not None
        assert app.screen.focused.id == "no"
        await pilot.press("tab", "enter")
        await until(pilot, lambda: session.window.outcome == ROLLED_BACK and app.screen is screen)
        await until(pilot, lambda: screen.selected.id == "root-cause")
