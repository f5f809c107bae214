"""The console as a Textual app: composition of settings, session and screens, and the clock that ticks."""

import gc
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from rich.console import RenderableType
from rich.segment import Segment, Segments
from textual import events, on
from textual._compositor import CompositorUpdate
from textual.app import SystemCommand
from textual.filter import LineFilter, NoColor
from textual.screen import ModalScreen, Screen

from state.console.opening import join, open_window
from state.console.session import Session
from state.events import Actor
from state.intents import OpenWindow, Refusal
from state.journal.directory import DirectoryError
from state.journal.events import JournalError
from state.journal.readings import ReadingsError
from state.settings.environments import note
from state.window import Window
from tui.attention import call
from tui.commands import COMMANDS, with_keys
from tui.crash import sentence
from tui.dialogs import windows as dialogs
from tui.dialogs.question import Problem
from tui.first_screen import FIRST_SCREEN
from tui.lifecycle import guard
from tui.painting import Shown
from tui.place import Place
from tui.present.calls import calls
from tui.screens.desk import Severity
from tui.screens.home import HomeScreen
from tui.screens.rollback import RollbackScreen
from tui.screens.window import WindowScreen
from tui.themes import LOOKS
from tui.tones import MONOCHROME
from tui.typed_ahead import TypesAhead

#: Seconds for which one thread keeps another waiting: the one that searches a log the keys, the event loop
#: the one that writes to the terminal.
_TURN = 0.0001
#: Seconds for which the event loop steps aside after a painting; a terminal that reads has it by then.
_ASIDE = 0.0001
#: Seconds between two looks at journal, readings and runs.
LOOK_EVERY = 0.25


def _waiting(session: Session) -> set[str]:
    """What this console's operator is asked, or was answered, by other people."""
    window = session.window
    said = {f"asked {ask.id}" for ask in window.asks.values()} if session.drives else set()
    if window.approval is not None:
        said.add(f"approval {window.approval.request} {window.approval.approved_at}")
    return said


def _tripped(window: Window) -> set[tuple[str, float]]:
    """What has tripped, and when: one that was waved off may trip again."""
    return {(name, record.at) for name, record in window.triggers.items()}


