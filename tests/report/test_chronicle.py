"""A chronicle follows a journal, and gives the window as it was after each event."""

from contextlib import closing
from pathlib import Path

import pytest

from state.events import NoteAdded
from state.fold import fold
from state.journal.directory import JOURNAL
from state.journal.events import JournalError
from state.report.chronicle import Chronicle

from ..unit.story import Story
from .test_evidence import changed
from .told import rolled_back, written


def test_the_window_after_each_event_is_the_fold_up_to_it(tmp_path: Path) -> None:
    story = rolled_back()
    for number in range(450):
        story.tell(NoteAdded("", f"note {number}"), after=0.1)
    with closing(Chronicle(written(tmp_path / "w", story.records))) as chronicle:
        assert chronicle.problem == "" and chronicle.window == story.window
        assert len(chronicle.records) == len(story.records)
        for index in (0, 1, 3, 198, 199, 200, 201, 399, 400, len(story.records) - 1):
            assert chronicle.after(index) == fold(chronicle.records[: index + 1]), index


def test_it_follows_what_is_written(tmp_path: Path) -> None:
    story = Story()
    directory = written(tmp_path / "w", story.records)
    with closing(Chronicle(directory)) as chronicle:
        assert not chronicle.refresh()
        before = len(story.records)
        story.take_over().done("window-approved")
        written(directory, story.records[before:])
        assert chronicle.refresh() and not chronicle.refresh()
        assert chronicle.window == story.window
        assert chronicle.after(len(story.records) - 1) == story.window


def test_a_broken_chain_is_told_and_the_events_are_shown(tmp_path: Path) -> None:
    directory = written(tmp_path / "w", Story().until("backup").records)
    changed(directory / JOURNAL, "update events set body = replace(body, '2.0', '6.6') where seq = 1")
    with closing(Chronicle(directory)) as chronicle:
        assert "event 1 (WindowOpened) was changed" in chronicle.problem
        assert chronicle.window.release == "6.6"


@pytest.mark.parametrize(
    "statement", ["update events set kind = 'New' where seq = 2", "delete from events where seq = 1"]
)
def test_what_cannot_be_folded_is_a_sentence(tmp_path: Path, statement: str) -> None:
    directory = written(tmp_path / "w", Story().until("deploy").records)
    changed(directory / JOURNAL, statement)
    try:
        with closing(Chronicle(directory)) as chronicle:
            assert "event 1 is missing" in chronicle.problem
    except JournalError as error:
        assert str(error).endswith(".")
        assert "event 2 (New) was changed" in str(error)
