"""Finds the line of a key in TOML text, for errors that say where to mend."""

import re

_HEADER = re.compile(r"\s*\[\[?\s*([^\]\n]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'""")

Path = tuple[str, ...]


def line_of(text: str, key: Path) -> int | None:
    """The line, from 1, on which `key` stands, or else the nearest table around it; None: nowhere."""
    known = _lines(text)
    for length in range(len(key), 0, -1):
        if (line := known.get(key[:length])) is not None:
            return _inside(text, line, key[length:])
    return None


def _inside(text: str, start: int, rest: Path) -> int:
    """A key of an inline table that spreads over several lines, looked up by its bare name."""
    if rest:
        name = re.compile(rf"""[{{,\s]["']?{re.escape(rest[0])}["']?\s*=""")
        for number, line in enumerate(text.split("\n")[start - 1 :], start):
            if number > start and (_HEADER.fullmatch(line) or not line.strip()):
                break
            if name.search(line):
                return number
    return start


def _lines(text: str) -> dict[Path, int]:
    """Every table and key with the line on which it first stands."""
    known: dict[Path, int] = {}
    table: Path = ()
    quote: str | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if quote is None:
            if header := _HEADER.fullmatch(line):
                table = _parts(header[1])
                _note(known, table, len(table), number)
            elif key := _KEY.match(line):
                parts = _parts(key[1])
                _note(known, table + parts, len(parts), number)
        quote = _open_string(line, quote)
    return known


def _note(known: dict[Path, int], key: Path, own: int, number: int) -> None:
    for length in range(len(key) - own + 1, len(key) + 1):
        known.setdefault(key[:length], number)


def _parts(dotted: str) -> Path:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _open_string(line: str, quote: str | None) -> str | None:
    """Which multi-line string is open at the end of the line, given the one open at its start."""
    for mark in re.findall(r'"""|\'\'\'', line):
        if quote is None:
            quote = mark
        elif quote == mark:
            quote = None
    return quote
