"""What stands in the short forms of the report, read as somebody does who was not there."""

import html
import re
from pathlib import Path

import pytest

from state.events import Actor, ApprovalGiven, ApprovalRequested, NoteAdded
from state.report import forms
from state.report.blocks import table
from state.report.evidence import gather
from state.report.markdown import lines

from ..unit.story import T0, Story, examined
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


BOTH = (forms.Form.MARKDOWN, forms.Form.HTML)


def test_a_failed_step_says_what_is_wrong_and_not_only_with_which_file(tmp_path: Path) -> None:
    story = Story().until("backup")
    run = story.run("backup")
    story.tell(examined("backup", "/backups/cut.sql", run, "it ends in the middle"))
    evidence = gather(written(tmp_path / "w", story.records), story.at)
    for form in BOTH:
        assert "it ends in the middle; /backups/cut.sql" in forms.render(evidence, form)


def test_a_note_says_on_which_step_it_was_made(tmp_path: Path) -> None:
    story = Story()
    story.tell(NoteAdded("", "quiet"), NoteAdded("deploy", "one host at a time"))
    ticket = forms.render(gather(written(tmp_path / "w", story.records), story.at), forms.Form.MARKDOWN)
    assert re.search(r"^\| [-\d]+ [:\d]+ UTC sam: quiet \|$", ticket, re.MULTILINE)
    assert re.search(
        r"^\| Deploy the binaries: [-\d]+ [:\d]+ UTC sam: one host at a time \|$", ticket, re.MULTILINE
    )


@pytest.mark.parametrize(
    ("how", "way"), [("login", "from a login of their own"), ("screen", "at the driver's keyboard")]
)
def test_a_second_operator_is_told_with_the_way_in_which_they_confirmed(
    tmp_path: Path, how: str, way: str
) -> None:
    story = Story()
    story.tell(ApprovalRequested("restore", "digest", ("drops the database",)))
    story.tell(ApprovalGiven(story.window.seq, Actor("lee", "root", "vm"), how, "approve"))
    evidence = gather(written(tmp_path / "w", story.records), story.at)
    for form in BOTH:
        # At its place in the table: the timeline tells it too.
        assert f"lee@vm, {way}" in html.unescape(forms.render(evidence, form))


def test_a_budget_that_is_exceeded_is_said_beside_what_exceeds_it(tmp_path: Path) -> None:
    evidence = gather(written(tmp_path / "w", Story().records), T0)
    spent = evidence.budget.model_copy(
        update={"unplanned_seconds": 300.0, "planned_seconds": 17.0, "spent": True}
    )
    ticket = forms.render(evidence.model_copy(update={"budget": spent}), forms.Form.MARKDOWN)
    assert "| Error budget | 05:00 of 04:19 unplanned (EXCEEDED), 00:17 planned |" in ticket
