"""The help page, made from the one list of commands and from the words of the header."""

from importlib.metadata import version
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize
from textual.screen import ModalScreen

from state.window import Window
from tui.commands import Command
from tui.present.header import WORDS
from tui.present.line import Line, Span, Tone, left, line, width, wrapped
from tui.widgets.line_panel import LinePanel

#: Cells of a key and of the title of what it does.
_KEY, _TITLE = 10, 24
#: Keys that move, and what: those of the window screen.
MOVING = (
    ("↑ ↓ j k", "step"),
    ("1 … 5", "panel"),
    ("2 z", "that panel on the whole screen: a frame with “+3 more: 2 z” has more to show"),
    ("escape", "back to the checklist"),
    ("/", "search in the output as typed, else in either case"),
    ("ctrl+p", "palette"),
    ("ctrl+l", "draw anew"),
)


class HelpScreen(ModalScreen[None]):
    """Every key, what it does, and whether it applies now; and what the words of the header mean."""

    BINDINGS: ClassVar = [("escape,q,question_mark,enter", "close", "Close")]

    def __init__(
        self,
        commands: tuple[Command, ...],
        window: Window,
        drives: bool,
        moving: tuple[tuple[str, str], ...] = MOVING,
        header: tuple[tuple[str, str], ...] = WORDS,
    ) -> None:
        """What does not apply to the window is drawn dim; a console that looks has no deciding keys.

        `moving` are the keys that move on the screen that asks, `header` the words above it.
        """
        super().__init__()
        self._commands = commands
        self._window = window
        self._drives = drives
        self._moving = moving
        self._header = header

    def compose(self) -> ComposeResult:
        """One framed list."""
        with Vertical(id="dialog") as frame:
            frame.border_title = "Help"
            frame.border_subtitle = f"Drawbridge {version('drawbridge')} · ↑ ↓ scroll · escape closes"
            yield LinePanel("help-lines")

    def on_mount(self) -> None:
        """Fills the list."""
        panel = self.query_one(LinePanel)
        panel.focus()
        self._fill()

    def action_close(self) -> None:
        """Closes, once: keys that were queued before must not close what is beneath."""
        if self.app.screen is self:
            self.dismiss()

    @on(Resize)
    def _fill(self) -> None:
        panel = self.query_one(LinePanel)
        self.call_after_refresh(lambda: panel.show(self._lines(panel.scrollable_content_region.width)))

    def _lines(self, cells: int) -> tuple[Line, ...]:
        lines: list[Line] = []
        for key, words in self._moving:
            lines += _row(key, Span("", Tone.PLAIN), words, Tone.PLAIN, cells)
        for command in (c for c in self._commands if self._drives or c.looks):
            tone = Tone.PLAIN if command.applies(self._window) else Tone.DIM
            title = left(command.title, _TITLE, tone)
            lines += _row(command.key or "palette", title, command.help, Tone.DIM, cells)
        if self._header:
            lines += [(), line(Span("In the header, from left to right", Tone.STRONG))]
        for name, words in self._header:
            lines += _row("", left(name, _KEY + _TITLE), words, Tone.DIM, cells)
        return tuple(lines)


def _row(key: str, title: Span, words: str, tone: Tone, cells: int) -> list[Line]:
    """A key and what it does, wrapped beside it: nothing of a help page is cut off."""
    head = line(left(key, _KEY, Tone.STRONG) if key else "", title)
    first, *more = wrapped(words, max(10, cells - width(head)), tone)
    return [(*head, *first), *((Span(" " * width(head)), *each) for each in more)]
