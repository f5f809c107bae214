"""A count agrees with its noun."""

import re
from pathlib import Path

import pytest

import state
from state.text.counting import counted

SOURCES = [
    path for room in ("state", "tui") for path in (Path(state.__file__).parents[1] / room).rglob("*.py")
]
#: A number that a program puts before a plural, whatever it is.
FIXED_PLURAL = re.compile(r"\{len\([^{}]*\)\} (?:exceptions|samples|runs|events|actions|rows|polls)\b")


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 exceptions"), (1, "1 exception"), (2, "2 exceptions"), (11, "11 exceptions")]
)
def test_one_is_singular(count: int, words: str) -> None:
    assert counted(count, "exception") == words


def test_no_line_has_a_plural_for_every_count() -> None:
    assert SOURCES
    assert [path.name for path in SOURCES if FIXED_PLURAL.search(path.read_text())] == []
