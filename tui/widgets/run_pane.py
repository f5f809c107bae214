"""The run pane: one tab for each run of the window, over the log that the run writes."""

from itertools import takewhile
from pathlib import Path
from typing import ClassVar, Self

from msgspec import Struct
from rich.cells import cell_len, set_cell_size
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.events import Resize
from textual.geometry import Region
from textual.widgets import Input

from state.text import printable
from tui.log_file import LogFile
from tui.widgets.log_view import LogView, Place
from tui.widgets.tab_strip import TabStrip

NO_RUNS = "No run yet: the output of a step's command will stand here."
#: Cells of the top border that Textual keeps for corners and padding around a title.
CORNERS = 6


class RunTab(Struct, frozen=True):
    """One run as the pane shows it.

    `id` is the run's sequence number, `title` its command (`make db-migrate`), `state` one word that
    the title shows unless it is `running`, `elapsed` a printed duration, `log` the file it writes,
    `secrets` values that are never shown of it.
    """

    id: int
    title: str
    state: str
    glyph: str
    elapsed: str
    log: Path
    secrets: tuple[str, ...] = ()


class RunPane(Vertical):
    """Tabs, log and search line in one frame; `show` gives it the runs, the rest is the operator's."""

    DEFAULT_CSS = """
    RunPane { border: solid $foreground 40%; min-height: 4; }
    RunPane:focus-within { border: solid $accent; }
    RunPane TabStrip { display: none; }
    RunPane.-several TabStrip { display: block; }
    RunPane SearchLine { display: none; height: 1; border: none; padding: 0; background: $surface; }
    RunPane SearchLine:focus { border: none; }
    RunPane.-searching SearchLine { display: block; }
    RunPane.-searching TabStrip { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,left_square_bracket", "turn(-1)", "Earlier run", show=False),
        Binding("right,right_square_bracket", "turn(1)", "Later run", show=False),
        Binding("slash", "search", "Search", show=False),
        Binding("escape", "end_search", "Close search", show=False),
    ]

    #: The log has the focus, and the pane is what is zoomed.
    ALLOW_MAXIMIZE = True

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._tabs: tuple[RunTab, ...] = ()
        self._selected: int | None = None
        self._places: dict[int, Place] = {}
        self._strip = TabStrip()
        self._view = LogView(placeholder=NO_RUNS)
        self._input = SearchLine(placeholder="search: enter finds, escape closes")
        self._heading = ""

    def compose(self) -> ComposeResult:
        yield self._strip
        yield self._view
        yield self._input

    @property
    def selected(self) -> int | None:
        """The id of the run that is shown; None while there are no runs."""
        return self._selected

    @property
    def view(self) -> LogView:
        """The log of the selected run: it takes the focus for the pane."""
        return self._view

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focuses the log."""
        self._view.focus(scroll_visible)
        return self

    def show(self, tabs: tuple[RunTab, ...], selected: int | None = None) -> None:
        """Shows these runs, oldest first, and turns to `selected` if given.

        Cheap when nothing changed. Where the operator stands in a log stays; a run that is new is
        turned to only while the operator was following the newest one.
        """
        if tabs == self._tabs and selected in (None, self._selected):
            return
        followed = not self._tabs or self._follows_newest()
        started = {tab.id for tab in tabs} - {tab.id for tab in self._tabs}
        self._tabs = tabs
        for tab in tabs:
            if tab.id not in self._places or self._places[tab.id].log.path != tab.log:
                self._places[tab.id] = Place(LogFile(tab.log, tab.secrets))
            # The token may become known when its run is shown already.
            self._places[tab.id].log.hide(tab.secrets)
        self._places = {tab.id: self._places[tab.id] for tab in tabs}
        if selected in self._places:
            self._selected = selected
        elif tabs and ((followed and tabs[-1].id in started) or self._selected not in self._places):
            self._selected = tabs[-1].id
        elif not tabs:
            self._selected = None
        self._show_selected()

    def action_turn(self, direction: int) -> None:
        """Turns to the next run (1) or the one before (-1)."""
        ids = [tab.id for tab in self._tabs]
        if self._selected in ids:
            position = ids.index(self._selected) + direction
            self._selected = ids[max(0, min(position, len(ids) - 1))]
            self._show_selected()

    def action_search(self) -> None:
        """Opens the search line."""
        if self._tabs:
            self.add_class("-searching")
            # At once: `focus` waits for a moment, and what is typed meanwhile would be commands.
            self.screen.set_focus(self._input)

    def action_end_search(self) -> None:
        """Closes the search line and goes back to the log."""
        if self.has_class("-searching"):
            self.screen.set_focus(self._view)
            self.remove_class("-searching")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leaves `escape` to the window unless a search line is open."""
        return action != "end_search" or self.has_class("-searching")

    @on(Input.Submitted)
    def _search_for(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_end_search()
        self._view.search(event.value)

    @on(LogView.Changed)
    @on(Resize)
    def _draw_heading(self) -> None:
        """Redraws the top border where its words changed, and nothing else of the pane."""
        tab = self._current()
        left = "Runs"
        if tab is not None:
            size = size_text(self._places[tab.id].log.size)
            state = "" if tab.state == "running" else f" · {tab.state}"
            left = f"{tab.title} · run {tab.id}{state} · {tab.elapsed} · {size}"
        heading = spread(printable(left), printable(self._view.status), self.outer_size.width - CORNERS)
        if heading != self._heading:
            first, last = changed_cells(self._heading, heading)
            self._heading = heading
            # The public attribute repaints the whole pane, and this changes every second.
            self._border_title = Content(heading)
            # Regions count from the content, which begins one cell after the corner.
            self.refresh(Region(CORNERS // 2 - 1 + first, -1, last - first, 1))

    def _follows_newest(self) -> bool:
        newest = self._tabs[-1].id
        return self._selected == newest and self._places[newest].following

    def _current(self) -> RunTab | None:
        return next((tab for tab in self._tabs if tab.id == self._selected), None)

    def _show_selected(self) -> None:
        tab = self._current()
        self.set_class(len(self._tabs) > 1, "-several")
        at = 0 if tab is None else self._tabs.index(tab)
        self._strip.show([tab_label(each) for each in self._tabs], at)
        place = None if tab is None else self._places[tab.id]
        if place is not self._view.place:
            self.border_subtitle = Content("" if tab is None else printable(str(tab.log)))
        self._view.show(place)
        self._draw_heading()


class SearchLine(Input):
    """What to look for in the log; keyboard only, and nothing blinks."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder=placeholder)
        self.cursor_blink = False


