"""Moments are shown as moments wherever an event or a gate keeps one, and nothing else is."""

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from state.events import KINDS, LAST_MOMENT, Event, NoteAdded, RunSignalled, WindowDeclared
from state.events.event import Moment
from state.report import forms, status
from state.report.evidence import gather
from state.report.moments import dated, is_moment, moment
from state.report.telling import details, tell
from state.view import View, verdicts
from state.window import ROLLED_BACK

from ..unit.story import T0, Story
from .told import observed, written

#: Seconds since the epoch as a story has them.
RAW = re.compile(r"\b17[67]\d{7}(\.\d+)?\b")


def told() -> Story:
    """A window that went the whole way back."""
    return Story(closes_at=T0 + 7200).back_to("end")


def declare(directory: Path, story: Story) -> None:
    """Declares it, with the gates as the console freezes them."""
    with closing(View(directory)) as view:
        view.refresh(story.at)
        gates = verdicts(story.window, view.observed, story.at).gates_as_json()
    story.tell(WindowDeclared(ROLLED_BACK, "errors", tuple(gates)))
    assert any(RAW.search(json.dumps(gate)) for gate in gates), "no gate keeps a moment: nothing is tried"


@pytest.mark.parametrize("kind", KINDS.values(), ids=str)
def test_moments_have_names_by_which_they_are_known(kind: type[Event]) -> None:
    for name, hint in get_type_hints(kind, include_extras=True).items():
        holds = hint == Moment or Moment in get_args(hint)
        assert is_moment(name, T0) == holds, f"{kind.__name__}.{name}"


def test_no_event_shows_seconds_since_the_epoch(tmp_path: Path) -> None:
    story = told()
    directory = written(tmp_path / "w", story.records)
    observed(directory, 300)
    declare(directory, story)
    assert any(RAW.search(json.dumps(r.event.to_body())) for r in story.records)
    for recorded in story.records:
        assert not RAW.search(tell(story.window, recorded)), recorded
        for name, value in details(recorded):
            assert not RAW.search(value), (recorded.event.kind(), name, value)
    shown = dict(details(next(r for r in story.records if r.event.kind() == "BackupExamined")))
    assert (shown["captured_at"], shown["age"]) == ("2026-02-02 01:40:00 UTC", "3600.0")


def test_no_form_of_the_report_shows_them_but_where_the_schema_says_seconds(tmp_path: Path) -> None:
    story = told()
    directory = written(tmp_path / "w", story.records)
    observed(directory, 300)
    evidence = gather(directory, story.at)
    for form in (forms.Form.MARKDOWN, forms.Form.HTML):
        assert not RAW.search(forms.render(evidence, form)), form
    document: dict[str, Any] = json.loads(forms.render(evidence, forms.Form.JSON))
    document.pop("charts")
    for event in document["timeline"]:
        event.pop("at_seconds")
    assert not RAW.search(json.dumps(document))
    assert document["gates"][1]["numbers"]["since"] == moment(T0)
    with closing(View(directory)) as view:
        view.refresh(story.at)
        stands = status.as_json(view)
    assert stands["gates"][1]["numbers"] == document["gates"][1]["numbers"]


def test_a_moment_within_a_sentence_is_no_iso_8601(tmp_path: Path) -> None:
    story = Story().until("backup")
    run = story.request("backup")
    story.tell(RunSignalled(run, "INT"), NoteAdded("", "quiet"), NoteAdded("backup", "slow"))
    evidence = gather(written(tmp_path / "w", story.records), story.at)
    assert [note[:28] for note in evidence.notes] == ["2026-02-02 02:41:20 UTC sam:"]
    for form in (forms.Form.MARKDOWN, forms.Form.HTML):
        assert not re.search(r"\d\d-\d\dT\d\d:", forms.render(evidence, form)), form
    assert "sent INT at 2026-02-02 02:41:20 UTC" in forms.render(evidence, forms.Form.HTML)


def test_what_is_no_number_or_no_date_is_not_taken_for_one() -> None:
    values = {"since": None, "at": True, "held_at": "noon", "ready_for": T0, "end_at": LAST_MOMENT * 2}
    assert dated(values) == {**values, "end_at": "no time"}
