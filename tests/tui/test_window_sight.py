"""A banner of several lines takes its room from the panels that scroll, and pushes none off the screen."""

import asyncio
import time
from collections.abc import Callable

import pytest
from textual.app import App
from textual.pilot import Pilot

from state.intents import RaiseCorrectness, RaiseIncident
from state.session import Session
from tui.screens.window import WindowScreen

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
