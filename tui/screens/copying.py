"""Copies a line: one of the panel that had the focus, or a value that is needed in another terminal."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen

from state.console.session import Session
from tui.present.line import Line, Span, Tone, clip, left, line
from tui.widgets.line_panel import CursorPanel


def values(session: Session) -> tuple[tuple[str, str], ...]:
    """What is asked for most in another terminal, by name: ids, paths, digests, the last command."""
    window = session.window
    found = [("window", window.id), ("directory", str(session.directory))]
    if window.runs:
        run = window.runs[max(window.runs)]
        found += [("last command", run.title), ("its log", str(session.run_directory(run.id) / "log"))]
    if window.backup is not None:
        found += [("backup", window.backup.path), ("its SHA-256", window.backup.sha256)]
    return tuple(found)


class CopyScreen(ModalScreen[None]):
    """A list; enter copies what is under the cursor."""

    BINDINGS: ClassVar = [("escape,q", "close", "Close"), ("enter,y", "copy", "Copy")]

    def __init__(
        self, named: Sequence[tuple[str, str]], lines: Sequence[str], copy: Callable[[str], None]
    ) -> None:
        """`named` are values with their names, `lines` those of a panel; `copy` gets what is chosen."""
        super().__init__()
        self._named = [("", text) for text in lines] + list(named)
        self._copy = copy

    def compose(self) -> ComposeResult:
        """One framed list."""
        with Vertical(id="dialog") as frame:
            frame.border_title = "Copy a line"
            frame.border_subtitle = "enter copies · escape closes"
            yield CursorPanel("copy-lines")

    def on_mount(self) -> None:
        """Fills the list, as wide as there is room."""
        panel = self.query_one(CursorPanel)
        width = min(self.app.size.width, 76) - 4
        panel.show_rows(
            tuple(_row(name, text, width) for name, text in self._named), tuple(range(len(self._named)))
        )
        panel.focus()

    def action_copy(self) -> None:
        """Copies, and closes."""
        if self.app.screen is self:
            _, text = self._named[self.query_one(CursorPanel).row]
            self.dismiss()
            self._copy(text)

    def action_close(self) -> None:
        """Closes, once: keys that were queued before must not close what is beneath."""
        if self.app.screen is self:
            self.dismiss()


def _row(name: str, text: str, cells: int) -> Line:
    if not name:
        return clip(line(text), cells)
    return clip(line(left(name, 13, Tone.DIM), Span(text)), cells)
