"""The help page, made from the one list of commands."""

from importlib.metadata import version
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from state.window import Window
from tui.commands import Command
from tui.present.line import Line, Span, Tone, left, line
from tui.widgets.line_panel import LinePanel

#: Keys that move, and what: those of the window screen.
MOVING = (
    ("↑ ↓ j k", "step"),
    ("1 … 5", "panel"),
    ("escape", "back to the checklist"),
    ("/", "search in the output: as typed, in either case where it does not stand so"),
    ("ctrl+p", "palette"),
    ("ctrl+l", "draw anew"),
)


class HelpScreen(ModalScreen[None]):
    """Every key, what it does, and whether it applies now."""

    BINDINGS: ClassVar = [("escape,q,question_mark,enter", "close", "Close")]

    def __init__(
        self,
        commands: tuple[Command, ...],
        window: Window,
        drives: bool,
        moving: tuple[tuple[str, str], ...] = MOVING,
    ) -> None:
        """What does not apply to the window is drawn dim; a console that looks has no deciding keys."""
        super().__init__()
        self._commands = commands
        self._window = window
        self._drives = drives
        self._moving = moving

    def compose(self) -> ComposeResult:
        """One framed list."""
        with Vertical(id="dialog") as frame:
            frame.border_title = "Help"
            frame.border_subtitle = f"Drawbridge {version('drawbridge')} · escape closes"
            yield LinePanel("help-lines")

    def on_mount(self) -> None:
        """Fills the list."""
        panel = self.query_one(LinePanel)
        panel.show(self._lines())
        panel.focus()

    def action_close(self) -> None:
        """Closes, once: keys that were queued before must not close what is beneath."""
        if self.app.screen is self:
            self.dismiss()

    def _lines(self) -> tuple[Line, ...]:
        lines = [line(left(key, 10, Tone.STRONG), words) for key, words in self._moving]
        for command in (c for c in self._commands if self._drives or c.looks):
            tone = Tone.PLAIN if command.applies(self._window) else Tone.DIM
            key = command.key or "palette"
            lines.append(
                line(left(key, 10, Tone.STRONG), left(command.title, 24, tone), Span(command.help, Tone.DIM))
            )
        return tuple(lines)
