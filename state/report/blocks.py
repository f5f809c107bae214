"""What a report consists of before it takes a form: headings, paragraphs, facts and tables of plain text."""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from state.text.counting import counted

#: Rows of a table that is told in full, and of the timeline.
ROWS, EVENTS = 100, 400


class Heading(Struct, frozen=True):
    """`level` is 1 for the report itself, 2 for a part of it, 3 for what lies in a part."""

    level: int
    text: str


class Paragraph(Struct, frozen=True):
    """`alarm`: it keeps the report from being sound evidence, or the database from being whole."""

    text: str
    alarm: bool = False


class Verbatim(Struct, frozen=True):
    """A text to compare character by character."""

    text: str


class Facts(Struct, frozen=True):
    """Names with their values."""

    rows: tuple[tuple[str, str], ...]


class Table(Struct, frozen=True):
    """Rows of as many cells as there are names; after the first `begin` of them `left_out` are not shown."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    begin: int = 0
    left_out: int = 0

    @property
    def said(self) -> str:
        """That rows are left out, as it stands in their place."""
        return f"{counted(self.left_out, 'row')} left out here"


Block = Heading | Paragraph | Verbatim | Facts | Table


def facts(*rows: tuple[str, object]) -> Facts:
    """Names with whatever their values are."""
    return Facts(tuple((name, str(value)) for name, value in rows))


def table(names: Sequence[str], rows: Iterable[Sequence[object]], whole: int = ROWS) -> Table:
    """The rows; of more than `whole` the first fifth of so many and the last ones."""
    cells = tuple(rows)
    left_out = max(0, len(cells) - whole)
    begin = whole // 5 if left_out else len(cells)
    kept = (*cells[:begin], *cells[begin + left_out :])
    return Table(tuple(names), tuple(tuple(map(str, row)) for row in kept), begin, left_out)
