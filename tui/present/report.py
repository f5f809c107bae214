"""The report as a page of lines: headings, paragraphs, and tables in columns that fit."""

import re
from collections.abc import Iterable, Iterator, Sequence
from statistics import median_low

from rich.cells import cell_len

from state.report.blocks import Block, Facts, Heading, Paragraph, Table, Verbatim
from tui.present.line import Line, Span, Tone, left, line, width, wrapped
from tui.present.line import text as text_of

#: Cells between two columns, and those by which it is set in what stands below its row.
_GAP, _INDENT = 2, 6
#: A cell of at most so many cells stays on one line; a longer one may be broken.
_WHOLE = 20
#: What stands where there is nothing.
_NOTHING = frozenset({"", "–"})
_FIGURE = re.compile(r"[-+–]?[\d–][\d :./,–]*( [Bs])?")


def page(blocks: Iterable[Block], cells: int) -> tuple[Line, ...]:
    """The report in lines of at most so many cells; no text of it is cut."""
    return tuple(shown for block in blocks for shown in _block(block, cells))


def _block(block: Block, cells: int) -> Iterator[Line]:
    match block:
        case Heading(level, text):
            yield from _heading(level, text, cells)
        case Paragraph(text, alarm):
            yield from wrapped(text, cells, Tone.ALARM if alarm else Tone.PLAIN)
        case Verbatim(text):
            yield from wrapped(text, cells)
        case Facts(rows):
            names = max((cell_len(name) for name, _ in rows), default=0)
            for name, value in rows:
                yield from _beside(left(name, names, Tone.DIM), value, cells)
        case Table():
            yield from _table(block, cells)
    if not isinstance(block, Heading) or block.level == 1:
        yield ()


def _heading(level: int, text: str, cells: int) -> Iterator[Line]:
    """A part of the report has a rule behind its heading, so that it is found while scrolling."""
    lines = wrapped(text, cells, Tone.STRONG)
    room = cells - width(lines[-1]) - 1 if lines else 0
    if level != 2 or room <= 0:
        yield from lines
        return
    yield from lines[:-1]
    yield (*lines[-1], Span(f" {'─' * room}", Tone.DIM))


def _beside(name: Span, value: str, cells: int, tone: Tone = Tone.PLAIN) -> Iterator[Line]:
    """A value behind its name, its further lines under its first."""
    before = cell_len(name.text) + _GAP
    for number, part in enumerate(wrapped(value, max(1, cells - before), tone)):
        yield line(name if number == 0 else " " * (before - _GAP), " " * _GAP, *part)


def _table(table: Table, cells: int) -> Iterator[Line]:
    """Columns as wide as what is in them; those that find no room go below their rows."""
    columns = [
        tuple(row[number] for row in table.rows if len(row) > number) for number in range(len(table.names))
    ]
    widths, below = _widths(table.names, columns, cells)
    beside = sorted(widths)
    figures = {number for number in beside if _are_figures(columns[number])}
    yield from _row(tuple(table.names), beside, widths, figures, Tone.DIM)
    for number, row in enumerate(table.rows):
        if table.left_out and number == table.begin:
            yield from _left_out(table, cells)
        yield from _row(row, beside, widths, figures)
        for column in below:
            if row[column] not in _NOTHING:
                name = Span(f"{' ' * _INDENT}{table.names[column]}", Tone.DIM)
                yield from _beside(name, row[column], cells)


def _left_out(table: Table, cells: int) -> Sequence[Line]:
    return wrapped(f"… {table.said}; the HTML and JSON forms have all", cells, Tone.WATCH)


def _row(
    row: Sequence[str],
    beside: Sequence[int],
    widths: dict[int, int],
    figures: set[int],
    tone: Tone = Tone.PLAIN,
) -> Iterator[Line]:
    """One row, of as many lines as its longest cell needs."""
    parts = [_broken(row[column], widths[column]) for column in beside]
    for number in range(max(map(len, parts))):
        said = []
        for column, lines in zip(beside, parts, strict=True):
            cell = lines[number] if number < len(lines) else ""
            padding = " " * (widths[column] - cell_len(cell))
            said.append(padding + cell if column in figures else cell + padding)
        yield line(Span((" " * _GAP).join(said).rstrip(), tone))


def _broken(cell: str, cells: int) -> tuple[str, ...]:
    """A cell in lines; most have room for all of it."""
    return (cell,) if cell_len(cell) <= cells else tuple(map(text_of, wrapped(cell, cells)))


def _are_figures(column: Sequence[str]) -> bool:
    """Whether all of it is figures, which stand right-aligned."""
    known = [cell for cell in column if cell not in _NOTHING]
    return bool(known) and all(_FIGURE.fullmatch(cell) for cell in known)


def _widths(
    names: Sequence[str], columns: Sequence[Sequence[str]], cells: int
) -> tuple[dict[int, int], list[int]]:
    """The columns beside one another with their widths, and those that go below, in their order."""
    wanted = {n: max(map(cell_len, (names[n], *columns[n]))) for n in range(len(names))}
    least = {n: min(wanted[n], _least(columns[n])) for n in wanted}
    below: list[int] = []
    while (over := sum(least.values()) + _GAP * (len(least) - 1) - cells) > 0 and len(least) > 1:
        # The first column names the row. Of the others the last that makes room enough, or the widest.
        others = list(least)[1:]
        enough = [n for n in others if least[n] + _GAP >= over]
        gives_way = enough[-1] if enough else max(others, key=lambda n: least[n])
        below.append(gives_way)
        del least[gives_way]
    return _shared(least, wanted, -over, cells), sorted(below)


def _least(column: Sequence[str]) -> int:
    """The width below which a column cannot be read: of digests and paths it is that of most of them."""
    longest = [max(map(cell_len, cell.split())) for cell in column if cell not in _NOTHING and cell.split()]
    return max(_WHOLE, median_low(longest)) if longest else _WHOLE


def _shared(least: dict[int, int], wanted: dict[int, int], room: int, cells: int) -> dict[int, int]:
    """The least widths with the room that is left, first to those that need the least more."""
    widths = {n: min(size, cells) for n, size in least.items()}
    hungry = sorted(widths, key=lambda n: wanted[n] - widths[n])
    for place, n in enumerate(hungry):
        more = min(wanted[n] - widths[n], max(0, room) // (len(hungry) - place))
        widths[n] += more
        room -= more
    return widths
