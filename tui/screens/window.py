"""The window screen: checklist, health, backlog, gates and the output of runs, at any size."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.screen import ModalScreen

from state.console.session import Session
from state.runbook import Step
from state.window import SETTLED, Window
from tui.clipboard import copy
from tui.commands import COMMANDS, Command, applicable, bindings, with_keys
from tui.palette import ScreenCommands
from tui.passing import Passing
from tui.present.sizes import TABS
from tui.screens.copying import CopyScreen, values
from tui.screens.desk import Severity
from tui.screens.doing import Doing
from tui.screens.help import HelpScreen
from tui.screens.panels import Panels, run_tabs
from tui.screens.people import People
from tui.screens.retrospect import open_report, open_timeline
from tui.screens.rollback import Draft, RollbackScreen
from tui.screens.tabbed import TabbedScreen
from tui.screens.way_back import WayBack
from tui.themes import after
from tui.typed import as_typed
from tui.widgets.line_panel import CursorPanel, Moved
from tui.widgets.run_pane import RunPane


class WindowScreen(TabbedScreen):
    """One window, driven by a session. Shows what the session says; decides nothing."""

    COMMANDS: ClassVar = {ScreenCommands}
    BINDINGS: ClassVar = [*bindings()]

    def __init__(self, session: Session, clock: Callable[[], float]) -> None:
        """`clock` gives seconds since the epoch."""
        super().__init__()
        self.session = session
        self._clock = clock
        self._doing = Doing(session, self)
        self._way_back = WayBack(session, self)
        self._people = People(session, self)
        self._draft = Draft()
        self._problem = ""
        self._passing = Passing(lambda: self.app)
        self._panels = Panels()
        #: The step that came next when this was last drawn: the cursor goes with it.
        self._came_next = ""
        #: From the mount on: a tick or a resize may come while only some of the panels are there.
        self._complete = False

    def compose(self) -> ComposeResult:
        """All panels once; the stylesheet places them by the screen's class."""
        yield self._panels

    def on_mount(self) -> None:
        """Starts on the step that comes next."""
        self._complete = True
        self._arrange(self.app.size.width, self.app.size.height)
        self.look()
        self.query_one(CursorPanel).focus()
        self.go_to_current()

    @property
    def window(self) -> Window:
        """The window as it stands."""
        return self.session.window

    def look(self) -> None:
        """Draws what is different from what is on the screen."""
        # A console that is being left has lost some of its panels already.
        if self._complete and self.is_attached and self.app.is_running:
            self._follow()
            self._passing.look()
            self._panels.show(self.session, self.selected, self._tab, self._problem, self._clock())

    def report(self, problem: str) -> None:
        """A problem of the console itself that stays in sight; empty takes it away."""
        if problem != self._problem:
            self._problem = problem
            self.look()

    # Steps

    @property
    def selected(self) -> Step:
        """The step under the cursor."""
        steps = self.window.direction
        return steps[min(self.query_one(CursorPanel).row, len(steps) - 1)]

    def go_to_current(self) -> None:
        """Puts the cursor on the step that comes next."""
        current = self.window.current
        if current is not None:
            self.query_one(CursorPanel).select(self.window.direction.index(current))

    def _follow(self) -> None:
        """A cursor on what comes next stays on what comes next; one that was moved elsewhere stays there."""
        current = self.window.current
        before, self._came_next = self._came_next, current.id if current is not None else ""
        turned = before not in {step.id for step in self.window.direction}
        if before not in ("", self._came_next) and (turned or self.selected.id == before):
            self.go_to_current()

    def go_on(self) -> None:
        """Moves on where the step under the cursor is settled."""
        if self.window.record(self.selected.id).state in SETTLED:
            self.go_to_current()

    @on(Moved)
    def _moved(self) -> None:
        if self.is_attached:
            self._panels.show_step(self.session, self.selected, self._tab, self._clock())

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A command that does not apply to the window has no key."""
        if action not in {command.id for command in COMMANDS}:
            return True
        return action in {command.id for command in self.offered()}

    def offered(self) -> tuple[Command, ...]:
        """What applies to the window now, with the keys of the settings."""
        commands = with_keys(self.session.settings.keys)
        return applicable(self.window, self.session.drives, commands)

    def action_do(self) -> None:
        """Enter."""
        self._doing.step(self.selected)
        self.look()

    def action_skip(self) -> None:
        """Pass the step over."""
        self._doing.skip(self.selected)

    def action_attest(self) -> None:
        """State that the step is done."""
        self._doing.attest(self.selected)

    def action_note(self) -> None:
        """A note on the step."""
        self._doing.note(self.selected)

    def action_note_window(self) -> None:
        """A note on the window."""
        self._doing.note(None)

    def action_rollback(self) -> None:
        """Why, how far, confirm."""
        self.app.clear_notifications()
        self.app.push_screen(RollbackScreen(self.session, self._clock, self._draft), lambda _: self.turned())

    def turned(self) -> None:
        """After the rollback screen: the checklist may be another one."""
        self.look()
        self.go_to_current()

    def action_wave_off(self) -> None:
        """Let the tripped triggers pass."""
        self._way_back.wave_off()

    def action_incident(self) -> None:
        """Raise a P0, or resolve it."""
        self._way_back.incident()

    def action_correctness(self) -> None:
        """Raise wrong data, or take it back."""
        self._way_back.correctness()

    def action_declare(self) -> None:
        """The outcome."""
        self._doing.declare()

    def action_stop(self) -> None:
        """Stop what runs."""
        self._doing.stop()

    def action_read_now(self) -> None:
        """An ops summary, at once."""
        polls = self.session.view.observed.polls
        self.session.observation.read_now()
        self.say("Asked for an ops summary.", holds=lambda: self.session.view.observed.polls == polls)

    def action_token(self) -> None:
        """Another admin token."""
        self._doing.token()

    def action_help(self) -> None:
        """The keys."""
        self.app.push_screen(
            HelpScreen(with_keys(self.session.settings.keys), self.window, self.session.drives)
        )

    def action_next_theme(self) -> None:
        """Another look, until this console is left."""
        self.app.theme = after(self.app.theme)
        self.say(f'{self.app.theme}. To keep it: [screen] theme = "{self.app.theme}" in drawbridge.toml.')

    def action_message(self) -> None:
        """A message for the channel."""
        self._doing.message(self._clock())

    def action_copy_line(self) -> None:
        """A line of the panel with the focus, or a value."""
        panel = self._panel(TABS[self._tab])
        lines = panel.view.words if isinstance(panel, RunPane) else panel.words
        self.app.push_screen(CopyScreen(values(self.session), lines, self.copy))

    def action_operators(self) -> None:
        """Who is here, and the drive."""
        self._people.operators()

    def action_timeline(self) -> None:
        """Every event of the window, and how it stood after each."""
        if problem := open_timeline(self.app, self.session.directory, self._clock):
            self.say(problem, "error")

    def action_report(self) -> None:
        """The evidence of the window."""
        open_report(self.app, self.session.directory, self._clock)

    def join(self) -> None:
        """A console that looks begins: as whom."""
        self._people.join()

    def action_leave(self) -> None:
        """Leave the window to itself."""
        self._doing.leave()

    # The desk: what Doing asks for

    def ask(self, dialog: ModalScreen[None]) -> None:
        """Puts a dialog before the operator; no word in passing covers what it says."""
        self.app.clear_notifications()
        self.app.push_screen(dialog)

    @property
    def is_asking(self) -> bool:
        """Whether something stands above this screen."""
        return self.app.screen is not self

    def ask_next(self, then: Callable[[], None]) -> None:
        """Another dialog, once the present one has gone."""
        self.call_later(then)

    def copy(self, text: str) -> None:
        """Puts text into the operator's clipboard, through the terminal and through tmux."""
        copy(self.app, text)
        self.say("Copied, where the terminal takes a clipboard sequence. Where not: mark it with the mouse.")

    def leave(self) -> None:
        """Ends the console; what it started goes on."""
        self.app.exit()

    def say(
        self, words: str, severity: Severity = "information", holds: Callable[[], bool] | None = None
    ) -> None:
        """A word in passing, as long as it `holds`: by default until the window goes on."""
        # Whoever reads this types its commands in another terminal: here is the console.
        said = as_typed(words, self.session.settings.path, elsewhere=True)
        self._passing.say(said, severity, holds or self._as_it_stands())

    def _as_it_stands(self) -> Callable[[], bool]:
        said_at = self.window.seq
        return lambda: self.window.seq == said_at

    def show_run(self, run: int) -> None:
        """Turns to the output of a run."""
        pane = self.query_one(RunPane)
        pane.show(run_tabs(self.session, self._clock()), selected=run)
        if self.has_class("-narrow"):
            self.action_turn(TABS.index("runs"))
