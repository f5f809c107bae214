"""The ways to a look back, from a window that is driven as from one that is over."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from textual.app import App

from state.journal.events import JournalError
from tui.screens.report import ReportScreen
from tui.screens.timeline import TimelineScreen

Clock = Callable[[], float]


def open_timeline(app: App[Any], directory: Path, clock: Clock) -> str:
    """Puts the timeline of a window before the operator; what is wrong with its journal, in words."""
    try:
        app.push_screen(TimelineScreen(directory, clock))
    except JournalError as error:
        return str(error)
    return ""


def open_report(app: App[Any], directory: Path, clock: Clock) -> None:
    """Puts the report of a window before the operator."""
    app.push_screen(ReportScreen(directory, clock))
