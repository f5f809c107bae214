"""What the terminal shows, cell by cell: of what is drawn anew, only the cells that differ are sent.

Textual sends whatever was marked for drawing: a title that counts seconds sends its whole panel, and
under a dialog every change sends the whole screen. On a slow line that is what an operator waits for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter

from rich.cells import get_character_cell_size
from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual import screen as textual_screen
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

#: What stands in one cell, and how. The right half of a wide letter is empty.
Cell = tuple[str, Style | None]

#: Seconds between two paintings at least.
_PERIOD = 1 / 1000

#: So many cells that did not change are sent along rather than jumped over, which takes as many bytes.
_GAP = 4


def paint_without_delay() -> None:
    """What changes a moment after something else did is painted at once, not a 60th of a second later.

    A key that comes just behind a count of seconds would wait for that. Nothing is painted more often:
    what changes by itself changes a few times a second. The period is looked up by name in Textual's module.
    """
    vars(textual_screen)["UPDATE_PERIOD"] = _PERIOD


def paint_what_changed() -> None:
    """A change of two lines lays together those two lines, not the whole screen.

    Textual asks every widget for all its lines at each change, and drops those of the others then. The
    class is looked up by name in Textual's module.
    """
    vars(textual_screen)["Compositor"] = _Sparing


class _Sparing(Compositor):
    """Asks only the widgets that stand where something changed."""

    _touched: Region | None = None

    @property
    def visible_widgets(self) -> dict[Widget, tuple[Region, Region]]:
        """Where each one stands, and what of it is in sight."""
        every, touched = super().visible_widgets, self._touched
        if touched is None:
            return every
        return {widget: place for widget, place in every.items() if touched.overlaps(place[0])}

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        # Where lines are cut is kept until the next layout, and is a matter of all widgets.
        self._touched = crop if self.cuts else None
        try:
            return super()._render_chops(crop, is_rendered_line)
        finally:
            self._touched = None


class Shown:
    """What the terminal shows, as far as it is known."""

    def __init__(self) -> None:
        self._rows: dict[int, list[Cell | None]] = {}

    def forget(self) -> None:
        """The terminal may show anything: all that is drawn from now on is sent."""
        self._rows.clear()

    def less(self, update: CompositorUpdate) -> CompositorUpdate:
        """The same update, sending only what differs from what is shown by then."""
        known = isinstance(update, ChopsUpdate | LayoutUpdate)
        return _Difference(self, update) if known else update

    def take(self, y: int, x: int, strip: Strip) -> Iterator[tuple[int, list[Cell]]]:
        """Puts a strip on row `y` from column `x` on; answers the runs of cells that are new, by column."""
        row = self._rows.setdefault(y, [])
        cells = _cells(strip)
        end = x + len(cells)
        row.extend([None] * (end - len(row)))
        before = row[x:end]
        if before == cells:
            return
        row[x:end] = cells
        changed = [number for number, cell in enumerate(cells) if cell != before[number]]
        first = last = changed[0]
        for number in changed[1:]:
            if number - last > _GAP:
                yield _whole_letters(cells, x, first, last)
                first = number
            last = number
        yield _whole_letters(cells, x, first, last)


def _whole_letters(cells: list[Cell], x: int, first: int, last: int) -> tuple[int, list[Cell]]:
    while first > 0 and not cells[first][0]:
        first -= 1
    while last + 1 < len(cells) and not cells[last + 1][0]:
        last += 1
    return x + first, cells[first : last + 1]


def _cells(strip: Strip) -> list[Cell]:
    return [(letter, style) for text, style, _ in strip for letter in _letters(text)]


@lru_cache(maxsize=4096)
def _letters(text: str) -> tuple[str, ...]:
    """What stands in each cell; what has no width of its own stands with the letter before it."""
    letters: list[str] = []
    for letter in text:
        width = get_character_cell_size(letter)
        if width:
            letters += [letter, *[""] * (width - 1)]
        elif letters:
            place = next(n for n in range(len(letters) - 1, -1, -1) if letters[n])
            letters[place] += letter
    return tuple(letters)


class _Difference(CompositorUpdate):
    """An update that becomes the difference at the moment at which it is written."""

    def __init__(self, shown: Shown, update: CompositorUpdate) -> None:
        self._shown = shown
        self._update = update

    def render_segments(self, console: Console) -> str:
        """The sequences for the terminal."""
        sent: list[str] = []
        for y, x, strip in _parts(self._update):
            for column, cells in self._shown.take(y, x, strip):
                sent.append(Control.move_to(column, y).segment.text)
                sent.append(Strip(_segments(cells)).render(console))
        return "".join(sent)


def _segments(cells: list[Cell]) -> list[Segment]:
    styled = groupby(cells, key=itemgetter(1))
    return [Segment("".join(letter for letter, _ in run), _told(style)) for style, run in styled]


@lru_cache(maxsize=4096)
def _told(style: Style | None) -> Style | None:
    """Without the terminal's own colours: behind every run they are back, and saying them takes bytes."""
    if style is None:
        return None
    color, behind = (
        None if said is None or said.is_default else said for said in (style.color, style.bgcolor)
    )
    return style.without_color + Style.from_color(color, behind)


def _parts(update: CompositorUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Row, column and content of each part of an update."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                assert isinstance(strip, Strip)
                yield y, x, strip
                x += strip.cell_length
    elif isinstance(update, ChopsUpdate):
        for y, left, right in update.spans:
            for end, (x, part) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                begin, end = max(x, left), min(end, right)
                if part is not None and begin < end:
                    yield y, begin, part.crop(begin - x, end - x)
