"""One console on one window: journal first, then act; and whatever dies, the next one goes on from there."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

import state
from state.console.session import Session
from state.deployment import runs
from state.events import (
    BackupExamined,
    ConsoleAttached,
    ConsoleLeft,
    Event,
    MigrationsListed,
    PolicyTaken,
    Recorded,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    RunSignalled,
    RunStarted,
    WindowOpened,
)
from state.fold import fold
from state.host.locks import is_held
from state.intents import AddNote, AttestStep, BeginStep, Declare, Refusal, StopRun
from state.journal.directory import JOURNAL, WATCH_LOCK
from state.journal.events import JournalError, JournalReader, JournalWriter
from state.window import RunState, StepState

from .place import DUMP, KIM, SAM, Place, must, ready_to_run, run, settle, wait_for

ROOT = Path(state.__file__).parents[1]


def journal(session: Session) -> list[Recorded]:
    reader = JournalReader(session.directory / JOURNAL)
    try:
        assert reader.problem() == ""
        return reader.after(0)
    finally:
        reader.close()


def kinds(session: Session) -> list[type[Event]]:
    return [type(recorded.event) for recorded in journal(session)]


def of(session: Session, kind: type[Event]) -> list[Event]:
    return [recorded.event for recorded in journal(session) if isinstance(recorded.event, kind)]


def test_a_whole_upgrade(place: Place) -> None:
    session = place.open()
    for step in ("window-approved", "backup-available", "ci-green", "rollback-owner"):
        if step == "backup-available":
            must(session, BeginStep(step))
            settle(session, step)
        else:
            must(session, AttestStep(step, "kim", f"REF-{step}"))
    backup = run(session, "backup")
    assert session.window.record("backup").state is StepState.RUNNING
    settle(session, "backup")
    assert session.window.backup is not None
    assert Path(session.window.backup.path).read_text() == DUMP
    assert session.window.backup.run == backup
    assert session.take_samples(session.window.runbook.step("baseline")) is None
    settle(session, "baseline")
    assert session.window.baseline is not None
    assert session.window.baseline.samples >= 3
    assert session.window.baseline.ready == "ready"
    run(session, "deploy")
    settle(session, "deploy")
    run(session, "migrate")
    settle(session, "migrate")
    assert session.window.applied == ("0002.sql",)
    must(session, BeginStep("health"))
    settle(session, "health")
    run(session, "smoke")
    settle(session, "smoke")
    assert session.take_samples(session.window.runbook.step("compare"), 1) is None
    settle(session, "compare")

    def declared() -> bool:
        session.tick()
        return session.declare("success", "", {}, {}) is None

    wait_for(declared)
    assert session.window.outcome == "success"
    assert session.window.exceptions == ()
    wait_for(lambda: not is_held(session.directory / WATCH_LOCK))
    assert not session.tick() or session.window.outcome == "success"
    assert isinstance(session.do(AddNote("", "too late")), Refusal)
    assert fold(journal(session)) == session.window
    ended = [event for event in of(session, RunEnded) if isinstance(event, RunEnded)]
    assert sorted(event.run for event in ended) == sorted(session.window.runs)
    assert len(of(session, BackupExamined)) == 2
    assert len(of(session, MigrationsListed)) == 1


# Opening and attaching


def test_a_new_window_is_journalled_before_anything_else(place: Place) -> None:
    session = place.open()
    assert kinds(session) == [WindowOpened, PolicyTaken, ConsoleAttached]
    assert (session.before.driver, session.window.driver is not None) == (None, True)
    assert session.window.policy.samples == 3
    assert session.directory.parent == place.state / "windows"


def test_a_second_console_is_refused_by_the_name_of_the_first(place: Place) -> None:
    session = place.open()
    refusal = place.attach(KIM)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "sam drives. Ask for the drive first."
    must(session, AddNote("", "still driving"))
    assert ConsoleAttached in kinds(session)
    assert kinds(session).count(ConsoleAttached) == 1


def test_leaving_and_coming_back(place: Place) -> None:
    first = place.open()
    must(first, AddNote("", "back soon"))
    first.leave()
    second = place.resume(KIM)
    assert second.before.driver is not None
    assert second.before.driver.left_at is not None
    assert kinds(second)[-2:] == [ConsoleLeft, ConsoleAttached]
    assert second.window.driver is not None
    assert (second.window.driver.actor, second.window.driver.epoch) == (KIM, 3)
    assert [note.text for note in second.window.notes] == ["back soon"]


def test_a_policy_that_changed_is_taken_once(place: Place) -> None:
    place.open().leave()
    toml = place.root / "drawbridge.toml"
    toml.write_text(toml.read_text().replace("samples = 3", "samples = 4"))
    session = place.resume()
    assert session.window.policy.samples == 4
    session.leave()
    session = place.resume()
    assert kinds(session).count(PolicyTaken) == 2


def test_a_damaged_journal_is_not_driven(place: Place) -> None:
    session = place.open()
    session.leave()
    link = sqlite3.connect(session.directory / JOURNAL, isolation_level=None)
    link.execute("drop trigger events_keep")
    link.execute("update events set actor = replace(actor, 'sam', 'kim') where seq = 2")
    link.close()
    with pytest.raises(JournalError, match=r"event 2 .PolicyTaken. was changed.*Keep a copy"):
        place.attach()


# Words


def test_what_is_typed_is_cleaned_before_it_is_kept(place: Place) -> None:
    session = place.open()
    must(session, AddNote("", "  see\x1b[31m red\x07 password=hunter2hunter2 \n"))
    must(session, AttestStep("window-approved", "kim", "CHG-1 \u202e", "https://u:geheim99@x/y"))
    content = b"".join(path.read_bytes() for path in session.directory.glob(f"{JOURNAL}*"))
    assert b"hunter2" not in content
    assert b"geheim99" not in content
    assert [note.text for note in session.window.notes] == ["see red^G password=***"]
    attested = session.window.record("window-approved").attested
    assert attested is not None
    assert attested.reference == "CHG-1 <U+202E>"


def test_a_plan_says_all_and_shows_no_secret(place: Place) -> None:
    session = ready_to_run(place, "backup")
    plan = session.plan(session.window.runbook.step("backup"))
    assert plan is not None
    assert plan.argv == ("make", "db-backup")
    assert plan.directory == place.site
    assert plan.variables["PGPASSWORD"] == "hunter2hunter2"
    assert "hunter2hunter2" not in str(plan.shown)
    assert plan.shown["BACKUP_PATH"] == plan.variables["BACKUP_PATH"]
    assert Path(plan.variables["BACKUP_PATH"]).parent == place.backups
    assert plan.last_took is None
    assert session.start(plan) is None
    settle(session, "backup")
    again = session.plan(session.window.runbook.step("backup"))
    assert again is not None
    assert again.last_took is not None
    assert 0 <= again.last_took < 20
    assert session.plan(session.window.runbook.step("ci-green")) is None
    assert session.plan(session.window.runbook.step("health")) is None
    content = b"".join(path.read_bytes() for path in session.directory.glob(f"{JOURNAL}*"))
    assert b"hunter2" not in content


# Runs


def test_an_outcome_is_journalled_once(place: Place) -> None:
    session = ready_to_run(place)
    number = run(session, "deploy")
    assert kinds(session)[-2:] == [RunRequested, RunStarted]
    settle(session, "deploy")
    for _ in range(5):
        session.tick()
    assert len(of(session, RunEnded)) == 1
    found = session.window.runs[number]
    assert (found.state, found.exit_code, found.by) == (RunState.ENDED, 0, "sam")
    assert (place.site / "deployed").read_text() == "deployed\n"


def test_a_failing_target_says_why(place: Place) -> None:
    (place.site / "status").write_text("3")
    session = ready_to_run(place, "migrate")
    run(session, "migrate")
    settle(session, "migrate", StepState.FAILED)
    record = session.window.record("migrate")
    assert record.problem.startswith("Migrations are up to date. · make: *** [Makefile:")
    assert session.window.applied == ("0002.sql",)


def test_what_is_refused_is_not_started(place: Place) -> None:
    session = place.open()
    plan = session.plan(session.window.runbook.step("deploy"))
    assert plan is not None
    before = len(journal(session))
    assert isinstance(session.start(plan), Refusal)
    assert len(journal(session)) == before
    assert list((session.directory / "runs").iterdir()) == []


def test_without_a_journal_nothing_is_started(place: Place) -> None:
    session = ready_to_run(place)
    plan = session.plan(session.window.runbook.step("deploy"))
    assert plan is not None
    JournalWriter(session.directory / JOURNAL, KIM, time.time()).close()
    refusal = session.start(plan)
    assert isinstance(refusal, Refusal)
    assert "Another console has taken over" in refusal.reason
    assert list((session.directory / "runs").iterdir()) == []
    assert RunRequested not in kinds(session)
    assert session.window.open_run is None


def test_a_request_is_on_disk_before_the_process_is_there(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = ready_to_run(place)
    seen: list[type[Event]] = []
    really = runs.start

    def watched(directory: Path, *rest: object) -> None:
        seen.extend(kinds(session)[-1:])
        assert not directory.exists()
        assert int(directory.name) == len(journal(session))
        really(directory, *rest)

    monkeypatch.setattr(runs, "start", watched)
    run(session, "deploy")
    assert seen == [RunRequested]
    settle(session, "deploy")


def test_a_command_that_cannot_start_is_over_at_once(place: Place) -> None:
    session = ready_to_run(place)
    plan = session.plan(session.window.runbook.step("deploy"))
    assert plan is not None
    (session.directory / "runs").rmdir()
    refusal = session.start(plan)
    (session.directory / "runs").mkdir(mode=0o700)
    assert isinstance(refusal, Refusal)
    assert "cannot be written" in refusal.reason
    assert kinds(session)[-2:] == [RunRequested, RunNotStarted]
    assert session.window.record("deploy").state is StepState.FAILED
    run(session, "deploy")
    settle(session, "deploy")


def test_the_facts_of_a_run_are_kept_together_or_not_at_all(place: Place) -> None:
    session = ready_to_run(place, "migrate")
    link = sqlite3.connect(session.directory / JOURNAL, isolation_level=None)
    link.execute(
        "create trigger no_end before insert on events when new.kind = 'RunEnded'"
        " begin select raise(abort, 'the disk is full'); end"
    )
    number = run(session, "migrate")
    wait_for(lambda: (session.run_directory(number) / "exit").exists())
    with pytest.raises(JournalError, match="the disk is full"):
        wait_for(session.tick)
        wait_for(lambda: session.tick() and False)
    assert MigrationsListed not in kinds(session)
    assert session.window.runs[number].migrations is None
    link.execute("drop trigger no_end")
    settle(session, "migrate")
    assert kinds(session)[-2:] == [MigrationsListed, RunEnded]
    assert kinds(session).count(MigrationsListed) == 1


def test_stopping_a_run(place: Place) -> None:
    (place.site / "hold").touch()
    session = ready_to_run(place)
    number = run(session, "deploy")
    wait_for(lambda: runs.log_tail(session.run_directory(number), 5) == ["deploying"])
    must(session, StopRun(number))
    settle(session, "deploy", StepState.FAILED)
    assert of(session, RunSignalled) == [RunSignalled(number, "INT")]
    assert session.window.runs[number].exit_code in {2, 130}
    assert not (place.site / "deployed").exists()


# A console that died


_DRIVING = """
import signal, sys
from pathlib import Path
from state.events import Actor
from state.console.opening import attach, policy_of
from state.settings import load

