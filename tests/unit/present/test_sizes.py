"""How the rows of a terminal are divided among the panels."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.present.sizes import Division, divide, failed_rows

#: Lines of the checklist of an upgrade.
STEPS = 14


@pytest.mark.parametrize(
    ("rows", "forms", "failed", "given"),
    [
        (38, (14, 14), 0, Division(0, 14)),  # what they need
        (38, (13, 13), 0, Division(0, 14)),  # one line more or less moves nothing
        (38, (6, 6), 0, Division(0, 12)),  # a third at least: the output stands there as well
        (60, (40, 40), 0, Division(1, 30)),  # half at most: health and backlog stand above
        (28, (14, 14), 0, Division(1, 14)),  # too low for all: as if nothing had to be read above
        (24, (6, 6), 0, Division(0, 10)),
        # The step below the checklist has its title and a line or two of what it does.
        (36, (20, 17, 15, 14, 11), 0, Division(2, 15)),
        # One that has failed has its title and why, and what stands below is put in fewer words.
        (36, (20, 17, 15, 14, 11), 4, Division(3, 14, 16)),
        (38, (15, 15, 14, 14, 11), 4, Division(0, 16, 16)),
        (25, (15, 14, 14, 14, 11), 4, Division(4, 11, 8)),
    ],
)
def test_rows_are_divided_by_what_must_be_read(
    rows: int, forms: tuple[int, ...], failed: int, given: Division
) -> None:
    assert divide(rows, forms, STEPS, failed) == given


@given(
    st.integers(18, 80),
    st.lists(st.integers(5, 40), min_size=2, max_size=5).map(lambda needed: sorted(needed, reverse=True)),
    st.integers(3, 25),
    st.integers(0, 6),
)
def test_why_a_step_has_failed_is_in_sight_and_the_output_keeps_its_rows(
    rows: int, forms: list[int], steps: int, failed: int
) -> None:
    share = divide(rows, forms, steps, failed)
    assert min(rows // 2, 10) <= share.lower <= rows // 2
    if failed and rows >= 28:
        above = rows - share.lower
        assert share.checklist is not None
        assert above - min(steps + 2, share.checklist) >= failed + 2


@given(st.integers(18, 80), st.integers(12, 40), st.integers(0, 5), st.integers(0, 6))
def test_fewer_words_alone_move_nothing(rows: int, full: int, less: int, failed: int) -> None:
    usual, shorter = (divide(rows, (50, full, barest, 11), STEPS, failed) for barest in (full, full - less))
    assert usual.lower == shorter.lower


def test_one_above_the_other_a_failed_step_has_its_rows_too() -> None:
    assert failed_rows(21, 4) == 6
    assert failed_rows(10, 6) == 5
    assert failed_rows(21, 0) is None