def tab_label(tab: RunTab) -> str:
    """The tab of a run: `3 db-migrate ▶ 0:12`."""
    return printable(f"{tab.id} {tab.title.removeprefix('make ')} {tab.glyph} {tab.elapsed}")


def spread(left: str, right: str, width: int) -> str:
    """Two texts at the ends of a border of `width` cells; the left one gives way."""
    room = width - cell_len(right) - 3
    if not right or room < 8:
        right, room = "", width
    if cell_len(left) > room:
        left = set_cell_size(left, max(0, room - 1)).rstrip() + "…"
    if not right:
        return left
    return f"{left} {'─' * (width - cell_len(left) - cell_len(right) - 2)} {right}"


def changed_cells(old: str, new: str) -> tuple[int, int]:
    """The first cell in which two texts differ, and the cell after the last one."""
    first = _alike(old, new)
    width = max(cell_len(old), cell_len(new))
    if cell_len(old) == cell_len(new):
        same = _alike(old[first:][::-1], new[first:][::-1])
        width -= cell_len(new[len(new) - same :])
    return cell_len(new[:first]), width


def _alike(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def size_text(size: int) -> str:
    """Bytes for people: `512 B`, `4.1 KB`, `214 MB`."""
    if size < 1000:
        return f"{size} B"
    amount = float(size)
    for unit in ("KB", "MB", "GB"):
        amount /= 1000
        if amount < 999.5 or unit == "GB":
            break
    return f"{amount:.1f} {unit}" if amount < 99.95 else f"{amount:.0f} {unit}"
