"""The timeline: every event of a window, filtered by kind, and the window as it was after each."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.screen import Screen

from state.journal.events import JournalError
from state.report.chronicle import Chronicle
from state.report.telling import Kind, is_turning, kind_of
from tui.commands import TIMELINE, Command, bindings
from tui.palette import ScreenCommands
from tui.present import foot, timeline, triggers
from tui.present.line import Line, Tone, wrapped
from tui.present.sizes import LEAST, is_tiny
from tui.screens.help import HelpScreen
from tui.screens.report import ReportScreen
from tui.widgets.line_panel import LinePanel, Moved
from tui.widgets.long_list import LongList, Rows

#: Columns from which on the chosen event stands beside the others.
_BESIDE = 110
#: Seconds between two looks at the journal.
_EVERY = 0.5
_KINDS: tuple[Kind | None, ...] = (None, *Kind)
_MOVING = (
    ("↑ ↓ j k", "event"),
    ("pgup pgdn", "a page of events"),
    ("home end", "first, last"),
    ("0 … 7", "all, or one kind"),
    ("ctrl+p", "palette"),
)


class TimelineScreen(Screen[None]):
    """A look back that decides nothing. At the newest event it goes on with what comes."""

    COMMANDS: ClassVar = {ScreenCommands}
    BINDINGS: ClassVar = [
        *bindings(TIMELINE),
        ("escape,t", "back", "Back"),
        *((str(number), f"kind({number})", "Kind") for number in range(len(_KINDS))),
    ]

    def __init__(self, directory: Path, clock: Callable[[], float]) -> None:
        """Reads the journal of a window's directory; raises JournalError."""
        super().__init__()
        self._chronicle = Chronicle(directory)
        self._directory = directory
        self._clock = clock
        self._kind: Kind | None = None
        #: Indices of the events that are shown, and of how many that was chosen.
        self._shown: list[int] = []
        self._seen = 0
        #: The lines that were made of them, at a width of `_cells`.
        self._made: dict[int, Line] = {}
        self._cells = 0
        self._problem = ""
        self._complete = False

    def compose(self) -> ComposeResult:
        """Events, the chosen one, the window as of it."""
        yield LinePanel("too-small", focusable=False)
        yield LinePanel("header", focusable=False)
        yield LinePanel("banner", focusable=False)
        yield LinePanel("kinds", focusable=False)
        with Container(id="timeline"):
            yield LongList("events", "Timeline")
            with Vertical(id="chosen"):
                yield LinePanel("event", "Event")
                yield LinePanel("as-of", "The window then")
        yield LinePanel("problem", focusable=False)
        yield LinePanel("foot", focusable=False)

    def on_mount(self) -> None:
        """Starts at the newest event."""
        self._complete = True
        self.add_class("-side-event")
        self._arrange(self.app.size.width, self.app.size.height)
        self._panel.focus()
        self.call_after_refresh(self._begin)
        self.set_interval(_EVERY, self._follow)

    def _begin(self) -> None:
        self.look()
        self._panel.select(len(self._shown) - 1)

    def on_unmount(self) -> None:
        """Lets go of the journal."""
        self._complete = False
        self._chronicle.close()

    @property
    def _panel(self) -> LongList:
        return self.query_one(LongList)

    @on(events.Resize)
    def _resized(self, event: events.Resize) -> None:
        self._arrange(event.size.width, event.size.height)
        self.call_after_refresh(self.look)

    def _arrange(self, width: int, height: int) -> None:
        tiny = is_tiny(width, height)
        self.set_class(tiny, "-tiny")
        self.set_class(not tiny and width >= _BESIDE, "-wide")
        self.set_class(not tiny and width < _BESIDE, "-narrow")

    def _follow(self) -> None:
        """Takes in what has come; a cursor on the newest event stays on the newest."""
        at_end = self._panel.row >= len(self._shown) - 1
        try:
            changed = self._chronicle.refresh()
            problem = ""
        except JournalError as error:
            changed, problem = False, str(error)
        if changed or problem != self._problem:
            self._problem = problem
            self.look()
            if at_end:
                self._panel.select(len(self._shown) - 1)

    def look(self) -> None:
        """Draws what is different."""
        if not self._complete or not self.is_attached:
            return
        records, window, cells = self._chronicle.records, self._chronicle.window, self.app.size.width
        self._show("too-small", foot.too_small(window, LEAST))
        alarms = triggers.banner(window, cells, decides=False)
        self._show("banner", alarms)
        self.query_one("#banner").display = bool(alarms)
        counts = Counter(map(kind_of, records))
        self._show("kinds", (timeline.kinds(counts, self._kind, cells),))
        said = self._chronicle.problem or self._problem
        self._show("problem", wrapped(said, cells - 2, Tone.ALARM))
        self.query_one("#problem").display = bool(said)
        self._show("foot", (foot.only_keys(TIMELINE, cells),))
        self._list()
        self._choose()

    def _list(self) -> None:
        """Takes in the events that have come; their lines are made anew where the width is another one."""
        width = self._panel.scrollable_content_region.width or self.app.size.width - 4
        records, window = self._chronicle.records, self._chronicle.window
        if width == self._cells and self._seen == len(records):
            return
        if width != self._cells:
            self._cells, self._made = width, {}
        fresh = range(self._seen, len(records))
        self._shown += [at for at in fresh if self._kind in (None, kind_of(records[at]))]
        self._seen = len(records)

        shown, count = self._shown, len(self._shown)

        def make(row: int) -> Line:
            return timeline.row(records[shown[row]], window, width)

        self._panel.show_rows(Rows(make, count, self._made), range(count))

    @on(Moved)
    def _choose(self) -> None:
        """Shows the event under the cursor, and the window as it was after it."""
        chronicle, cells = self._chronicle, self.app.size.width
        events_ = len(chronicle.records)
        if not self._shown:
            self._show("header", (timeline.head(chronicle.window, 0, events_, cells),))
            self._show("event", ())
            self._show("as-of", ())
            return
        index = self._shown[min(self._panel.row, len(self._shown) - 1)]
        recorded = chronicle.records[index]
        self._show("header", (timeline.head(chronicle.window, recorded.seq, events_, cells),))
        self._show("event", timeline.event(recorded, chronicle.window, self._width("event")))
        self._titled("event", f"Event {recorded.seq} · {recorded.event.kind()}")
        then = timeline.as_of(chronicle.after(index), recorded.at, self._width("as-of"))
        self._show("as-of", then)
        self._titled("as-of", f"The window after event {recorded.seq}")

    def _titled(self, name: str, title: str) -> None:
        panel = self.query_one(f"#{name}", LinePanel)
        panel.set_titles(title)
        panel.scroll_home(animate=False)

    def _show(self, name: str, lines: tuple[Line, ...]) -> None:
        self.query_one(f"#{name}", LinePanel).show(lines)

    def _width(self, name: str) -> int:
        return self.query_one(f"#{name}", LinePanel).scrollable_content_region.width or 44

    # Commands

    def offered(self) -> tuple[Command, ...]:
        """All of them, always."""
        return TIMELINE

    def action_kind(self, number: int) -> None:
        """Shows one kind of events, or (0) all; the chosen event stays chosen, or the one before it."""
        chosen = self._shown[self._panel.row] if self._shown else 0
        self._kind, self._shown, self._seen, self._cells = _KINDS[number], [], 0, 0
        self.look()
        self._panel.select(max(0, bisect_right(self._shown, chosen) - 1))
        self._choose()

    def action_next_kind(self) -> None:
        """The next kind."""
        self.action_kind((_KINDS.index(self._kind) + 1) % len(_KINDS))

    def action_side(self) -> None:
        """Turns between the chosen event and the window as it was; where both are in sight, the focus."""
        wide = self.has_class("-wide")
        self.toggle_class("-side-event", "-side-as-of")
        if wide:
            self.focus_next()
        else:
            self.call_after_refresh(self._choose)

    def action_turning(self) -> None:
        """The next turning point."""
        self._turn(range(self._panel.row + 1, len(self._shown)))

    def action_turning_back(self) -> None:
        """The turning point before."""
        self._turn(range(self._panel.row - 1, -1, -1))

    def _turn(self, rows: range) -> None:
        records = self._chronicle.records
        found = next((row for row in rows if is_turning(records[self._shown[row]])), None)
        if found is not None:
            self._panel.select(found)

    def action_report(self) -> None:
        """The evidence, as of now."""
        self.app.push_screen(ReportScreen(self._directory, self._clock))

    def action_help(self) -> None:
        """The keys."""
        self.app.push_screen(HelpScreen(TIMELINE, self._chronicle.window, False, _MOVING, ()))

    def action_back(self) -> None:
        """Back, once: keys that were queued before must not close what is beneath."""
        if self.app.screen is self:
            self.dismiss()
