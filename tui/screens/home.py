"""The list of windows: open and interrupted ones first, then the past ones; `n` opens a new one."""

from pathlib import Path
from typing import ClassVar, Protocol

from msgspec.structs import replace
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen

from state.events import Actor
from state.intents import OpenWindow
from state.journal.directory import DirectoryError
from state.listing import Listed, listed
from tui.dialogs import windows as dialogs
from tui.dialogs.dialog import Values
from tui.place import Place
from tui.present import home
from tui.present.deadline import DeadlineError, closes_at
from tui.present.header import environment_tone
from tui.present.line import Line, Span, Tone, line, wrapped
from tui.screens.retrospect import open_report, open_timeline
from tui.widgets.line_panel import CursorPanel, LinePanel


class Opener(Protocol):
    """Who opens windows: the app. Each call answers with what refused, in words, or None."""

    def resume_window(self, directory: Path) -> str | None:
        """Takes up a window."""

    def open_new(self, opening: OpenWindow, actor: Actor) -> str | None:
        """Opens a window."""

    def now(self) -> float:
        """Seconds since the epoch."""


class HomeScreen(Screen[None]):
    """Shows what there is; everything else is the app's."""

    BINDINGS: ClassVar = [
        ("enter", "open", "Open"),
        ("n", "new", "New window"),
        ("t", "timeline", "Timeline"),
        ("q", "leave", "Leave"),
        ("r", "refresh_list", "Refresh"),
    ]

    def __init__(self, place: Place, opener: Opener) -> None:
        """`place` has the state directory and the settings."""
        super().__init__()
        self._place = place
        self._opener = opener
        self._listed: tuple[Listed, ...] = ()

    def compose(self) -> ComposeResult:
        """Heading, list, keys."""
        yield LinePanel("header", focusable=False)
        with Vertical(id="home"):
            yield CursorPanel("windows", "Windows")
        yield LinePanel("problem", focusable=False)
        yield LinePanel("foot", focusable=False)

    def on_mount(self) -> None:
        """Reads the list once; `r` reads it again."""
        self.action_refresh_list()
        self.query_one(CursorPanel).focus()

    @on(events.ScreenResume)
    @on(events.Resize)
    def action_refresh_list(self) -> None:
        """Reads the list of windows."""
        try:
            self._listed = listed(self._place.state)
            self._tell("")
        except DirectoryError as error:
            self._tell(str(error))
        cells = self.app.size.width - 4
        rows: list[Line] = [line(Span("+ ", Tone.GOOD), "New window")]
        rows += [home.row(one, cells) for one in self._listed]
        self.query_one(CursorPanel).show_rows(tuple(rows), tuple(range(len(rows))))
        environment = self._place.settings.environment
        tone = environment_tone(environment)
        head = line(
            Span(f" {environment.upper()} ", tone), Span("  Drawbridge · deployment windows", Tone.STRONG)
        )
        self.query_one("#header", LinePanel).show((head,))
        keys = " enter open · n new window · t timeline · r refresh · q leave"
        self.query_one("#foot", LinePanel).show((line(keys),))

    def _tell(self, problem: str) -> None:
        panel = self.query_one("#problem", LinePanel)
        panel.show(wrapped(problem, self.app.size.width - 2, Tone.ALARM))
        panel.display = bool(problem)

    def action_open(self) -> None:
        """Enter: a new window, an open one to go on with, or a look back at a closed one."""
        row = self.query_one(CursorPanel).row
        if row == 0:
            self.action_new()
            return
        one = self._listed[row - 1]
        if one.window is None:
            self._tell(one.problem)
        elif one.window.takes_decisions:
            self._tell(self._opener.resume_window(one.directory) or "")
        else:
            self._look_back(one)

    def _look_back(self, one: Listed) -> None:
        assert one.window is not None

        def submit(answer: str, values: Values) -> str | None:
            self.call_later(self._timeline if answer == dialogs.TIMELINE else self._report, one.directory)
            return None

        self.app.push_screen(dialogs.past(one.window, submit))

    def action_timeline(self) -> None:
        """The events of the window under the cursor, open or closed, without taking it up."""
        row = self.query_one(CursorPanel).row
        if row:
            self._timeline(self._listed[row - 1].directory)

    def _timeline(self, directory: Path) -> None:
        self._tell(open_timeline(self.app, directory, self._opener.now))

    def _report(self, directory: Path) -> None:
        open_report(self.app, directory, self._opener.now)

    def action_new(self) -> None:
        """The dialog for a new window."""
        place = self._place
        environment = place.settings.environment
        done = [one.window for one in self._listed if one.window and one.window.outcome == "success"]
        previous = place.previous_release or (done[0].release if done else "")

        def submit(answer: str, values: Values) -> str | None:
            try:
                end = closes_at(values["closes"], self._opener.now())
            except DeadlineError as error:
                return str(error)
            name = values["operator"].strip()
            if not name:
                return "Give your name: every decision is kept with it."
            opening = OpenWindow(
                environment, values["release"], values["previous"], end, self._place.practice
            )
            return self._opener.open_new(opening, replace(place.actor, operator=name))

        length = place.settings.window.length
        releases = (place.release, previous)
        self.app.push_screen(dialogs.opening(environment, place.actor.operator, releases, length, submit))

    def action_leave(self) -> None:
        """Ends the console."""
        self.app.exit()
