"""The console as a Textual app: composition of settings, session and screens, and the clock that ticks."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import ClassVar

from rich.segment import Segment, Segments
from textual.app import App, SystemCommand
from textual.screen import Screen

from state.events import Actor
from state.intents import OpenWindow, Refusal
from state.journal.directory import DirectoryError
from state.journal.events import JournalError
from state.journal.readings import ReadingsError
from state.opening import join, open_window
from state.session import Session
from tui.crash import sentence
from tui.dialogs import windows as dialogs
from tui.lifecycle import guard
from tui.place import Place
from tui.screens.home import HomeScreen
from tui.screens.rollback import RollbackScreen
from tui.screens.window import WindowScreen

#: Seconds between two looks at journal, readings and runs.
LOOK_EVERY = 0.25


class Console(App[None]):
    """Opens on a session, or on the list of windows where there is none yet."""

    TITLE = "Drawbridge"
    CSS_PATH = "styles/console.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar = [("ctrl+q", "leave", "Leave")]

    def __init__(
        self, place: Place, session: Session | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        """`session` was attached before, so that a refusal needs no screen."""
        # Said before there is a theme: else NO_COLOR becomes grey in three bytes, which is a colour.
        super().__init__(ansi_color=True)
        self.place = place
        self.session = session
        self._clock = clock

    def on_mount(self) -> None:
        """Guards the terminal first; then the window, or the list."""
        self.theme = "ansi-dark"
        guard(self)
        self.set_interval(LOOK_EVERY, self._tick)
        if self.session is None:
            self.push_screen(HomeScreen(self.place, self))
        else:
            self.enter(self.session)

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    def enter(self, session: Session) -> None:
        """Shows a session's window; a window that was left before begins with the resume card."""
        self.session = session
        self._tick()
        screen = WindowScreen(session, self._clock)
        self.push_screen(screen)
        if not session.drives:
            screen.join()
        elif session.before.driver is not None:
            name = session.actor.operator
            self.push_screen(dialogs.resume(session.interruption(), name, self._clock()))

    def resume_window(self, directory: Path) -> str | None:
        """Takes up a window; what refused, in words."""
        return self._entered(
            lambda: join(directory, self.place.settings, self.place.policy, self.place.actor)
        )

    def open_new(self, opening: OpenWindow, actor: Actor) -> str | None:
        """Opens a window; what refused, in words."""
        place = self.place
        return self._entered(
            lambda: open_window(place.state, place.settings, place.policy, actor, opening, self._clock)
        )

    def _entered(self, opened: Callable[[], Session | Refusal]) -> str | None:
        if self.session is not None:
            return None  # a second enter, while the window is being opened
        try:
            session = opened()
        except (JournalError, ReadingsError, DirectoryError) as error:
            return str(error)
        if isinstance(session, Refusal):
            return session.reason
        self.session = session
        self.call_later(self.enter, session)
        return None

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
        before, drove = set(session.window.triggers), session.drives
        try:
            changed = session.tick()
        except (JournalError, ReadingsError, OSError) as error:
            for screen in screens:
                if isinstance(screen, WindowScreen):
                    screen.report(str(error))
            return
        for tripped in set(session.window.triggers) - before:
            # Also under a dialog: one bell, and a word that stands above everything.
            self.bell()
            reason = session.window.triggers[tripped].reason
            self.notify(reason, title=f"{tripped} tripped", severity="error", timeout=10, markup=False)
        if session.drives != drove:
            self._tell_who_drives(session)
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
        self.notify(said, title="The drive", severity="warning", timeout=10, markup=False)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """None: the palette is made from the one list of commands."""
        return ()

    async def action_leave(self) -> None:
        """Leaves as the window screen does, from wherever the operator is."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, WindowScreen | HomeScreen):
                screen.action_leave()
                return
