"""The timeline and the report on the screen, at both sizes, for who drives, who looks, and after the end."""

import asyncio
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from state.console.session import Session
from state.events import Actor
from state.intents import ABANDONED, AddNote, OpenWindow
from tui.commands import COMMANDS, TIMELINE
from tui.dialogs.dialog import Dialog
from tui.place import Place
from tui.present.line import text
from tui.screens.home import HomeScreen
from tui.screens.report import ReportScreen
from tui.screens.timeline import TimelineScreen
from tui.screens.window import WindowScreen
from tui.widgets.line_panel import CursorPanel, LinePanel

from ..session.place import KIM, must
from ..session.place import Place as Site
from .rollback_app import STYLES

SIZES = [(80, 24), (120, 40)]


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


def lines(app: App[None], panel: str) -> list[str]:
    """What stands in a panel, the part included that is out of sight."""
    return [text(each) for each in app.screen.query_one(f"#{panel}", LinePanel)._lines]


def in_sight(app: App[None], panel: str) -> str:
    """What of a panel is on the screen."""
    found = app.screen.query_one(f"#{panel}", LinePanel)
    return "\n".join(found.render_line(y).text for y in range(found.scrollable_content_region.height))


def chosen(app: App[None]) -> str:
    panel = app.screen.query_one("#events", CursorPanel)
    return lines(app, "events")[panel.row]


async def opened(pilot: Pilot[None], app: App[None]) -> None:
    await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
    await pilot.press("t")
    await until(pilot, lambda: isinstance(app.screen, TimelineScreen) and bool(lines(app, "events")))
    await until(pilot, lambda: "(" in " ".join(lines(app, "event")))


@pytest.mark.parametrize("size", SIZES)
async def test_it_begins_at_the_newest_event_and_goes_on_with_what_comes(
    session: Session, size: tuple[int, int]
) -> None:
    app = Small(session)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        assert len(lines(app, "events")) == session.window.seq
        await until(pilot, lambda: "Deploy the binaries: attested" in in_sight(app, "events"))
        assert "Deploy the binaries: attested, kim" in chosen(app)
        for number in range(3):
            must(session, AddNote("", f"note {number}"))
            await until(pilot, lambda number=number: f"note {number}" in chosen(app))
            await until(pilot, lambda number=number: f"note {number}" in in_sight(app, "events"))
        # Whoever looks at an earlier one is left alone.
        await pilot.press("k", "k")
        assert "note 0" in chosen(app)
        must(session, AddNote("", "the latest"))
        await until(pilot, lambda: "the latest" in lines(app, "events")[-1])
        assert "note 0" in chosen(app)


@pytest.mark.parametrize("size", SIZES)
async def test_a_step_back_shows_the_window_as_it_was(session: Session, size: tuple[int, int]) -> None:
    app = Small(session)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        if size[0] < 110:
            await pilot.press("tab")
            await until(pilot, lambda: app.screen.query_one("#as-of").region.height > 2)
        await until(pilot, lambda: "upgrade 3/8" in in_sight(app, "as-of"))
        await pilot.press("home")
        await until(pilot, lambda: "preconditions 0/4" in in_sight(app, "as-of"))
        assert "window opened: 1.9 to 2.0" in chosen(app)
        assert not any("✓" in each for each in lines(app, "as-of"))
        await pilot.press("n")
        await until(pilot, lambda: "EXCEPTION backup-available" in chosen(app))
        await pilot.press("n")
        await until(pilot, lambda: "(make db-backup) asked" in chosen(app))
        await until(pilot, lambda: "▶ make db-backup" in in_sight(app, "as-of"))
        await pilot.press("p", "p")
        await until(pilot, lambda: "window opened" in chosen(app))


