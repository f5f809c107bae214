"""The windows of several environments: whose they are, and that none is driven with other settings."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from textual.pilot import Pilot

from state.console.opening import open_window, policy_of
from state.console.session import Session
from state.events import Actor
from state.intents import OpenWindow
from state.listing import listed
from state.settings import load
from state.watch.start import is_alive
from tui.app import Console
from tui.dialogs.dialog import Dialog
from tui.place import Place
from tui.screens.home import HomeScreen
from tui.screens.window import WindowScreen
from tui.widgets.line_panel import CursorPanel

from ..deployment.test_doctor import Site
from ..pty.headless import end_windows

SAM = Actor("sam", "sam", "bastion", "/dev/pts/7")


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await pilot.pause(0.05)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """The settings of practice; those of production lie beside them, in the same state directory."""
    made = Site(tmp_path)
    text = made.config.read_text().replace('"practice"', '"production"')
    (tmp_path / "production.toml").write_text(text)
    yield made
    end_windows(made.state)


def console(config: Path, state: Path) -> Console:
    settings = load(config)
    return Console(Place(settings, policy_of(settings), state, SAM))


def opened(config: Path, state: Path) -> str:
    """The id of a window that was opened with these settings, and left."""
    settings = load(config)
    policy = policy_of(settings)
    session = open_window(state, settings, policy, SAM, OpenWindow(settings.environment, "v2", "v1"))
    assert isinstance(session, Session)
    with closing(session):
        return session.window.id


def rows(pilot: Pilot[None]) -> tuple[str, ...]:
    return pilot.app.screen.query_one(CursorPanel).words


async def test_a_window_of_other_settings_is_only_looked_at(site: Site, tmp_path: Path) -> None:
    other = opened(tmp_path / "production.toml", site.state)
    own = opened(site.config, site.state)
    # Whoever drives production leaves word which settings are its own.
    app = console(tmp_path / "production.toml", site.state)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, HomeScreen) and len(rows(pilot)) == 3)
        at = next(number for number, row in enumerate(rows(pilot)) if other in row)
        app.screen.query_one(CursorPanel).select(at)
        await pilot.press("enter")
        await until(pilot, lambda: app.session is not None and app.session.drives)
        # A watch that has not begun could not be ended.
        await until(pilot, lambda: app.session is not None and is_alive(app.session.directory))
        await until(pilot, lambda: bool(app.screen_stack) and isinstance(app.screen, Dialog))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, WindowScreen))
    assert app.session is not None
    app.session.leave()
    app = console(site.config, site.state)
    async with app.run_test(size=(240, 40), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, HomeScreen) and len(rows(pilot)) == 3)
        # One's own first, though the other is as open.
        assert own in rows(pilot)[1] and "· of" not in rows(pilot)[1]
        assert other in rows(pilot)[2] and f"· of {tmp_path / 'production.toml'}" in rows(pilot)[2]
        app.screen.query_one(CursorPanel).select(2)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Dialog))
        assert isinstance(app.screen, Dialog)
        said = "".join(app.screen.words.split())
        assert f"drawbridge--config{tmp_path / 'production.toml'}" in said
        app.screen.query_one("#look").focus()
        await pilot.press("enter")
        await until(pilot, lambda: any(isinstance(screen, WindowScreen) for screen in app.screen_stack))
        assert app.session is not None
        assert not app.session.drives and app.session.seat.only_looks
    app.session.close()
    (window,) = [one.window for one in listed(site.state) if one.window and one.window.id == other]
    assert window.driver is not None and window.driver.left_at is not None
