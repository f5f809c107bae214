"""The timeline in words: each event on one line, all that it holds, and the window as it was then."""

import pytest

from state.events import Actor, ExceptionGranted, LogSealed, NoteAdded, RunRequested, TriggerTripped
from state.report.telling import Kind, tell
from state.text import HIDDEN
from state.window import Window
from tui.present import timeline
from tui.present.line import Tone, text, width

from ..story import Story


def whole() -> Story:
    """Up with everything, and back again."""
    story = Story().until("smoke")
    story.tell(TriggerTripped("readiness", "not ready for 01:02"), ExceptionGranted("gate:budget", "known"))
    return story.back_to("end")


def test_our_own_words_have_not_the_look_of_a_secret() -> None:
    story = whole()
    for recorded in story.records:
        assert HIDDEN not in tell(story.window, recorded), recorded
    assert len({type(recorded.event) for recorded in story.records}) > 12


@pytest.mark.parametrize("cells", [56, 76, 116, 196])
def test_a_row_fits_and_names_number_time_person_kind_and_what(cells: int) -> None:
    story = whole()
    for recorded in story.records:
        shown = timeline.row(recorded, story.window, cells)
        assert width(shown) <= cells
        assert text(shown).split()[0] == str(recorded.seq)
    tripped = next(r for r in story.records if isinstance(r.event, TriggerTripped))
    number, clock, name, kind, *what = text(timeline.row(tripped, story.window, 116)).split()
    assert (number, name, kind) == (str(tripped.seq), "sam", "triggers")
    assert clock.count(":") == 2
    assert " ".join(what) == "readiness TRIPPED: not ready for 01:02"


@pytest.mark.parametrize("cells", [80, 120])
def test_the_kinds_have_keys_and_say_which_is_chosen(cells: int) -> None:
    counts = {Kind.RUNS: 12, Kind.NOTES: 1}
    shown = timeline.kinds(counts, Kind.RUNS, cells)
    assert width(shown) <= cells
    words = text(shown)
    for number, name in enumerate(("all", *Kind)):
        assert f" {number} {name}" in words
    assert [span.text.strip() for span in shown if span.tone is Tone.FRAME] == [
        "3 runs" + " 12" * (cells == 120)
    ]


def test_an_event_tells_all_that_it_holds_without_secrets() -> None:
    story = Story()
    variables = {"PGPASSWORD": "hunter2hunter2", "BACKUP_PATH": "/backups/own.sql"}
    story.tell(RunRequested("backup", ("make", "db-backup"), "/srv/site", variables))
    shown = "\n".join(text(each) for each in timeline.event(story.records[-1], story.window, 60))
    assert "variables.BACKUP_PATH  /backups/own.sql" in shown
    assert "variables.PGPASSWORD  ***" in shown and "hunter2" not in shown
    assert "argv  make, db-backup" in shown
    assert "by sam (login sam on bastion, pts/1)" in shown


def test_what_moves_a_terminal_is_not_in_it() -> None:
    story = Story()
    story.tell(NoteAdded("", "\x1b]0;x\x07[bold] \u202eevil"), actor=Actor("k\x1b[31mim", "kim", "laptop"))
    recorded = story.records[-1]
    story.tell(TriggerTripped("readiness", "\x1b[2J"))
    shown = [timeline.row(recorded, story.window, 80), *timeline.event(recorded, story.window, 60)]
    shown += timeline.as_of(story.window, story.at, 60)
    assert not {"\x1b", "\x07", "\u202e"} & set("".join(map(text, shown)))


def test_the_window_as_it_was() -> None:
    story = Story().until("deploy")
    run = story.request("deploy")
    during = "\n".join(text(each) for each in timeline.as_of(story.window, story.at + 5, 60))
    assert "upgrade 2/8" in during and "▶ make deploy" in during and "running 0:15" in during
    story.tell(LogSealed(run, 1, "ab"))
    before = "\n".join(text(each) for each in timeline.as_of(Story().window, 0.0, 60))
    assert "preconditions 0/4" in before and "✓" not in before
    assert timeline.as_of(Window(), 0.0, 60)
