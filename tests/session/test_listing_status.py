"""The list of windows, where one stands as JSON, and what happened while nobody looked."""

import fcntl
import json
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from state.console.interruption import describe
from state.deployment.runs import boot_id
from state.events import (
    Actor,
    ConsoleAttached,
    ConsoleLeft,
    Event,
    Recorded,
    RollbackBegun,
    RunEnded,
    RunLost,
    RunRequested,
    RunStarted,
    StepAttested,
    StepBegun,
    WindowDeclared,
    WindowOpened,
)
from state.fold import evolve, fold
from state.host.locks import is_held
from state.intents import AddNote, AttestStep, Declare, SkipStep
from state.journal.directory import JOURNAL, WATCH_LOCK
from state.journal.events import JournalWriter
from state.listing import listed
from state.readings import METRICS, Ask, Observed, Reading, ReadingClass, Span
from state.report.moments import iso
from state.report.short import as_line
from state.report.status import as_json, as_text
from state.report.windows import as_json as windows_json
from state.report.windows import as_line as windows_line
from state.view import View
from state.window import ROLLED_BACK, Window

from .place import SAM, Place, attest_preconditions, must, run, settle, wait_for

T0 = 1_770_000_000.0
LEE = Actor("lee", "lee", "bastion")


@contextmanager
def viewed(directory: Path) -> Iterator[View]:
    with closing(View(directory)) as view:
        view.refresh(time.time())
        yield view


def document(directory: Path) -> dict[str, Any]:
    with viewed(directory) as view:
        found: dict[str, Any] = json.loads(json.dumps(as_json(view), allow_nan=False))
        return found


# Status


KEYS = {
    "window",
    "environment",
    "release",
    "previous_release",
    "phase",
    "outcome",
    "step",
    "steps",
    "driver",
    "observers",
    "run",
    "health",
    "backlog",
    "gates",
    "triggers",
    "exceptions",
    "watch",
}


def test_the_document_of_a_new_window_has_every_key(place: Place) -> None:
    session = place.open()
    found = document(session.directory)
    assert set(found) >= KEYS
    assert found["step"] == {"id": "window-approved", "title": "Window approved", "state": "todo"}
    assert len(found["steps"]) == 12
    assert all(set(step) >= {"id", "phase", "title", "state", "by", "at"} for step in found["steps"])
    assert set(found["health"]) >= {"live", "ready", "ready_for_seconds", "age_seconds"}
    assert set(found["watch"]) >= {"alive", "since"}
    assert (found["phase"], found["outcome"], found["run"]) == ("preconditions", None, None)
    assert found["watch"]["alive"] is False
    assert [row["metric"] for row in found["backlog"]] == [metric.key for metric in METRICS]
    for row in found["backlog"]:
        assert set(row) >= {"metric", "baseline", "current", "delta", "state", "reason"}
        assert (row["current"], row["state"]) == (None, "NO_DATA")
    assert [gate["id"] for gate in found["gates"]] == ["readiness", "budget", "backlog"]
    assert found["driver"]["operator"] == "sam"
    assert found["driver"]["alive"] is True


def test_the_document_tells_the_story(place: Place) -> None:
    session = place.open()
    attest_preconditions(session)
    for step in ("backup", "baseline"):
        must(session, SkipStep(step, "rehearsed"))
    number = run(session, "deploy")
    settle(session, "deploy")
    wait_for(lambda: session.tick() and is_held(session.directory / WATCH_LOCK))
    wait_for(lambda: document(session.directory)["health"]["ready"] == "ready")
    found = document(session.directory)
    assert (found["phase"], found["step"]["id"]) == ("upgrade", "migrate")
    assert found["run"]["id"] == number
    assert (found["run"]["target"], found["run"]["state"], found["run"]["exit_code"]) == (
        "make deploy",
        "ended",
        0,
    )
    assert Path(found["run"]["log"]).read_text().startswith("deploying")
    assert found["run"]["started"].endswith("+00:00")
    assert found["watch"]["alive"] is True
    # The newest backup was attested and not seen: that is an exception as well.
    assert [granted["subject"] for granted in found["exceptions"]] == [
        "backup-available",
        "backup",
        "baseline",
    ]
    states = {step["id"]: step["state"] for step in found["steps"]}
    assert (states["backup"], states["deploy"], states["migrate"]) == ("skipped", "done", "todo")
    with viewed(session.directory) as view:
        assert as_line(view).startswith("production 2.0 · upgrade: Apply the migrations (todo) · ready · ")
        assert as_line(view).endswith(" · 3 exceptions")
        assert "\n" not in as_line(view)
        text = as_text(view)
    assert "skipped   Back up the database · sam" in text
    assert "no console drives it" not in text


