"""A framed panel of prepared lines that repaints only the lines that changed."""

from collections.abc import Sequence

from rich.segment import Segment
from rich.style import Style
from textual import on
from textual.events import Key, Resize
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.present.line import Line, Tone, text
from tui.themes import styles

_CURSOR = Style(reverse=True)
#: By how many rows each of these keys moves a cursor; one that is at an end stays there.
_MOVES = {"up": -1, "k": -1, "down": 1, "j": 1, "home": -1_000_000_000, "end": 1_000_000_000}


class LinePanel(ScrollView, can_focus=True):
    """Shows lines; scrolls where there are more than fit. Text is never read as markup."""

    DEFAULT_CSS = """
    LinePanel { height: auto; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; overflow-x: hidden; }
    """

    def __init__(self, id: str, title: str = "", focusable: bool = True, whole: str = "") -> None:
        """`title` stands in the frame where the stylesheet draws one.

        `whole` are the keys that give the panel more room: the frame names them while lines are out of sight.
        """
        super().__init__(id=id)
        self._whole = whole
        self._right = ""
        self.can_focus = focusable
        self._lines: Sequence[Line] = ()
        self._cursor: int | None = None
        self._strips: dict[tuple[Line, bool, int], Strip] = {}
        self.set_titles(title)

    @property
    def words(self) -> tuple[str, ...]:
        """The lines without their tones; those that say nothing left out."""
        return tuple(said for said in (text(line).strip() for line in self._lines) if said)

    def set_titles(self, left: str, right: str = "") -> None:
        """Both titles of the frame, the right one in its lower border; nothing happens when equal."""
        # Border titles are markup to Textual: a bracket from outside must not be one.
        left, self._right = left.replace("[", "\\["), right.replace("[", "\\[")
        if (self.border_title or "") != left:
            self.border_title = left
        self._say_what_is_below()

    def _say_what_is_below(self) -> None:
        """How many lines are out of sight stands in the lower border, before what stands there anyway."""
        if not self._whole or not (height := self.scrollable_content_region.height):
            below = 0
        else:
            # Empty lines at the end only fill the panel up.
            last = max((y for y, line in enumerate(self._lines, 1) if line), default=0)
            below = last - int(self.scroll_offset.y) - height
        more = f"+{below} more" if below > 0 else ""
        # Zoomed, those keys would give the room back.
        if more and self.screen.maximized is None:
            more += f": {self._whole}"
        said = " · ".join(filter(None, (more, self._right)))
        if (self.border_subtitle or "") != said:
            self.border_subtitle = said

    @on(Resize)
    def _another_height(self) -> None:
        self._say_what_is_below()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolled: other lines are out of sight."""
        super().watch_scroll_y(old_value, new_value)
        self._say_what_is_below()

    def show(self, lines: Sequence[Line], cursor: int | None = None) -> None:
        """Shows these lines, `cursor` being the line drawn reversed; repaints only what differs.

        Of the very sequence that it shows already it looks at no line: there may be many.
        """
        old, was = self._lines, self._cursor
        self._lines, self._cursor = lines, cursor
        if len(old) != len(lines):
            self.virtual_size = Size(self.size.width, len(lines))
            self.refresh(layout=True)
            self.call_after_refresh(self._say_what_is_below)
            return
        if self._whole:
            self._say_what_is_below()
        changed = {y for y in (was, cursor) if y is not None and was != cursor}
        if lines is not old:
            changed |= {y for y, pair in enumerate(zip(old, lines, strict=True)) if pair[0] != pair[1]}
        for y in changed:
            self.refresh_line(y)
        if cursor is not None and cursor != was:
            self._bring_into_sight(cursor)

    def _bring_into_sight(self, y: int) -> None:
        height = self.scrollable_content_region.height
        if height <= 0:
            return
        top = int(self.scroll_offset.y)
        if y < top:
            self.scroll_to(y=y, animate=False, force=True)
        elif y >= top + height:
            self.scroll_to(y=y - height + 1, animate=False, force=True)

    def keep_in_sight(self) -> None:
        """Scrolls to the cursor where a change of size has left it outside."""
        if self._cursor is not None:
            self._bring_into_sight(self._cursor)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there are lines, where the stylesheet says `height: auto`."""
        return max(1, len(self._lines))

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        width = self.scrollable_content_region.width
        y += int(self.scroll_offset.y)
        if y >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        line, under_cursor = self._lines[y], y == self._cursor
        key = (line, under_cursor, width)
        strip = self._strips.get(key)
        if strip is None:
            if len(self._strips) > 500:
                self._strips.clear()
            strip = self._strips[key] = self._draw(line, under_cursor, width)
        return strip

    def _draw(self, line: Line, under_cursor: bool, width: int) -> Strip:
        base = self.rich_style
        tones = styles(self.app.theme)
        # Under the cursor all stands in one rendition: what is dim or coloured cannot be read reversed.
        segments = [
            Segment(span.text, base + tones[Tone.PLAIN if under_cursor else span.tone]) for span in line
        ]
        strip = Strip(segments).adjust_cell_length(width, base)
        return strip.apply_style(_CURSOR) if under_cursor else strip

    def notify_style_update(self) -> None:
        """Colours changed: nothing drawn before counts."""
        self._strips.clear()
        super().notify_style_update()


class Moved(Message):
    """The operator moved the cursor of a panel; `row` counts selectable rows."""

    def __init__(self, row: int) -> None:
        """`row` from 0."""
        self.row = row
        super().__init__()


class CursorPanel(LinePanel):
    """A panel in which one of the selectable lines is under the cursor."""

    def __init__(self, id: str, title: str = "") -> None:
        """Rows become selectable with `show_rows`."""
        super().__init__(id, title)
        self.row = 0
        self._at: Sequence[int] = ()

    def show_rows(self, lines: Sequence[Line], at: Sequence[int]) -> None:
        """Shows lines of which those with the numbers `at` are selectable rows."""
        self._at = at
        self.row = min(self.row, max(0, len(at) - 1))
        self.show(lines, at[self.row] if at else None)

    @on(Resize)
    def _keep_in_sight(self) -> None:
        self.call_after_refresh(self.keep_in_sight)

    def select(self, row: int) -> None:
        """Puts the cursor on a row; rows that are not there are clamped."""
        row = max(0, min(row, len(self._at) - 1))
        if self._at and row != self.row:
            self.row = row
            self.show(self._lines, self._at[row])
            # The cursor goes to the terminal first, two lines of one panel; what follows from it waits.
            self.call_after_refresh(self.post_message, Moved(row))

    def on_key(self, event: Key) -> None:
        """Takes the keys that move the cursor: as a binding they would climb up to the app and back first."""
        by = _MOVES.get(event.key)
        if by is not None:
            event.stop()
            self.select(self.row + by)
