"""At the desk: keys and looks of one's own, lines that are copied, words for the channel, and the bell."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import TextArea

from state.console.opening import policy_of
from state.console.session import Session
from state.intents import BeginRollback, RaiseIncident, SkipStep
from state.settings import Settings, load
from state.window import BINARIES, StepState
from tui.app import Console
from tui.dialogs.dialog import Dialog
from tui.dialogs.message import MessageDialog
from tui.place import Place as At
from tui.screens.copying import CopyScreen
from tui.screens.help import HelpScreen
from tui.screens.window import WindowScreen
from tui.widgets.line_panel import CursorPanel, LinePanel

from ..session.place import SAM, must


def shows(pilot: Pilot[None], kind: type[Screen[None]], panel: str) -> Callable[[], bool]:
    return lambda: isinstance(pilot.app.screen, kind) and bool(words(pilot, panel))


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await pilot.pause(0.02)


def settings_with(session: Session, more: str) -> Settings:
    """The settings of the site, and these lines."""
    path = session.settings.path
    path.write_text(path.read_text() + more)
    return load(path)


@asynccontextmanager
async def desk(
    session: Session, more: str = "", size: tuple[int, int] = (120, 40)
) -> AsyncIterator[Pilot[None]]:
    """The console on the window, with these settings; `sent` of the app has what went to the terminal."""
    session.settings = settings_with(session, more)
    app = Console(At(session.settings, policy_of(session.settings), Path("/"), SAM), session)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, Dialog) or bool(app.screen.query("#foot")))
        if isinstance(app.screen, Dialog):
            await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(words(pilot, "foot")))
        yield pilot


def words(pilot: Pilot[None], panel: str) -> str:
    return "\n".join(pilot.app.screen.query_one(f"#{panel}", LinePanel).words)


def title(pilot: Pilot[None]) -> str:
    return str(pilot.app.screen.query_one("#dialog").border_title)


async def test_keys_of_ones_own_do_what_they_say(session: Session) -> None:
    more = '[keys]\nskip = "n"\nnote = "S"\nhelp = "f1"\ntoken = "ctrl+t"\n'
    async with desk(session, more) as pilot:
        foot = words(pilot, "foot")
        assert "n skip" in foot and "f1 help" in foot and "? help" not in foot
        await pilot.press("n")
        await until(pilot, lambda: isinstance(pilot.app.screen, Dialog))
        assert title(pilot).startswith("Skip:")
        await pilot.press("escape")
        await pilot.press("S")
        await until(pilot, lambda: isinstance(pilot.app.screen, Dialog))
        assert title(pilot).startswith("Note:")
        await pilot.press("escape", "s", "question_mark")
        assert isinstance(pilot.app.screen, WindowScreen)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(pilot.app.screen, Dialog))
        await pilot.press("escape")
        await pilot.press("f1")
        await until(pilot, shows(pilot, HelpScreen, "help-lines"))
        shown = words(pilot, "help-lines")
        assert re.search(r"^n +Skip the step", shown, re.MULTILINE)
        assert re.search(r"^ctrl\+t +Give another", shown, re.MULTILINE)
        assert "safe until" in shown and "before the window closes" in " ".join(shown.split())
        assert "Drawbridge 0." in str(pilot.app.screen.query_one("#dialog").border_subtitle)


def painted(pilot: Pilot[None]) -> set[Style]:
    """Every style on the screen, as it is sent."""
    app = pilot.app
    strips = app.screen._compositor.render_strips()
    return {segment.style for strip in strips for segment in strip if segment.style is not None}


@pytest.mark.parametrize("theme", ["default", "high-contrast", "16-colours", "monochrome"])
async def test_looks(session: Session, theme: str) -> None:
    must(session, RaiseIncident("OPS-1", ""))
    async with desk(session, f'[screen]\ntheme = "{theme}"\n') as pilot:
        assert pilot.app.theme == theme
        colours = {c for style in painted(pilot) for c in (style.color, style.bgcolor) if c is not None}
        if theme == "monochrome":
            assert {colour.name for colour in colours} <= {"default"}
        elif theme == "16-colours":
            assert all(colour.triplet is None and (colour.number or 0) < 16 for colour in colours)
        elif theme == "high-contrast":
            assert pilot.app.screen.styles.background == Color.parse("#000000")


async def test_the_next_theme_goes_round(session: Session) -> None:
    async with desk(session, '[keys]\nnext_theme = "T"\n') as pilot:
        for expected in ("high-contrast", "16-colours", "monochrome", "default"):
            await pilot.press("T")
            await until(pilot, lambda wanted=expected: pilot.app.theme == wanted)
            assert pilot.app.has_class("-monochrome") == (expected == "monochrome")


async def test_no_color_is_monochrome(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with desk(session) as pilot:
        assert pilot.app.theme == "monochrome"


async def test_a_line_and_a_value_are_copied(session: Session) -> None:
    async with desk(session) as pilot:
        await pilot.press("y")
        await until(pilot, shows(pilot, CopyScreen, "copy-lines"))
        rows = words(pilot, "copy-lines").splitlines()
        assert any("Back up the database" in row for row in rows)
        at = next(n for n, row in enumerate(rows) if row.startswith("its SHA-256"))
        pilot.app.screen.query_one(CursorPanel).select(at)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, WindowScreen))
        assert session.window.backup is not None
        assert pilot.app.clipboard == session.window.backup.sha256
        await pilot.press("2", "y")
        await until(pilot, shows(pilot, CopyScreen, "copy-lines"))
        await pilot.press("y")
        await until(pilot, lambda: isinstance(pilot.app.screen, WindowScreen))
        assert pilot.app.clipboard.startswith("live")


async def test_a_message_before_any_rollback_is_copied_and_kept_as_a_note(session: Session) -> None:
    async with desk(session, '[comms]\nchannel = "#ops"\n') as pilot:
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, MessageDialog))
        area = pilot.app.screen.query_one(TextArea)
        assert session.window.release in area.text and "upgrade" in area.text
        area.text += "\nAll is calm."
        pilot.app.screen.query_one("#copied").focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, WindowScreen))
        assert pilot.app.clipboard.endswith("\nAll is calm.")
        assert session.window.notes[-1].text.startswith("Message for #ops: ")
        assert "All is calm." in session.window.notes[-1].text


async def test_the_message_of_the_way_back_is_kept_by_copying_and_done_by_sending(session: Session) -> None:
    must(session, BeginRollback(BINARIES, "errors", "A", session.window.rollback_phrase, "", ""))
    while (step := session.window.current) is not None and step.id != "communicate":
        must(session, SkipStep(step.id, "not in this test"))
    async with desk(session) as pilot:
        await pilot.press("m")
        await until(pilot, lambda: isinstance(pilot.app.screen, MessageDialog))
        pilot.app.screen.query_one(TextArea).text = "We are back."
        pilot.app.screen.query_one("#copy").focus()
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.clipboard == "We are back.")
        assert isinstance(pilot.app.screen, MessageDialog) and not session.window.messages
        assert session.window.record("communicate").state is not StepState.DONE
        await pilot.press("escape", "m")
        await until(pilot, lambda: isinstance(pilot.app.screen, MessageDialog))
        assert pilot.app.screen.query_one(TextArea).text == "We are back."
        pilot.app.screen.query_one("#copied").focus()
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, WindowScreen))
        assert session.window.messages[-1].text == "We are back."
        assert session.window.record("communicate").state is StepState.DONE


@pytest.mark.parametrize(
    ("how", "sent"),
    [("osc9", "\x1b]9;{}: trigger incident tripped\x07\x07"), ("bell", "\x07"), ("off", "")],
)
async def test_a_trigger_that_trips_calls(
    session: Session, how: str, sent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("STY", raising=False)
    async with desk(session, f'[screen]\nnotify = "{how}"\n') as pilot:
        written: list[str] = []
        driver = pilot.app._driver
        assert driver is not None
        monkeypatch.setattr(driver, "write", written.append)
        must(session, RaiseIncident("OPS-1", ""))
        await until(pilot, lambda: "incident" in words(pilot, "banner").lower())
        said = [each for each in written if "\x07" in each]
        assert said == ([sent.format(session.window.environment)] if sent else [])


async def test_what_is_copied_reaches_the_terminal_as_the_clipboard_sequence(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    async with desk(session) as pilot:
        written: list[str] = []
        assert pilot.app._driver is not None
        monkeypatch.setattr(pilot.app._driver, "write", written.append)
        screen = pilot.app.screen
        assert isinstance(screen, WindowScreen)
        screen.copy("ünïcode")
        coded = base64.b64encode("ünïcode".encode()).decode()
        assert f"\x1b]52;c;{coded}\a" in written
