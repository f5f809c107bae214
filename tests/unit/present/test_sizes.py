"""What triggers and gates get of the rows of a terminal."""

import pytest

from tui.present.sizes import lower_rows


@pytest.mark.parametrize(
    ("needed", "rows", "given"),
    [
        (14, 38, 14),  # what they need
        (13, 38, 14),  # one line more or less moves nothing
        (6, 38, 12),  # a third at least: the output stands there as well
        (30, 38, 19),  # half at most: health and backlog stand above
        (14, 26, 13),
        (6, 24, 10),
    ],
)
def test_triggers_and_gates_get_what_they_need_within_bounds(needed: int, rows: int, given: int) -> None:
    assert lower_rows(needed, rows) == given