async def test_it_is_filtered_by_kind_and_the_chosen_event_stays(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        every = lines(app, "events")
        await pilot.press("3")
        await until(pilot, lambda: len(lines(app, "events")) < len(every))
        assert all(" runs " in each for each in lines(app, "events"))
        assert "backup" in chosen(app)
        await pilot.press("5")
        await until(pilot, lambda: lines(app, "events") == [])
        assert lines(app, "event") == []
        await pilot.press("f", "f", "f")
        await until(pilot, lambda: lines(app, "events") == every)
        await pilot.press("pageup")
        before = app.screen.query_one("#events", CursorPanel).row
        await pilot.press("pagedown")
        await until(pilot, lambda: app.screen.query_one("#events", CursorPanel).row > before)
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, WindowScreen))


async def press_save(pilot: Pilot[None], app: App[None]) -> None:
    """By key, as operators do; for a moment after it was pressed a button takes no second key."""
    button = app.screen.query_one("#save")
    button.focus()
    await until(pilot, lambda: button.has_focus and not button.has_class("-active"))
    await pilot.press("enter")


async def test_the_report_is_shown_and_saved(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = Small(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ReportScreen))
        await until(pilot, lambda: "Evidence: production 1.9 to 2.0" in lines(app, "report"))
        assert any(each.startswith("Chain             verifies") for each in lines(app, "report"))
        assert not any(set("|#") & set(each) for each in lines(app, "report"))
        narrow = lines(app, "report")
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: lines(app, "report") != narrow)
        assert max(map(len, narrow)) <= 76 < max(map(len, lines(app, "report")))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, Dialog) and app.screen.focused is not None)
        app.screen.query_one(Input).value = str(tmp_path / "none" / "r.html")
        await press_save(pilot, app)
        await until(
            pilot, lambda: "There is no directory" in str(app.screen.query_one("#dialog-problem").content)
        )
        app.screen.query_one(Input).value = str(tmp_path / "r.html")
        await press_save(pilot, app)
        await until(pilot, lambda: isinstance(app.screen, ReportScreen))
    saved = tmp_path / "r.html"
    assert saved.read_text().startswith("<!doctype html>")
    assert stat.S_IMODE(saved.stat().st_mode) == 0o600


async def test_an_observer_has_both(session: Session, place: Site) -> None:
    observer = place.join(KIM)
    assert not observer.drives
    app = Small(observer)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        assert len(lines(app, "events")) == session.window.seq
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, WindowScreen))
        await app.screen.run_action("report")
        await until(pilot, lambda: isinstance(app.screen, ReportScreen))


class AtHome(App[None]):
    """The list of windows; opens none."""

    CSS_PATH = STYLES

    def __init__(self, place: Place) -> None:
        super().__init__()
        self._place = place

    def on_mount(self) -> None:
        self.push_screen(HomeScreen(self._place, self))

    def now(self) -> float:
        return time.time()

    def resume_window(self, directory: Path) -> str | None:
        raise AssertionError(directory)

    def open_new(self, opening: OpenWindow, actor: Actor) -> str | None:
        raise AssertionError(opening)


@pytest.mark.parametrize("way", ["t", "enter"])
async def test_a_past_window_is_replayed_from_the_list(session: Session, place: Site, way: str) -> None:
    assert session.declare(ABANDONED, "not today", {}, {}) is None
    session.leave()
    settings = place.settings
    app = AtHome(Place(settings, session.window.policy, place.state, session.actor))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, HomeScreen) and len(lines(app, "windows")) == 2)
        await pilot.press("down", way)
        if way == "enter":
            await until(pilot, lambda: isinstance(app.screen, Dialog) and app.screen.focused is not None)
            await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, TimelineScreen) and bool(lines(app, "events")))
        await until(pilot, lambda: "declared: abandoned" in chosen(app))
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, HomeScreen))


def test_keys_are_declared_once_and_none_is_taken_twice() -> None:
    assert next(c for c in COMMANDS if c.id == "timeline").key == "t"
    for commands in (COMMANDS, TIMELINE):
        keys = [command.key for command in commands if command.key]
        assert len(keys) == len(set(keys))
