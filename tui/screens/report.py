"""The report on the screen: what `drawbridge report` prints, as a page, and the way to a file."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.screen import Screen

from state.host.background import Background
from state.journal.events import JournalError
from state.report.blocks import Block
from state.report.writing import WritingError, write
from tui.commands import REPORT, Command, bindings
from tui.dialogs.dialog import Answer, Dialog, Field, Values
from tui.dialogs.steps import CELLS
from tui.palette import ScreenCommands
from tui.present import foot, report
from tui.present.header import environment_tone
from tui.present.line import Line, Span, Tone, line, wrapped
from tui.widgets.line_panel import LinePanel

if TYPE_CHECKING:
    from state.report.document import Evidence


class ReportScreen(Screen[None]):
    """Shows the evidence as it was when it was made; `r` makes it anew."""

    COMMANDS: ClassVar = {ScreenCommands}
    BINDINGS: ClassVar = [*bindings(REPORT), ("escape", "back", "Back")]

    def __init__(self, directory: Path, clock: Callable[[], float]) -> None:
        """`directory` is that of the window, `clock` gives seconds since the epoch."""
        super().__init__()
        self._directory = directory
        self._clock = clock
        self._background = Background()
        self._evidence: Evidence | None = None
        self._blocks: tuple[Block, ...] = ()
        #: The page that was made of them, and for how many cells.
        self._page: tuple[Line, ...] = ()
        self._cells = 0
        self._problem = ""

    def compose(self) -> ComposeResult:
        """Heading, text, what is wrong, keys."""
        yield LinePanel("header", focusable=False)
        yield LinePanel("problem", focusable=False)
        yield LinePanel("report", "Report")
        yield LinePanel("foot", focusable=False)

    def on_mount(self) -> None:
        """Has it made: of a large window that takes seconds, and the console goes on meanwhile."""
        self.query_one("#report").focus()
        self.set_interval(0.1, self._background.settle)
        self.action_again()

    @on(events.Resize)
    def _resized(self) -> None:
        self.call_after_refresh(self.look)

    def action_again(self) -> None:
        """Makes the report with what has happened since."""

        def make() -> tuple["Evidence", tuple[Block, ...]]:
            # What it is made with takes longer to load than the console's first screen may take.
            from state.report.evidence import gather
            from state.report.outline import outline

            evidence = gather(self._directory, self._clock())
            return evidence, tuple(outline(evidence))

        self._background.run("report", make, self._made)
        self.look()

    def _made(self, result: "tuple[Evidence, tuple[Block, ...]] | Exception") -> None:
        if isinstance(result, Exception):
            self._evidence, self._blocks = None, ()
            sentence = isinstance(result, JournalError)
            self._problem = str(result) if sentence else f"The report could not be made: {result}."
        else:
            self._evidence, self._blocks = result
            self._problem = " ".join(self._evidence.complaints)
        self._cells = 0
        self.look()

    def look(self) -> None:
        """Draws what is different."""
        if not self.is_attached or not self.query("#foot"):
            return
        panel, cells = self.query_one("#report", LinePanel), self.app.size.width
        self._show("header", (self._head(),))
        self._show("problem", wrapped(self._problem, cells - 2, Tone.ALARM))
        self.query_one("#problem").display = bool(self._problem)
        self._show("foot", (foot.only_keys(REPORT, cells),))
        width = panel.scrollable_content_region.width or cells - 4
        if width != self._cells:
            self._cells, self._page = width, report.page(self._blocks, width)
        making = self._background.is_busy("report")
        panel.show(self._page if self._page or not making else (line("The report is being made."),))

    def _head(self) -> Line:
        evidence = self._evidence
        if evidence is None:
            return line(Span(f" {self._directory.name} ", Tone.FRAME), Span(" report", Tone.STRONG))
        environment = evidence.window.environment
        name = Span(f" {environment.upper()} ", environment_tone(environment))
        made = evidence.made[11:19]
        return line(
            name, f" {evidence.versions.release} ", Span(" report", Tone.STRONG), f" as of {made} UTC"
        )

    def _show(self, name: str, lines: tuple[Line, ...]) -> None:
        self.query_one(f"#{name}", LinePanel).show(lines)

    def offered(self) -> tuple[Command, ...]:
        """All of them, always."""
        return REPORT

    def action_save(self) -> None:
        """Asks for the file."""
        evidence = self._evidence
        if evidence is None:
            self.notify("There is no report to save yet.", severity="warning", markup=False)
            return

        def submit(answer: str, values: Values) -> str | None:
            from state.report import forms

            name = values["file"].strip()
            if not name:
                return "Name a file."
            path = Path(name).expanduser()
            try:
                write(path, forms.render(evidence, forms.form_of(path)))
            except (WritingError, RuntimeError) as error:
                return str(error)
            self.notify(f"Saved as {path}, for your eyes only (mode 0600).", markup=False)
            return None

        body = wrapped("The ending names the form: .md for a ticket, .html with charts, .json.", CELLS)
        suggested = str(Path.cwd() / f"{self._directory.name}-report.html")
        field = Field("file", "File, on the host of this console", suggested)
        self.app.push_screen(Dialog("Save the report", body, submit, (Answer("save", "Save"),), (field,)))

    def action_back(self) -> None:
        """Back, once: keys that were queued before must not close what is beneath."""
        if self.app.screen is self:
            self.dismiss()
