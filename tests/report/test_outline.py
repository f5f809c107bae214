"""What stands in the short forms of the report, read as somebody does who was not there."""

from pathlib import Path

import pytest

from state.report import forms
from state.report.blocks import table
from state.report.evidence import gather
from state.report.markdown import lines

from .told import rolled_back, written


@pytest.mark.parametrize("form", [forms.Form.MARKDOWN, forms.Form.HTML])
def test_what_a_restore_lost_is_counted_until_it_began_and_not_until_it_ended(
    tmp_path: Path, form: forms.Form
) -> None:
    story = rolled_back()
    said = forms.render(gather(written(tmp_path / "w", story.records), story.at), form)
    assert (
        "The restore, which ended 2026-02-02 02:44:10, took the database back to 2026-02-02 02:39:55: "
        "what was written in the 04:05 before it began is lost. "
        "Nobody counted rows: there was no safety backup."
    ) in said


@pytest.mark.parametrize(("count", "left_out"), [(0, 0), (10, 0), (11, 1), (1000, 990)])
def test_of_a_long_table_the_first_and_the_last_rows_are_told(count: int, left_out: int) -> None:
    made = table(("Number", "What"), ((number, "x") for number in range(count)), whole=10)
    assert (made.left_out, len(made.rows)) == (left_out, min(count, 10))
    heading, rule, *rows, empty = lines(made)
    assert (heading, rule, empty) == ("| Number | What |", "| --- | --- |", "")
    if left_out:
        noun = "row" if left_out == 1 else "rows"
        assert rows.pop(2) == f"| **{left_out} {noun} left out here**; the HTML and JSON forms have all | … |"
        assert rows[:2] == ["| 0 | x |", "| 1 | x |"] and rows[-1] == f"| {count - 1} | x |"
    assert len(rows) == min(count, 10)
