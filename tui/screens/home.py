"""The list of windows: open and interrupted ones first, then the past ones; `n` opens a new one."""

from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import Screen

from state.journal.directory import DirectoryError
from state.listing import Listed, listed, running_release
from state.settings.environments import settings_of
from state.window import Window
from tui.dialogs import windows as dialogs
from tui.dialogs.dialog import Values
from tui.place import Place
from tui.present import home
from tui.present.header import environment_tone
from tui.present.line import Line, Span, Tone, line, wrapped
from tui.screens.opening import NewWindow, Opener
from tui.screens.retrospect import open_report, open_timeline
from tui.widgets.line_panel import CursorPanel, LinePanel

#: Seconds between two looks at what is examined in the background.
LOOK_EVERY = 0.1


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
        self._new_window = NewWindow(place, opener, lambda dialog: self.app.push_screen(dialog))

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
        self.set_interval(LOOK_EVERY, self._new_window.settle)

    @on(events.ScreenResume)
    @on(events.Resize)
    def action_refresh_list(self) -> None:
        """Reads the list of windows."""
        try:
            self._listed = home.in_order(listed(self._place.state), self._place.settings.environment)
            self._tell("")
        except DirectoryError as error:
            self._tell(str(error))
        cells = self.app.size.width - 4
        rows: list[Line] = [line(Span("+ ", Tone.GOOD), "New window")]
        rows += [home.row(one, cells, self._belongs(one)) for one in self._listed]
        self.query_one(CursorPanel).show_rows(tuple(rows), tuple(range(len(rows))))
        environment = self._place.settings.environment
        tone = environment_tone(environment)
        head = line(
            Span(f" {environment.upper()} ", tone), Span("  Drawbridge · deployment windows", Tone.STRONG)
        )
        self.query_one("#header", LinePanel).show((head,))
        keys = " enter open · n new window · t timeline · r refresh · q leave"
        self.query_one("#foot", LinePanel).show((line(keys),))

    def _belongs(self, one: Listed) -> str:
        """Of a window of another environment: to which settings; empty for those of these settings."""
        if one.window is None or one.window.environment == self._place.settings.environment:
            return ""
        path = settings_of(self._place.state, one.window.environment)
        return str(path) if path else f"settings of {one.window.environment}"

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
        elif one.window.takes_decisions and one.window.environment != self._place.settings.environment:
            self._look_on(one, one.window)
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

    def _look_on(self, one: Listed, window: Window) -> None:
        """A window of another environment: its commands would run in the wrong checkout."""
        path = settings_of(self._place.state, window.environment)

        def submit(answer: str, values: Values) -> str | None:
            return self._opener.resume_window(one.directory, only_looks=True)

        self.app.push_screen(dialogs.elsewhere(window, self._place.settings.path, path, submit))

    def action_new(self) -> None:
        """The dialog for a new window."""
        windows = [one.window for one in self._listed if one.window is not None]
        left = running_release(windows, self._place.settings.environment)
        self._new_window.begin(self._place.previous_release or left)

    def action_leave(self) -> None:
        """Ends the console."""
        self.app.exit()