settings = load(Path(sys.argv[1]))
session = attach(Path(sys.argv[2]), settings, policy_of(settings), Actor("lee", "lee", "bastion"))
plan = session.plan(session.window.runbook.step("deploy"))
assert session.start(plan) is None
print("started", flush=True)
signal.pause()
"""


def _killed_while_driving(place: Place, session: Session) -> None:
    """Another console takes the drive, starts the deploy, and is killed."""
    session.leave()
    with subprocess.Popen(
        [sys.executable, "-c", _DRIVING, str(place.root / "drawbridge.toml"), str(session.directory)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as console:
        assert console.stdout is not None
        assert console.stdout.readline() == "started\n"
        refusal = place.attach()
        os.kill(console.pid, signal.SIGKILL)
        console.wait(timeout=10)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == "lee drives. Ask for the drive first."


@pytest.mark.parametrize("ends", ["before", "after"])
def test_the_next_console_finds_what_the_killed_one_started(place: Place, ends: str) -> None:
    hold = place.site / "hold"
    hold.touch()
    session = ready_to_run(place)
    _killed_while_driving(place, session)
    if ends == "before":
        hold.unlink()
        wait_for(lambda: (place.site / "deployed").exists())
    session = place.resume(typed="lee")
    session.tick()
    if ends == "after":
        assert session.window.record("deploy").state is StepState.RUNNING
        hold.unlink()
    settle(session, "deploy")
    assert session.window.driver is not None
    assert session.window.driver.actor == SAM
    assert kinds(session).count(RunRequested) == kinds(session).count(RunEnded) == 1
    assert (place.site / "deployed").read_text() == "deployed\n"
    facts = session.interruption()
    assert not facts.deliberate
    assert facts.by == "lee"
    assert [found.exit_code for found in facts.runs] == [0]
    assert facts.undecided == ()


def test_a_request_without_a_directory_was_never_started(place: Place) -> None:
    session = ready_to_run(place)
    session.leave()
    writer = JournalWriter(session.directory / JOURNAL, KIM, time.time())
    writer.append([RunRequested("deploy", ("make", "deploy"), str(place.site))], time.time())
    writer.close()
    session = place.resume()
    assert session.window.record("deploy").state is StepState.RUNNING
    session.tick()
    assert session.window.record("deploy").state is StepState.FAILED
    assert "Nothing has run" in session.window.record("deploy").problem
    assert not (place.site / "deployed").exists()
    assert of(session, RunNotStarted)
    run(session, "deploy")
    settle(session, "deploy")


def test_a_killed_run_is_lost_and_nobody_guesses(place: Place) -> None:
    (place.site / "hold").touch()
    session = ready_to_run(place)
    number = run(session, "deploy")
    wait_for(lambda: runs.log_tail(session.run_directory(number), 5) == ["deploying"])
    os.killpg(int((session.run_directory(number) / "pid").read_text()), signal.SIGKILL)
    settle(session, "deploy", StepState.UNKNOWN)
    assert len(of(session, RunLost)) == 1
    assert isinstance(session.do(BeginStep("health")), Refusal)
    must(session, AttestStep("deploy", "kim", "finished by hand"))
    assert [granted.subject for granted in session.window.exceptions if granted.subject == "deploy"]


def test_an_examination_that_was_cut_is_done_by_the_next_console(place: Place) -> None:
    session = ready_to_run(place, "backup")
    number = run(session, "backup")
    wait_for(
        lambda: runs.probe(session.run_directory(number), time.time()).standing is runs.Standing.FINISHED
    )
    while session.window.record("backup").state is not StepState.CHECKING:
        session.tick()
    session.close()
    session = place.resume()
    assert session.window.record("backup").state is StepState.CHECKING
    settle(session, "backup")
    assert len(of(session, BackupExamined)) == 1


def test_a_cut_backup_is_a_failed_step(place: Place) -> None:
    (place.site / "dump.sql").write_text(DUMP[:40])
    session = ready_to_run(place, "backup")
    run(session, "backup")
    settle(session, "backup", StepState.FAILED)
    assert "cut short" in session.window.record("backup").problem
    assert session.window.backup is None


def test_abandoning_ends_the_watch(place: Place) -> None:
    session = place.open()
    session.tick()
    wait_for(lambda: session.tick() and is_held(session.directory / WATCH_LOCK))
    must(session, Declare("abandoned", (), {}, "no time left"))
    wait_for(lambda: not is_held(session.directory / WATCH_LOCK))
    session.leave()
    assert ConsoleLeft not in kinds(session)


def test_the_watch_goes_on_and_does_not_drive(place: Place) -> None:
    session = place.open()
    wait_for(lambda: session.tick() and is_held(session.directory / WATCH_LOCK))
    must(session, AddNote("", "off"))
    session.leave()
    assert isinstance(place.attach(KIM), Session)
    assert is_held(session.directory / WATCH_LOCK)


def test_frozen_and_taken_over(place: Place) -> None:
    """A console whose lock was lost is refused by the journal itself."""
    session = place.open()
    JournalWriter(session.directory / JOURNAL, KIM, time.time()).close()
    refusal = session.do(AddNote("", "late"))
    assert isinstance(refusal, Refusal)
    assert "Another console has taken over" in refusal.reason
    assert session.window.notes == ()
    with pytest.raises(JournalError, match="taken over"):
        session.leave()
    assert isinstance(place.attach(), Session)
