"""Markdown in which no text from outside is markup: what is escaped, and tables of it."""

import re
from collections.abc import Iterable, Iterator, Sequence

from state.text.counting import counted

#: Characters of one text in a table, and of one that stands alone: the whole is in the other forms.
_LONGEST, ALONE = 160, 2000
#: Rows of a table that is told in full, and of the timeline.
_ROWS, EVENTS = 100, 400

_MARKUP = re.compile(r"([\\`*_{}\[\]|~^!#$])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str, longest: int = _LONGEST) -> str:
    """The text as itself, in a table or after other words: no markup, no link, no mention, no picture."""
    if len(text) > longest:
        text = text[: longest - 1].rstrip() + "…"
    text = _MARKUP.sub(r"\\\1", text)
    text = re.sub("[&<>]", lambda match: _ENTITIES[match[0]], text)
    # Addresses become links by themselves, and names behind an @ get a mail.
    text = re.sub(r":(?=//)|(?<=[wW])\.", lambda match: "\\" + match[0], text)
    return re.sub(r"(?<![\w.])@(?=\w)", "`@`", text)


def table(names: Sequence[str], rows: Iterable[Sequence[object]], whole: int = _ROWS) -> Iterator[str]:
    """A table, with an empty line after it; of more rows than `whole` its first fifth and its last ones."""
    cells = [[escape(str(cell)) for cell in row] for row in rows]
    left_out = len(cells) - whole
    if left_out > 0:
        begin = whole // 5
        said = f"**{counted(left_out, 'row')} left out here**; the HTML and JSON forms have all"
        cells = [*cells[:begin], [said, *("…" for _ in names[1:])], *cells[begin - whole :]]
    yield f"| {' | '.join(names)} |"
    yield f"|{' --- |' * len(names)}"
    for row in cells:
        yield f"| {' | '.join(row)} |"
    yield ""
