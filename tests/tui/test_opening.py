"""A window is opened only after the examination: what it does not pass stands on the screen with its mend."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from state.console.opening import policy_of
from state.events import Actor
from state.settings import load
from state.watch.start import is_alive
from tui.app import Console
from tui.dialogs.dialog import Dialog
from tui.place import Place
from tui.screens.home import HomeScreen
from tui.screens.window import WindowScreen

from ..deployment.small_server import SmallServer, small_server
from ..deployment.test_doctor import Site
from ..pty.headless import end_windows

SAM = Actor("sam", "sam", "bastion", "/dev/pts/7")


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():
            await pilot.pause(0.05)


def console(site: Site, url: str) -> Console:
    """On the list of windows of a site whose API lies there."""
    site.write(url)
    settings = load(site.config)
    return Console(Place(settings, policy_of(settings), site.state, SAM, False, "v1.5.0", "v1.4.2"))


def is_open(app: Console) -> bool:
    """Whether the window is there, and its watch: one that has not begun could not be ended."""
    is_watched = app.session is not None and is_alive(app.session.directory)
    return is_watched and isinstance(app.screen, WindowScreen) and bool(app.screen.query("#checklist"))


def words(app: Console) -> str:
    assert isinstance(app.screen, Dialog)
    return app.screen.words


async def ask_for_a_window(pilot: Pilot[None]) -> None:
    await until(pilot, lambda: isinstance(pilot.app.screen, HomeScreen))
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, Dialog) and pilot.app.screen.focused is not None)
    pilot.app.screen.query_one("#open").focus()
    await pilot.press("enter")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    end_windows(made.state)


async def test_a_window_opens_once_all_was_looked_at(site: Site) -> None:
    with small_server() as server:
        app = console(site, server.url)
        async with app.run_test(size=(120, 40), notifications=True) as pilot:
            await ask_for_a_window(pilot)
            await until(pilot, lambda: is_open(app))
            assert app.session is not None and app.session.window.release == "v1.5.0"
            assert server.asked["/v1/admin/ops/summary"] >= 1
        app.session.close()


async def test_a_failure_stops_it_and_what_was_typed_stays(site: Site) -> None:
    with small_server() as server:
        app = console(site, server.url)
        site.backups.joinpath("nightly.sql").unlink()
        site.backups.rmdir()
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await ask_for_a_window(pilot)
            await until(pilot, lambda: "FAIL" in words(app))
            # Wherever the lines are broken.
            said = f"FAIL backup directory: {site.backups} does not exist"
            assert "".join(said.split()) in "".join(words(app).split())
            assert "→ mkdir -p -m 700" in words(app)
            await pilot.press("escape")
            assert "A new deployment window" in words(app)
            assert app.screen.query_one("#release").value == "v1.5.0"  # type: ignore[attr-defined]
            # Mended, the same dialog opens it.
            site.backups.mkdir(mode=0o700)
            app.screen.query_one("#open").focus()
            await pilot.press("enter")
            await until(pilot, lambda: is_open(app))
        assert app.session is not None
        app.session.close()


async def test_escape_meanwhile_is_no(site: Site) -> None:
    with small_server() as server:
        server.hang.add("/health/ready")
        app = console(site, server.url)
        async with app.run_test(size=(80, 24), notifications=True) as pilot:
            await ask_for_a_window(pilot)
            await until(pilot, lambda: server.asked["/health/ready"] > 0)
            await pilot.press("escape")
            let_it_answer(server)
            await until(pilot, lambda: server.asked["/v1/admin/ops/summary"] > 0)
            await pilot.pause(0.5)
            assert isinstance(app.screen, HomeScreen) and app.session is None
            assert list((site.state / "windows").glob("*")) == []


def let_it_answer(server: SmallServer) -> None:
    """What hangs, answers."""
    server.hang.clear()
    server.ending.set()