class Console(TypesAhead):
    """Opens on a session, or on the list of windows where there is none yet."""

    TITLE = "Drawbridge"
    CSS_PATH = "styles/console.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar = [("ctrl+q", "leave", "Leave"), ("ctrl+l", "repaint", "Draw the screen anew")]

    def __init__(
        self, place: Place, session: Session | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        """`session` was attached before, so that a refusal needs no screen."""
        # Said before there is a theme: else NO_COLOR becomes grey in three bytes, which is a colour.
        super().__init__(ansi_color=True)
        self.place = place
        self.session = session
        self._clock = clock
        self._shown = Shown()

    def on_load(self) -> None:
        """Just before the terminal becomes Textual's."""
        FIRST_SCREEN.hand_over()
        # What was loaded stays; from now on there is something to throw away.
        gc.freeze()
        gc.enable()
        sys.setswitchinterval(_TURN)

    def on_mount(self) -> None:
        """Guards the terminal first; then the window, or the list."""
        for look in LOOKS.values():
            self.register_theme(look.theme)
        self.theme = MONOCHROME if self.no_color else self.place.settings.screen.theme
        self.set_keymap(self._own_keys())
        guard(self)
        self.app_resume_signal.subscribe(self, lambda _: self.action_repaint())
        self.set_interval(LOOK_EVERY, self._tick)
        if self.session is None:
            self.push_screen(HomeScreen(self.place, self))
        else:
            self.enter(self.session)

    def _own_keys(self) -> dict[str, str]:
        return {
            own.id: own.key
            for usual, own in zip(COMMANDS, with_keys(self.place.settings.keys), strict=True)
            if own.key != usual.key
        }

    def watch_theme(self, theme: str) -> None:
        """Where there are no colours, frames say what else a colour would."""
        self.set_class(theme == MONOCHROME, "-monochrome")

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Monochrome is without any colour, those of a run's output and of Textual's own parts included."""
        filters = super().get_line_filters()
        return [*filters, NoColor()] if self.theme == MONOCHROME else filters

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    def enter(self, session: Session) -> None:
        """Shows a session's window; a window that was left before begins with the resume card."""
        self.session = session
        if session.drives:
            note(self.place.state, session.window.environment, self.place.settings.path)
        self._tick()
        screen = WindowScreen(session, self._clock)
        self.push_screen(screen)
        if not session.drives:
            screen.join()
        elif session.before.driver is not None:
            name = session.actor.operator
            self.push_screen(dialogs.resume(session.interruption(), name, self._clock()))

    def resume_window(self, directory: Path, only_looks: bool = False) -> str | None:
        """Takes up a window, or only looks at it; what refused, in words."""
        place = self.place
        problem = self._entered(
            lambda: join(directory, place.settings, place.policy, place.actor, only_looks=only_looks)
        )
        return problem.reason if isinstance(problem, Refusal) else problem

    def open_new(self, opening: OpenWindow, actor: Actor) -> Problem:
        """Opens a window; what refused."""
        place = self.place
        return self._entered(
            lambda: open_window(place.state, place.settings, place.policy, actor, opening, self._clock)
        )

    def _entered(self, opened: Callable[[], Session | Refusal]) -> Problem:
        if self.session is not None:
            return None  # a second enter, while the window is being opened
        try:
            session = opened()
        except (JournalError, ReadingsError, DirectoryError) as error:
            return str(error)
        if isinstance(session, Refusal):
            return session
        self.session = session
        self.call_later(self.enter, session)
        return None

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Sends what differs from what the terminal shows, and nothing else."""
        if isinstance(renderable, CompositorUpdate):
            renderable = self._shown.less(renderable)
        super()._display(screen, renderable)
        # The thread that writes gets the interpreter now: what else a key leads to comes behind its paint.
        time.sleep(_ASIDE)

    @on(events.Resize)
    def _forget(self) -> None:
        # A terminal of another size has moved its lines about.
        self._shown.forget()

    def action_repaint(self) -> None:
        """Draws everything anew: somebody may have written over the screen."""
        self._shown.forget()
        self.screen.refresh()

    def _fatal_error(self) -> None:
        """Textual would print the stack with every local variable; an operator gets a sentence."""
        error = self._exception or RuntimeError("unknown")
        self.bell()
        self._exit_renderables.append(Segments([Segment(sentence(error, self.place.state) + "\n")]))
        self._close_messages_no_wait()

    def _tick(self) -> None:
        session = self.session
        if session is None:
            return
        screens = [
            screen for screen in self.screen_stack if isinstance(screen, WindowScreen | RollbackScreen)
        ]
        before, drove, waited = session.window, session.drives, _waiting(session)
        try:
            changed = session.tick()
        except (JournalError, ReadingsError, DirectoryError, OSError) as error:
            for screen in screens:
                if isinstance(screen, WindowScreen):
                    screen.report(str(error))
            return
        settings = self.place.settings.screen
        for words in calls(before, session.window, settings.notify_after):
            call(self, settings.notify, words)
        if new := _tripped(session.window) - _tripped(before):
            self._tell_of_trips(session, new)
        if session.drives != drove:
            self._tell_who_drives(session)
        elif _waiting(session) - waited:
            # What is asked stands in a line of its own; the bell says that it is there.
            self.bell()
        for screen in screens:
            if isinstance(screen, WindowScreen):
                screen.report("")
            if changed:
                screen.look()

    def _tell_who_drives(self, session: Session) -> None:
        """The drive came or went without a key of this console: that must not be overlooked."""
        self.bell()
        driver = session.window.driver
        other = driver.actor.operator if driver is not None and not session.drives else "nobody"
        said = "You drive this window now." if session.drives else f"You look on; the drive has {other}."
        drives = session.drives
        self._say(said, "warning", lambda: session.drives == drives)

    def _tell_of_trips(self, session: Session, new: set[tuple[str, float]]) -> None:
        """Over a dialog, by a word beside it; elsewhere the banner says it, and nothing covers that."""
        if isinstance(self.screen, ModalScreen):
            reasons = (f"{name.upper()} TRIPPED: {session.window.triggers[name].reason}" for name, _ in new)
            self._say(" · ".join(reasons), "error", lambda: bool(new & _tripped(session.window)))

    def _say(self, words: str, severity: Severity, holds: Callable[[], bool]) -> None:
        # None while a window is being entered: it will show all of that at once.
        for screen in [screen for screen in self.screen_stack if isinstance(screen, WindowScreen)][-1:]:
            screen.say(words, severity, holds)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None: the palette is made from the one list of commands."""
        return ()

    async def action_leave(self) -> None:
        """Leaves as the window screen does, from wherever the operator is."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, WindowScreen | HomeScreen):
                screen.action_leave()
                return
