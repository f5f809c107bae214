"""The evidence as Markdown for a ticket, in which no text from outside is markup."""

from collections.abc import Iterator, Sequence

from state.report.blocks import Block, Facts, Heading, Paragraph, Table, Verbatim
from state.report.document import Evidence
from state.report.markup import ALONE, escape
from state.report.outline import outline


def render(evidence: Evidence) -> str:
    """The whole report, with a newline at its end."""
    return "\n".join(line for block in outline(evidence) for line in lines(block)).rstrip("\n") + "\n"


def lines(block: Block) -> Iterator[str]:
    """One block, with an empty line after it."""
    match block:
        case Heading(level, text):
            yield f"{'#' * level} {escape(text)}"
        case Paragraph(text, alarm):
            yield f"**{escape(text, ALONE)}**" if alarm else escape(text, ALONE)
        case Verbatim(text):
            yield f"    {text}"
        case Facts(rows):
            # A table has a heading in Markdown: the first fact is it.
            first, *more = (tuple(map(escape, row)) for row in rows)
            yield from _rows(first, more)
        case Table(names, rows):
            kept = [tuple(map(escape, row)) for row in rows]
            if block.left_out:
                said = f"**{block.said}**; the HTML and JSON forms have all"
                kept.insert(block.begin, (said, *("…" for _ in names[1:])))
            yield from _rows(names, kept)
    yield ""


def _rows(names: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table of cells that are Markdown already."""
    yield f"| {' | '.join(names)} |"
    yield f"|{' --- |' * len(names)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