def test_a_window_that_is_closed_or_left(place: Place) -> None:
    session = place.open()
    session.leave()
    assert document(session.directory)["driver"]["alive"] is False
    with viewed(session.directory) as view:
        assert "no console drives it: `drawbridge` goes on where it stands" in as_text(view)
    session = place.resume()
    must(session, Declare("abandoned", (), {}, "no time"))
    session.leave()
    found = document(session.directory)
    assert (found["phase"], found["outcome"]) == ("closed", "abandoned")
    assert found["closed"] is not None
    with viewed(session.directory) as view:
        assert "closed: abandoned" in as_line(view)
        assert "no console drives it" not in as_text(view)


def test_a_restore_whose_end_no_console_saw_is_not_said_to_go_on(tmp_path: Path) -> None:
    directory = window(tmp_path, "2026-05")
    writer = JournalWriter(directory / JOURNAL, SAM, T0 + 1)
    restore = RunRequested("restore", ("make", "db-restore"), "/srv", {"RESTORE_PATH": "/b/own.sql"}, "", "")
    writer.append([restore], T0 + 2)
    writer.append([RunStarted(2)], T0 + 3)
    writer.close()
    kept = directory / "runs" / "2"
    kept.mkdir(parents=True)
    (kept / "command.json").write_text(json.dumps({"boot": boot_id()}))
    (kept / "pid").write_text("1")
    with viewed(directory) as view:
        said = as_text(view)
    assert (
        "THE DATABASE MAY BE EMPTY: make db-restore was killed; how far it came is unknown (not yet" in said
    )
    assert "is being restored" not in said
    (kept / "exit").write_text("0")
    os.utime(kept / "exit", (T0 + 9, T0 + 9))
    with viewed(directory) as view:
        said = as_text(view)
    ended = "make db-restore has ended with exit status 0 at 02:40:09 UTC (not yet in the journal)"
    assert f"{ended}. Open the console" in said and f"run 2 {ended}; log: " in said
    assert "is running" not in said


