"""The evidence says all that the journal holds, verifies its chain, and tells what it cannot read."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from unittest import mock

import jsonschema
import pytest

from state.events import (
    KINDS,
    Actor,
    ApprovalGiven,
    ApprovalRequested,
    ConsoleLeft,
    ExceptionGranted,
    IncidentRaised,
    IncidentResolved,
    LogSealed,
    NoteAdded,
    ObserverJoined,
    OperatorSwitched,
    RestoreChecked,
    TriggerCleared,
    TriggerTripped,
    TriggerWavedOff,
    UnknownEvent,
    WindowDeclared,
)
from state.journal.directory import JOURNAL, READINGS
from state.journal.events import JournalError
from state.report import forms
from state.report.evidence import gather
from state.report.telling import TELLINGS

from ..unit.story import T0, Story
from .told import observed, rolled_back, written

KIM = Actor("kim", "kim", "laptop", "pts/9", "10.0.0.7", 1001)
DIGEST = "cd" * 32
CONFIRMED = "everything written since 02:39:55 UTC (9 min) is lost: 70 audit rows"


def test_every_kind_of_event_is_told() -> None:
    assert set(TELLINGS) == set(KINDS.values())


def test_runs_have_command_duration_exit_status_and_log_digest(tmp_path: Path) -> None:
    story = Story().until("deploy")
    run = story.run("deploy", 2, line="make: *** [deploy] Error 2")
    story.tell(LogSealed(run, 4711, DIGEST))
    evidence = gather(written(tmp_path / "w", story.records), story.at)
    deployed = next(one for one in evidence.runs if one.id == run)
    assert (deployed.command, deployed.exit_status, deployed.seconds) == ("make deploy", 2, 10.0)
    assert (deployed.log_bytes, deployed.log_sha256) == (4711, DIGEST)
    assert deployed.last_line == "make: *** [deploy] Error 2"
    (backup,) = [one for one in evidence.runs if one.step == "backup"]
    assert backup.log_sha256 is None


def test_people_seats_and_second_operators(tmp_path: Path) -> None:
    story = Story()
    story.tell(ObserverJoined("c2", KIM))
    story.tell(OperatorSwitched("sam"), actor=Actor("lee", "sam", "bastion"))
    story.tell(ApprovalRequested("restore", "digest", ("drops the database",)))
    story.tell(ApprovalGiven(story.window.seq, KIM, "login", "approve restore production"))
    story.tell(ConsoleLeft())
    evidence = gather(written(tmp_path / "w", story.records), story.at)
    roles = {one.operator: one.roles for one in evidence.people}
    assert roles == {"sam": ("driver",), "kim": ("observer", "second operator"), "lee": ("driver",)}
    assert next(one for one in evidence.people if one.operator == "kim").ssh_origin == "10.0.0.7"
    assert [(seat.operator, seat.ended) for seat in evidence.seats] == [
        ("sam", "another operator"),
        ("lee", "left"),
    ]
    (approval,) = evidence.approvals
    assert (approval.state, approval.by, approval.how) == ("approved", "kim@laptop", "login")
    assert approval.words == ("drops the database",)


def test_a_console_that_died_sat_until_its_last_event(tmp_path: Path) -> None:
    story = Story()
    died = story.at
    story.take_over()
    evidence = gather(written(tmp_path / "w", story.records), story.at)
    first, second = evidence.seats
    assert (first.ended, second.until) == ("gone without a word", None)
    assert first.until == gather(tmp_path / "w", died).timeline[2].at


def test_triggers_incidents_and_exceptions_with_what_came_of_them(tmp_path: Path) -> None:
    story = Story().until("smoke")
    story.tell(
        TriggerTripped("readiness", "not ready for 01:02"), TriggerWavedOff("readiness", "a known blip")
    )
    story.tell(TriggerCleared("readiness"), TriggerTripped("readiness", "again"))
    story.tell(
        IncidentRaised("OPS-1", "down"), IncidentResolved("up"), ExceptionGranted("gate:budget", "known")
    )
    evidence = gather(written(tmp_path / "w", story.records), story.at)
    first, second = evidence.triggers
    assert (first.waved_by, first.waved_reason, first.reason) == (
        "sam",
        "a known blip",
        "not ready for 01:02",
    )
    assert first.cleared is not None and second.cleared is None and second.waved_off is None
    (incident,) = evidence.raised
    assert (incident.ticket, incident.resolved_note) == ("OPS-1", "up")
    assert [(e.subject, e.reason, e.owner) for e in evidence.exceptions] == [("gate:budget", "known", "sam")]


def test_a_rollback_with_its_loss_and_the_numbers_of_each_decision(tmp_path: Path) -> None:
    story = Story().back_to("restore")
    story.tell(RestoreChecked((), "44 audit rows"))
    story.run("restore", 2)
    story.tell(RestoreChecked((), CONFIRMED))
    story.back_to("communicate")
    gates = ({"id": "budget", "title": "Error budget", "state": "PASS", "reason": "0 s", "numbers": {}},)
    story.tell(WindowDeclared("rolled back", "errors", gates))
    directory = written(tmp_path / "w", story.records)
    observed(directory, int(story.at - T0))
    evidence = gather(directory, story.at)
    (turn,) = evidence.rollbacks
    assert (turn.depth, turn.why, turn.by) == ("restore", "errors", "sam@bastion")
    (loss,) = evidence.losses
    assert loss.told == CONFIRMED
    for form in (forms.Form.MARKDOWN, forms.Form.HTML):
        assert "70 audit rows" in forms.render(evidence, form)
    restore = next(one for one in evidence.runs if one.step == "restore" and one.exit_status == 0)
    assert loss.restored == restore.ended and loss.seconds > 0
    turned, declared = evidence.decisions
    assert (turned.event, turned.backlog_source) == (turn.event, "judged again")
    assert turned.backlog[0].baseline == 3.0 and turned.backlog[0].current is not None
    assert declared.gates[0].title == "Error budget" and evidence.gates == declared.gates
    assert evidence.window.outcome == "rolled back"


def test_charts_show_every_metric_and_replica_and_break_where_nobody_looked(tmp_path: Path) -> None:
    story = Story().until("deploy")
    directory = written(tmp_path / "w", story.records)
    observed(directory, 90, (3, 1, 4))
    evidence = gather(directory, T0 + 600)
    assert evidence.charts.metrics[0].metric == "pendingOutboxEvents"
    points = evidence.charts.metrics[0].points
    assert [value for _, value in points] == [3.0, 1.0, 4.0, 3.0, 1.0, 4.0]
    assert evidence.charts.metrics[0].baseline == 3.0
    (replica,) = evidence.charts.replicas
    assert [(s.state, s.until - s.since) for s in replica.stretches] == [("ready", 75.0)]
    assert (evidence.charts.summaries, evidence.charts.thinned) == (6, False)


def test_a_window_that_was_left_open_long_ago_presses_no_chart_together(tmp_path: Path) -> None:
    story = Story().until("deploy")
    directory = written(tmp_path / "w", story.records)
    observed(directory, 90)
    charts = gather(directory, story.at + 300 * 86400).charts
    assert (charts.since, charts.until) == (T0, story.at)


def test_the_json_is_what_the_schema_says(tmp_path: Path) -> None:
    story = rolled_back()
    directory = written(tmp_path / "w", story.records)
    observed(directory, 300)
    document = json.loads(forms.render(gather(directory, story.at), forms.Form.JSON))
    schema = json.loads(forms.schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)
    # The schema is one that can refuse.
    for wrong in ({"more": 1}, {"runs": "none"}, {"format": "another/1"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(schema).validate({**document, **wrong})


def test_secrets_and_control_characters_stay_out_of_every_form(tmp_path: Path) -> None:
    story = Story()
    story.tell(NoteAdded("", "look: password=hunter2hunter2 \x1b]0;title\x07\u202e backwards"))
    evidence = gather(written(tmp_path / "w", story.records), story.at)
    for form in forms.Form:
        text = forms.render(evidence, form)
        assert "hunter2" not in text, form
        assert "look: password=" in text.replace("\\", "")
        assert not {"\x1b", "\x07", "\u202e"} & set(text)


def changed(journal: Path, statement: str, *values: object) -> None:
    """Somebody changes a journal with a tool of their own."""
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        for (name,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute(f"drop trigger {name}")
        assert db.execute(statement, values).rowcount > 0


@pytest.mark.parametrize(
    "statement",
    [
        "update events set body = replace(body, '2.0', '6.6') where seq = 1",
        "update events set body = '{' where seq = 4",
        'update events set body = \'{"step":7,"who":[],"reference":{},"link":""}\' where seq = 4',
        "update events set kind = 'Nonsense' where seq = 4",
        "update events set actor = '[]' where seq = 4",
        "update events set at = 1e300 where seq = 4",
        "delete from events where seq = 5",
        "delete from events where seq = 1",
        "update events set body = replace(body, 'backup', 'no-such-step') where kind = 'RunRequested'",
    ],
)
def test_a_forged_journal_makes_a_report_that_says_so_in_every_form(tmp_path: Path, statement: str) -> None:
    story = rolled_back()
    directory = written(tmp_path / "w", story.records)
    changed(directory / JOURNAL, statement)
    evidence = gather(directory, story.at)
    assert not evidence.chain.verifies
    assert "does NOT verify" in evidence.complaints[0]
    assert len(evidence.timeline) == evidence.chain.events
    for form, words in {
        forms.Form.MARKDOWN: "DOES NOT VERIFY",
        forms.Form.HTML: "DOES NOT VERIFY",
        forms.Form.JSON: '"verifies": false',
    }.items():
        assert words in forms.render(evidence, form)


def test_an_event_that_cannot_be_read_stands_in_the_timeline(tmp_path: Path) -> None:
    story = Story().until("backup")
    directory = written(tmp_path / "w", story.records)
    changed(directory / JOURNAL, "update events set kind = 'Nonsense' where seq = 4")
    event = gather(directory, story.at).timeline[3]
    assert (event.event, event.kind, event.name) == (4, "unreadable", "Nonsense")
    assert event.words.startswith("CANNOT BE READ (Nonsense version 1): {")


def test_an_event_of_a_newer_version_is_no_forgery(tmp_path: Path) -> None:
    story = Story().until("backup")
    directory = written(tmp_path / "w", story.records)
    with mock.patch("state.report.evidence.source.recorded", side_effect=UnknownEvent("Novelty version 2")):
        evidence = gather(directory, story.at)
    assert evidence.chain.verifies and evidence.chain.problems == ()
    assert len(evidence.chain.left_out) == len(evidence.timeline) == len(story.records)
    (complaint,) = evidence.complaints
    assert "event 1: Novelty version 2" in complaint and "forged" not in complaint
    assert "left out: event 1: Novelty version 2" in forms.render(evidence, forms.Form.HTML)


def nothing_in_it(directory: Path) -> None:
    changed(directory / JOURNAL, "delete from events")


def no_journal(directory: Path) -> None:
    (directory / JOURNAL).write_bytes(b"rubbish\n" * 1000)


@pytest.mark.parametrize("damage", [nothing_in_it, no_journal])
def test_a_journal_that_gives_nothing_is_refused_in_a_sentence(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    directory = written(tmp_path / "w", Story().records)
    damage(directory)
    with pytest.raises(JournalError, match=r"\.$"):
        gather(directory, T0)


def test_without_readings_the_report_is_made_and_says_so(tmp_path: Path) -> None:
    story = Story().until("deploy")
    directory = written(tmp_path / "w", story.records)
    (directory / READINGS).write_bytes(b"rubbish\n" * 1000)
    evidence = gather(directory, story.at)
    assert evidence.chain.verifies and len(evidence.timeline) == len(story.records)
    assert "readings could not be read" in evidence.complaints[0]
    assert "readings could not be read" in forms.render(evidence, forms.Form.HTML)


def test_a_report_writes_nothing(tmp_path: Path) -> None:
    story = Story().until("deploy")
    directory = written(tmp_path / "w", story.records)
    observed(directory, 60)
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    gather(directory, story.at)
    after = {
        path.name: path.read_bytes()
        for path in directory.iterdir()
        if not path.name.endswith(("-shm", "-wal"))
    }
    assert after == before
