"""Lines never take more cells than they were given, whatever stands in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.present.line import Span, Tone, clip, left, line, right, spread, text, width, wrapped

CHARACTERS = st.sampled_from("ab c-é漢字🙂…▁\u0301/_")
TEXTS = st.text(CHARACTERS, max_size=30)
LINES = st.lists(st.builds(Span, TEXTS, st.sampled_from(Tone)), max_size=5).map(tuple)
CELLS = st.integers(2, 40)


def plain(*parts: str) -> tuple[Span, ...]:
    return line(*parts)


@pytest.mark.parametrize(
    ("content", "cells", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("abcd", 1, "…"),
        ("abcd", 0, ""),
        ("abcd", -3, ""),
        ("漢字", 4, "漢字"),
        ("漢字", 3, "漢…"),
        ("漢字", 2, "…"),
        ("ab cd", 4, "ab…"),
        ("", 0, ""),
    ],
)
def test_clipping(content: str, cells: int, shown: str) -> None:
    assert text(clip(plain(content), cells)) == shown


def test_clipping_keeps_tones() -> None:
    spans = (Span("good", Tone.GOOD), Span(" and bad", Tone.BAD))
    assert clip(spans, 8) == (Span("good", Tone.GOOD), Span(" an…", Tone.BAD))
    assert clip(spans, 5) == (Span("good", Tone.GOOD), Span("…", Tone.BAD))


@given(LINES, st.integers(-2, 40))
def test_a_clipped_line_fits_and_says_that_it_was_cut(of: tuple[Span, ...], cells: int) -> None:
    clipped = clip(of, cells)
    assert width(clipped) <= max(0, cells)
    if width(of) <= cells:
        assert clipped == of
    elif cells > 0:
        assert text(clipped).endswith("…")
        assert text(of).startswith(text(clipped)[:-1])


@pytest.mark.parametrize(
    ("one", "other", "cells", "shown"),
    [
        ("ab", "cd", 8, "ab    cd"),
        ("ab", "cd", 5, "ab cd"),
        ("abc", "cd", 5, "a… cd"),
        ("abc", "", 5, "abc  "),
        ("", "cd", 4, "  cd"),
        ("漢字", "cd", 6, "漢… cd"),
    ],
)
def test_spreading(one: str, other: str, cells: int, shown: str) -> None:
    assert text(spread(plain(one), plain(other), cells)) == shown


@given(LINES, LINES, CELLS)
def test_a_spread_line_has_its_width_and_all_of_its_right_side(
    one: tuple[Span, ...], other: tuple[Span, ...], cells: int
) -> None:
    other = clip(other, cells)
    found = spread(one, other, cells)
    assert width(found) == cells
    assert text(found).endswith(text(other))


@given(TEXTS, CELLS)
def test_columns_have_exactly_their_width(content: str, cells: int) -> None:
    for column in (left(content, cells), right(content, cells)):
        assert cell_len(column.text) == cells
    if cell_len(content) <= cells:
        assert left(content, cells).text.rstrip(" ") == content.rstrip(" ")
        assert right(content, cells).text.endswith(content)


@pytest.mark.parametrize(
    ("content", "cells", "lines"),
    [
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 5, ["one", "two", "three"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("a bcdefgh i", 4, ["a", "bcde", "fgh", "i"]),
        ("漢字漢字", 5, ["漢字", "漢字"]),
        ("in /srv/practice/site/api.py now", 14, ["in", "/srv/practice/", "site/api.py", "now"]),
        ("P=/b/2026-11-29.sql (4 KB)", 14, ["P=/b/", "2026-11-29.sql", "(4 KB)"]),
        ("P=/b/prod-2026-11-29.sql", 14, ["P=/b/", "prod-2026-11-", "29.sql"]),
        ("/b/prod_2026/x", 8, ["/b/", "prod_", "2026/x"]),
        ("one/more/two-three", 9, ["one/more/", "two-three"]),
        ("sha-0123456789abcdef", 8, ["sha-", "01234567", "89abcdef"]),
        ("  spaces   go  ", 20, ["spaces go"]),
        ("", 5, []),
    ],
)
def test_wrapping(content: str, cells: int, lines: list[str]) -> None:
    found = [text(each) for each in wrapped(content, cells)]
    assert "".join("".join(found).split()) == "".join(content.split())
    assert all(cell_len(each) <= cells for each in found)
    assert found == lines


@given(st.text(CHARACTERS, max_size=120), CELLS)
def test_wrapped_lines_fit_and_lose_nothing(content: str, cells: int) -> None:
    found = wrapped(content, cells, Tone.BAD)
    assert all(0 < width(each) <= cells for each in found if text(each).strip("\u0301"))
    assert "".join("".join(text(each) for each in found).split()) == "".join(content.split())
    assert all(span.tone is Tone.BAD for each in found for span in each)


@given(st.lists(st.text("ab漢-_.", min_size=1, max_size=20), min_size=1, max_size=8), CELLS)
def test_a_file_name_that_fits_into_a_line_stays_in_one_piece(names: list[str], cells: int) -> None:
    found = [text(each) for each in wrapped(f"RESTORE_PATH=/{'/'.join(names)} is whole", cells)]
    if cell_len(names[-1]) <= cells:
        assert any(names[-1] in each for each in found)