def test_a_run_that_ended_while_no_console_was_there_is_not_called_running(tmp_path: Path) -> None:
    directory = window(tmp_path, "2026-05")
    writer = JournalWriter(directory / JOURNAL, SAM, T0 + 1)
    for step, reference in (("window-approved", "CHG-1"), ("backup-available", "b"), ("ci-green", "4711")):
        writer.append([StepAttested(step, "sam", reference, "")], T0 + 2)
    writer.append([StepAttested("rollback-owner", "kim", "kim", "")], T0 + 2)
    writer.append([RunRequested("backup", ("make", "db-backup"), "/srv", {}, "", "")], T0 + 3)
    run = 6
    writer.append([RunStarted(run)], T0 + 3)
    writer.close()
    kept = directory / "runs" / str(run)
    kept.mkdir(parents=True)
    (kept / "command.json").write_text(json.dumps({"boot": boot_id()}))
    (kept / "pid").write_text("1")
    with (kept / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = document(directory)
        assert (found["run"]["id"], found["run"]["state"], found["run"]["in_journal"]) == (
            run,
            "running",
            True,
        )
        assert found["step"] == {"id": "backup", "title": "Back up the database", "state": "running"}
        (one,) = listed(tmp_path)
        assert windows_line(one).split("  ")[3] == "make db-backup is running"
    for name, status, state, short in (
        ("exit", 2, "ended", "ended with exit status 2, not yet in the journal"),
        ("gone", None, "lost", "lost, not yet in the journal"),
    ):
        (kept / "exit").unlink(missing_ok=True)
        (kept / name).write_text("2")
        os.utime(kept / name, (T0 + 9, T0 + 9))
        before = sorted(
            (path, path.stat().st_mtime_ns) for path in directory.rglob("*") if "db-" not in path.name
        )
        found = document(directory)
        assert found["step"]["state"] == state
        assert (found["run"]["state"], found["run"]["exit_code"], found["run"]["in_journal"]) == (
            state,
            status,
            False,
        )
        assert found["run"]["ended"] == (iso(T0 + 9) if status is not None else None)
        assert found["run"]["silent_seconds"] is None
        with viewed(directory) as view:
            line, text = as_line(view), as_text(view)
        assert f"Back up the database ({short})" in line
        assert f"  {state:<9} Back up the database" in text and "running" not in text
        (one,) = listed(tmp_path)
        assert f"make db-backup {short}" in windows_line(one)
        told = windows_json(one)["run"]
        assert (told["state"], told["exit_code"], told["in_journal"]) == (state, status, False)
        after = sorted(
            (path, path.stat().st_mtime_ns) for path in directory.rglob("*") if "db-" not in path.name
        )
        assert after == before


def test_a_window_that_turned_back_waits_for_no_step_of_the_upgrade(tmp_path: Path) -> None:
    directory = window(tmp_path, "2026-05")
    writer = JournalWriter(directory / JOURNAL, SAM, T0 + 1)
    writer.append([StepBegun("health"), RollbackBegun("binaries", "not ready", "A", (), "", "")], T0 + 2)
    writer.append([WindowDeclared(ROLLED_BACK, "", ())], T0 + 3)
    writer.close()
    states = {step["id"]: step["state"] for step in document(directory)["steps"]}
    assert {states[step] for step in ("deploy", "health", "declare", "communicate")} == {"not_done"}
    assert {states[step] for step in ("root-cause", "risk-log", "drill")} == {"todo"}
    with viewed(directory) as view:
        assert "  not done  Deploy the binaries" in as_text(view)
        assert "  todo      Root cause" in as_text(view)
    (one,) = listed(tmp_path)
    assert "  rolled back · follow-up  " in windows_line(one)
    assert (windows_json(one)["state"], windows_json(one)["phase"]) == ("rolled back", "follow_up")


def test_looking_writes_nothing(place: Place) -> None:
    session = place.open()
    before = {path: path.read_bytes() for path in session.directory.glob("journal.db*")}
    document(session.directory)
    after = {path: path.read_bytes() for path in session.directory.glob("journal.db*")}
    assert after.keys() == before.keys()
    assert after[session.directory / JOURNAL] == before[session.directory / JOURNAL]


def test_times_are_iso_in_utc() -> None:
    assert iso(0.0) == "1970-01-01T00:00:00.000+00:00"
    assert iso(None) is None


# Listing


def window(state: Path, name: str, *, closed: bool = False) -> Path:
    directory = state / "windows" / name
    directory.mkdir(parents=True)
    writer = JournalWriter(directory / JOURNAL, SAM, T0)
    writer.append([WindowOpened(name, "production", "2.0", "1.9", None)], T0)
    if closed:
        writer.append([WindowDeclared("success", "", ())], T0 + 1)
    writer.close()
    return directory


def test_open_windows_come_first_and_the_newest_of_them(tmp_path: Path) -> None:
    for name, closed in (("2026-01", True), ("2026-02", False), ("2026-03", True), ("2026-04", False)):
        window(tmp_path, name, closed=closed)
    assert [one.directory.name for one in listed(tmp_path)] == ["2026-04", "2026-02", "2026-03", "2026-01"]
    assert not any(one.driven or one.problem for one in listed(tmp_path))
    assert listed(tmp_path / "gone") == ()


def test_windows_that_cannot_be_read_are_listed_with_their_reason(tmp_path: Path) -> None:
    window(tmp_path, "2026-01", closed=True)
    (tmp_path / "windows" / "2026-02").mkdir()
    (tmp_path / "windows" / "2026-03").mkdir()
    (tmp_path / "windows" / "2026-03" / JOURNAL).write_text("hello " * 100)
    newer = window(tmp_path, "2026-04")
    with closing(sqlite3.connect(newer / JOURNAL)) as link:
        link.execute("pragma user_version = 99")
    other = window(tmp_path, "2026-05")
    writer = JournalWriter(other / JOURNAL, SAM, T0)
    writer.append([StepBegun("melt")], T0)
    writer.close()
    found = {one.directory.name: one for one in listed(tmp_path)}
    assert found["2026-01"].window is not None
    assert found["2026-05"].window is None
    assert "Open the window with the Drawbridge that wrote it." in found["2026-05"].problem
    for name in ("2026-02", "2026-03", "2026-04"):
        assert found[name].window is None
        assert str(found[name].directory) in found[name].problem
    assert "newer Drawbridge" in found["2026-04"].problem


def test_a_window_that_is_driven(place: Place) -> None:
    session = place.open()
    assert [one.driven for one in listed(place.state)] == [True]
    session.leave()
    assert [one.driven for one in listed(place.state)] == [False]


# Interruption


def told(*events: tuple[float, Event], actor: Actor = LEE, window: Window | None = None) -> Window:
    window = window or fold([])
    for at, event in events:
        window = evolve(window, Recorded(window.seq + 1, 1, T0 + at, actor, event))
    return window


def before_it() -> Window:
    return told(
        (0, WindowOpened("w", "production", "2.0", "1.9", None)),
        (1, ConsoleAttached(7)),
        (2, RunRequested("backup", ("make", "db-backup"), "/srv")),
        (3, RunStarted(3)),
        (9, RunEnded(3, 0, T0 + 8)),
        (10, RunRequested("deploy", ("make", "deploy"), "/srv")),
        (11, RunStarted(6)),
    )


def ready(first: float, last: float, reading_class: ReadingClass, replica: str = "a") -> Span:
    return Span(Ask.READY, replica, reading_class, T0 + first, T0 + last, 9)


def test_what_ran_on_is_told_whenever_it_ended() -> None:
    """It may have ended between the kill and the moment at which the watch took note of that."""
    before = before_it()
    after = told((300, RunEnded(6, 2, T0 + 100.2)), window=before)
    facts = describe(before, after, Observed(), T0 + 101, T0 + 300)
    assert [(one.id, one.exit_code) for one in facts.runs] == [(6, 2)]
    assert (facts.by, facts.deliberate, facts.since) == ("lee", False, T0 + 101)
    assert facts.undecided == ("Deploy the binaries",)


def test_a_lost_run_must_be_decided() -> None:
    before = before_it()
    after = told((300, RunLost(6, "killed")), window=before)
    facts = describe(before, after, Observed(), T0 + 11, T0 + 300)
    assert [one.id for one in facts.runs] == [6]
    assert facts.undecided == ("Deploy the binaries",)


def test_nothing_ran_and_nothing_is_unclear() -> None:
    before = told(
        (0, WindowOpened("w", "production", "2.0", "1.9", None)), (1, ConsoleAttached(7)), (5, ConsoleLeft())
    )
    facts = describe(before, before, Observed(), T0 + 5, T0 + 65)
    assert (facts.deliberate, facts.runs, facts.undecided, facts.moved) == (True, (), (), ())
    assert (facts.not_ready, facts.unread) == (0.0, 60.0)


def test_readiness_of_the_worst_replica_and_what_nobody_read() -> None:
    spans = (
        ready(0, 40, ReadingClass.OK),
        ready(40, 70, ReadingClass.NOT_READY),
        ready(70, 100, ReadingClass.DEGRADED),
        ready(0, 50, ReadingClass.OK, "b"),
        ready(50, 60, ReadingClass.REFUSED, "b"),
    )
    facts = describe(before_it(), before_it(), Observed(ready_spans=spans), T0 + 20, T0 + 100)
    assert facts.not_ready == pytest.approx(30.0)
    assert facts.unread == pytest.approx(40.0)


def ops(at: float, **values: int) -> Reading:
    return Reading(Ask.OPS, "a", T0 + at, ReadingClass.OK, values=values)


def test_metrics_that_moved() -> None:
    readings = (
        ops(5, pendingOutboxEvents=3, failedSearchJobs=0),
        ops(15, pendingOutboxEvents=4, failedSearchJobs=0),
        Reading(Ask.OPS, "a", T0 + 95, ReadingClass.TIMEOUT),
        ops(90, pendingOutboxEvents=9, failedSearchJobs=0),
    )
    facts = describe(before_it(), before_it(), Observed(ops=readings), T0 + 10, T0 + 100)
    assert facts.moved == (("pending outbox", 3.0, 9.0),)
    facts = describe(before_it(), before_it(), Observed(ops=readings[1:]), T0 + 10, T0 + 100)
    assert facts.moved == (("pending outbox", 4.0, 9.0),)
    assert describe(before_it(), before_it(), Observed(), T0, T0 + 9).moved == ()


def test_notes_and_evidence_in_the_text_stay_on_one_line(place: Place) -> None:
    session = place.open()
    must(session, AttestStep("window-approved", "kim", "CHG-1\nCHG-2"))
    must(session, AddNote("", "two\nlines"))
    with viewed(session.directory) as view:
        lines = as_text(view).splitlines()
    assert len(lines) == 2 + 12 + 3
