"""The window onto a run's log: draws the visible lines only, and follows the end until somebody scrolls."""

import threading
from contextvars import copy_context
from typing import ClassVar

from msgspec import Struct
from rich.segment import Segment
from textual import on
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tui.log_file import LogFile
from tui.log_reader import LogReader

#: Bytes that may be waiting for the index before the pane says that it is still reading, and reads on at
#: the end meanwhile.
BEHIND = 16 * 1024 * 1024


class Place(Struct, eq=False):
    """Where the operator stands in one log; kept by the pane while another log is shown."""

    log: LogFile
    top: int = 0
    following: bool = True
    pattern: str = ""
    hit: int | None = None


def _is_far_behind(log: LogFile) -> bool:
    return log.size - log.scanned > BEHIND


class LogView(Widget, can_focus=True):
    """Shows the log of a `Place`; the line API over the file itself, without the lines in memory."""

    DEFAULT_CSS = """
    LogView { height: 1fr; }
    LogView > .log-view--hit { text-style: reverse; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"log-view--hit"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_lines(-1)", "Up", show=False),
        Binding("down,j", "scroll_lines(1)", "Down", show=False),
        Binding("pageup", "scroll_pages(-1)", "Page up", show=False),
        Binding("pagedown,space", "scroll_pages(1)", "Page down", show=False),
        Binding("home", "scroll_home", "First line", show=False),
        Binding("end,f", "follow", "Follow", show=False),
        Binding("n", "next_hit(1)", "Next hit", show=False),
        Binding("N,shift+n", "next_hit(-1)", "Previous hit", show=False),
    ]

    class Changed(Message):
        """The log grew, or the operator moved in it: `status` and the log's size may be new."""

    class _Grown(Message):
        """The reading thread saw a change."""

    class _Searched(Message):
        def __init__(self, place: Place, pattern: str, line: int | None) -> None:
            super().__init__()
            self.place, self.pattern, self.line = place, pattern, line

    def __init__(self, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(id=id)
        self.placeholder = placeholder
        self.place: Place | None = None
        self._rows: list[tuple[str, bool]] = []
        self._note = ""
        self._search = 0
        self._reader = LogReader(lambda: self._post(self._Grown()))

    @property
    def status(self) -> str:
        """Where the view stands, in words: for the frame around it."""
        place = self.place
        if place is None:
            return ""
        if self._note:
            return self._note
        if _is_far_behind(place.log):
            return f"reading {100 * place.log.scanned // place.log.size} %"
        if place.following:
            return "following"
        return f"line {place.top + 1} of {place.log.line_count} · scrolled · end follows"

    @property
    def words(self) -> tuple[str, ...]:
        """The lines in sight, whole."""
        return tuple(text for text, _ in self._rows if text.strip())

    def show(self, place: Place | None) -> None:
        """Turns to another log, where its reader left it; None shows the placeholder."""
        if place is self.place:
            return
        self.place = place
        self._note = ""
        self._search += 1
        self._reader.watch(None if place is None else place.log)
        self._draw()

    def search(self, pattern: str) -> None:
        """Goes to the next line with `pattern`, from the first visible line on."""
        place = self.place
        if place is None or not pattern:
            return
        place.pattern = pattern
        place.hit = None
        self._begin_search(place, self._top(place), forwards=True)

    def on_mount(self) -> None:
        self._reader.start()

    def on_unmount(self) -> None:
        self._reader.stop()
        self._search += 1

    @on(Resize)
    def _resized(self) -> None:
        self._rows = []
        self._draw()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        text, is_hit = self._rows[y] if y < len(self._rows) else ("", False)
        # Both are cached by Textual; get_visual_style would lose the reverse of a component.
        hit = "log-view--hit"
        style = self.get_component_rich_style(hit) if is_hit else self.get_visual_style().rich_style
        width = self.size.width
        strip = Strip([Segment(text, style)])
        if strip.cell_length > width > 1:
            return Strip(
                [*strip.crop(0, width - 1).adjust_cell_length(width - 1, style), Segment("…", style)]
            )
        return strip.adjust_cell_length(width, style)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leaves `n` to the window while nothing was searched here."""
        return action != "next_hit" or (self.place is not None and bool(self.place.pattern))

    def action_scroll_lines(self, lines: int) -> None:
        self._scroll(lines)

    def action_scroll_pages(self, pages: int) -> None:
        self._scroll(pages * max(1, self.size.height - 1))

    def action_scroll_home(self) -> None:
        if self.place is not None:
            # Not by so many lines up: their number grows while somebody reads it.
            self._turn_to(self.place, 0)

    def action_follow(self) -> None:
        if self.place is not None:
            self.place.following = True
            self._note = ""
            self._draw()

    def action_next_hit(self, direction: int) -> None:
        place = self.place
        if place is None:
            return
        start = self._top(place) if place.hit is None else place.hit + direction
        self._begin_search(place, start, forwards=direction > 0)

    def _top(self, place: Place) -> int:
        """The first visible line: of a log that is followed, so that its end is at the bottom."""
        last = max(0, place.log.line_count - max(1, self.size.height))
        return last if place.following else min(place.top, last)

    def _scroll(self, lines: int) -> None:
        place = self.place
        if place is None:
            return
        if place.following and _is_far_behind(place.log):
            return  # nobody knows yet which line is the one above the end
        self._turn_to(place, self._top(place) + lines, down=lines > 0)

    def _turn_to(self, place: Place, top: int, down: bool = False) -> None:
        last = max(0, place.log.line_count - max(1, self.size.height))
        place.top = min(max(0, top), last)
        place.following = place.top == last and (down or last == 0)
        self._note = ""
        self._draw()

    def _draw(self) -> None:
        """Reads what is visible and repaints the rows that changed."""
        place, height = self.place, self.size.height
        if place is None:
            rows = [(self.placeholder, False)]
        elif place.log.line_count == 0 and not _is_far_behind(place.log):
            rows = [("no output yet", False)]
        elif place.following and _is_far_behind(place.log):
            # The end is there at once, however long it takes to know the number of its lines.
            rows = [(line, False) for line in place.log.tail(height)]
        else:
            top = self._top(place)
            if place.log.scanned >= place.log.size:
                # Of a log that is still being read the line may come yet.
                place.top = top
            lines = place.log.lines(top, height)
            rows = [(line, top + y == place.hit) for y, line in enumerate(lines)]
        rows_before, width = self._rows, self.size.width
        last = max(len(rows), len(rows_before))
        changed = [y for y in range(last) if rows[y : y + 1] != rows_before[y : y + 1]]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))
        self._rows = rows
        self.post_message(self.Changed())

    @on(_Grown)
    def _grown(self) -> None:
        self._reader.heard()
        place = self.place
        if place is not None and place.hit is not None and place.log.scanned >= place.log.size:
            place.hit = place.hit if place.hit < place.log.line_count else None
        self._draw()

    def _post(self, message: Message) -> bool:
        """Posts from a thread; False when the console is ending."""
        try:
            return self.post_message(message)
        except RuntimeError:
            return False

    def _begin_search(self, place: Place, start: int, forwards: bool) -> None:
        self._search += 1
        self._note = f"searching “{place.pattern}”"
        self.post_message(self.Changed())
        arguments = (self._find, place, place.pattern, start, forwards, self._search)
        threading.Thread(target=copy_context().run, args=arguments, name="log-search", daemon=True).start()

    def _find(self, place: Place, pattern: str, start: int, forwards: bool, search: int) -> None:
        """The searching thread: from `start`, and once round the end of the log.

        As it was typed first, which is as fast as grep; in either case where nothing stands so.
        """

        def given_up() -> bool:
            return search != self._search

        round_the_end = 0 if forwards else place.log.line_count - 1
        ways = [(begin, either) for either in (False, True) for begin in (start, round_the_end)]
        found = (place.log.search(pattern, begin, forwards, given_up, either) for begin, either in ways)
        line = next((line for line in found if line is not None or given_up()), None)
        if not given_up():
            self._post(self._Searched(place, pattern, line))

    @on(_Searched)
    def _searched(self, message: _Searched) -> None:
        place = message.place
        if place is not self.place or message.pattern != place.pattern:
            return
        if message.line is None:
            self._note = f"no “{message.pattern}”"
            self.post_message(self.Changed())
            return
        top, height = self._top(place), max(1, self.size.height)
        place.hit = message.line
        if not top <= message.line < top + height:
            top = max(0, message.line - height // 3)
        place.top, place.following = top, False
        self._note = f"“{message.pattern}” on line {message.line + 1} · n N · end follows"
        self._draw()
