"""Lines as plain values: spans of text with a tone, which the widgets turn into colours."""

from enum import Enum, auto

from msgspec import Struct
from rich.cells import cell_len, set_cell_size


class Tone(Enum):
    """How loud a span is. Every tone stands beside a glyph and a word, never for itself."""

    PLAIN = auto()
    DIM = auto()
    STRONG = auto()
    GOOD = auto()
    WATCH = auto()
    BAD = auto()
    ACTIVE = auto()
    ALARM = auto()
    FRAME = auto()


class Span(Struct, frozen=True):
    """Text of one tone."""

    text: str
    tone: Tone = Tone.PLAIN


Line = tuple[Span, ...]


def line(*parts: str | Span) -> Line:
    """A line from strings (plain) and spans."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts if part != "")


def text(of: Line) -> str:
    """A line without its tones."""
    return "".join(span.text for span in of)


def width(of: Line) -> int:
    """Cells that a line takes; wide characters take two."""
    return sum(cell_len(span.text) for span in of)


def spread(left: Line, right: Line, cells: int) -> Line:
    """Left and right on one line; where both do not fit, the left one gives way with an ellipsis."""
    right = clip(right, cells)
    room = cells - width(right) - (1 if right else 0)
    shortened = clip(left, room)
    gap = " " * max(0, cells - width(shortened) - width(right))
    return (*shortened, Span(gap), *right) if gap else (*shortened, *right)


def clip(of: Line, cells: int) -> Line:
    """The line in at most so many cells, with an ellipsis where something was cut."""
    if width(of) <= cells:
        return of
    if cells <= 0:
        return ()
    kept: list[Span] = []
    left = cells - 1
    for span in of:
        size = cell_len(span.text)
        if size > left:
            kept.append(Span(set_cell_size(span.text, left).rstrip() + "…", span.tone))
            break
        kept.append(span)
        left -= size
    return tuple(kept)


def shortened(lines: tuple[Line, ...], rows: int) -> tuple[Line, ...]:
    """The lines in at most so many rows, with an ellipsis where some were left out."""
    if len(lines) <= rows:
        return lines
    if rows <= 0:
        return ()
    last = lines[rows - 1]
    return (*lines[: rows - 1], (*last, Span(" …", last[-1].tone if last else Tone.PLAIN)))


def left(content: str, cells: int, tone: Tone = Tone.PLAIN) -> Span:
    """Text in exactly so many cells, left-aligned, cut with an ellipsis."""
    shortened = text(clip(line(content), cells))
    return Span(shortened + " " * (cells - cell_len(shortened)), tone)


def right(content: str, cells: int, tone: Tone = Tone.PLAIN) -> Span:
    """Text in exactly so many cells, right-aligned, cut with an ellipsis."""
    shortened = text(clip(line(content), cells))
    return Span(" " * (cells - cell_len(shortened)) + shortened, tone)


def wrapped(content: str, cells: int, tone: Tone = Tone.PLAIN) -> tuple[Line, ...]:
    """Text broken into lines of at most so many cells, at spaces where it has any.

    A word that is longer than a line is broken where a path has a joint: its last name stays whole.
    """
    lines: list[Line] = []
    current = ""
    for word in content.split():
        while cell_len(word) > cells > 0:
            head = _head(word, cells)
            if current:
                lines.append(line(Span(current, tone)))
                current = ""
            lines.append(line(Span(head, tone)))
            word = word[len(head) :]
        joined = f"{current} {word}" if current else word
        if cell_len(joined) > cells:
            lines.append(line(Span(current, tone)))
            current = word
        else:
            current = joined
    if current:
        lines.append(line(Span(current, tone)))
    return tuple(lines)


def _head(word: str, cells: int) -> str:
    """What of a word that is too long goes onto one line: up to the last slash that fits, or dash, or all."""
    # One character at the least, though it be wider than the line.
    fits = set_cell_size(word, cells).rstrip() or word[0]
    joint = fits.rfind("/") + 1 or max(fits.rfind("-"), fits.rfind("_")) + 1
    return fits[:joint] or fits
