"""The console is killed at every step: nothing is lost, doubled or guessed, and the next one goes on."""

import time
from collections import Counter
from collections.abc import Callable

import pytest

from state.events import (
    BackupExamined,
    ConsoleAttached,
    ConsoleLeft,
    MigrationsListed,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    RunStarted,
    SamplingBegun,
    SnapshotRecorded,
    StepAttested,
    StepBegun,
    StepPassed,
    WindowDeclared,
)
from state.host.locks import is_held
from state.journal.directory import RUNS, WATCH_LOCK

from .operator_at_work import Operator
from .terminal import until

pytestmark = pytest.mark.tmux


def test_killed_at_every_step_the_upgrade_still_goes_through(rehearse: Callable[..., Operator]) -> None:
    operator = rehearse("smooth", pace=0.3)
    operator.open_window()

    # Before anything was done.
    operator.kill_console()
    assert "interrupted" in operator.resume()
    assert operator.agree()["step"] == {
        "id": "window-approved",
        "title": "Window approved",
        "state": "todo",
    }

    # With a dialog open, and words in it that nobody has confirmed.
    operator.enter("window-approved")
    operator.next_field()
    operator.terminal.type("CHG-1042")
    operator.terminal.wait_for("CHG-1042")
    operator.kill_console()
    operator.resume()
    assert operator.step("window-approved")["state"] == "todo"
    assert "CHG-1042" not in operator.terminal.screen()
    for step in ("window-approved", "backup-available", "ci-green", "rollback-owner"):
        operator.do(step)

    kill_during_backup(operator)
    kill_during_sampling(operator)
    kill_during_deploy(operator)
    kill_during_migration(operator)
    kill_during_health(operator)
    operator.do("smoke")
    operator.do("compare")

    # With the declaration on the screen.
    operator.enter("declare", "Declare the outcome")
    operator.kill_console()
    operator.resume()
    assert operator.status()["outcome"] is None
    operator.do("declare")
    operator.terminal.wait_for(r"closed · success")
    assert operator.agree()["outcome"] == "success"
    assert_nothing_lost_or_doubled(operator)


def kill_during_backup(operator: Operator) -> None:
    operator.start_run("backup")
    run = operator.await_running("backup")
    operator.kill_console()
    operator.assert_runs_on(run)
    code, log = operator.await_exit(run)
    assert code == 0
    assert log.startswith("Creating Postgres backup") and "Backup completed:" in log
    # Nobody drives, so nobody has written the end down, nor perhaps the start.
    status = operator.status()
    assert (status["run"]["state"], status["run"]["exit_code"]) == ("ended", 0)
    assert status["run"]["in_journal"] is False
    assert not status["driver"]["alive"]
    card = operator.resume()
    assert f"run {run} make db-backup: ended" in card and "with exit status 0" in card
    operator.await_step("backup")
    assert len(operator.ends_of(run)) == 1
    assert [e.problem for e in operator.events(BackupExamined) if e.run == run] == [""]
    operator.agree()


def kill_during_sampling(operator: Operator) -> None:
    operator.take_samples("baseline")
    operator.terminal.wait_for(r"[01] of 3 samples")
    operator.kill_console()
    assert operator.events(SnapshotRecorded) == []
    assert is_held(operator.window / WATCH_LOCK)
    operator.resume()
    operator.await_step("baseline")
    operator.agree()
    # The watch went on taking them while nobody counted.
    (snapshot,) = operator.events(SnapshotRecorded)
    assert (snapshot.step, snapshot.samples >= 3) == ("baseline", True)


def kill_during_deploy(operator: Operator) -> None:
    operator.start_run("deploy")
    run = operator.await_running("deploy")
    operator.kill_console()
    operator.assert_runs_on(run)
    card = operator.resume()
    # It may have come to its end while the console started.
    assert f"run {run} make deploy: " in card
    operator.await_step("deploy", seconds=40)
    code, log = operator.await_exit(run)
    assert (code, len(operator.ends_of(run))) == (0, 1)
    assert log.startswith("Stopping api-1") and log.rstrip().endswith("is running.")
    operator.agree()


def kill_during_migration(operator: Operator) -> None:
    operator.start_run("migrate")
    run = operator.await_running("migrate")
    operator.kill_console()
    operator.assert_runs_on(run)
    code, log = operator.await_exit(run)
    assert code == 0
    assert log.rstrip().endswith("Migrations are up to date.")
    card = operator.resume()
    assert f"run {run} make db-migrate: ended" in card and "nothing is left unclear" in card
    operator.await_step("migrate")
    (listed,) = operator.events(MigrationsListed)
    assert listed.complete and not listed.interrupted
    assert [f"Applying {name}..." in log for name in listed.applied] == [True] * len(listed.applied)
    assert len(listed.applied) == log.count("Applying ")
    assert operator.agree()["run"]["migrations"] == list(listed.applied)


def kill_during_health(operator: Operator) -> None:
    operator.select("health")
    operator.terminal.send("Enter")
    operator.await_step("health", "begun")
    operator.kill_console()
    assert operator.events(StepPassed) == []
    operator.resume()
    operator.await_step("health", seconds=40)
    operator.agree()
    assert [passed.step for passed in operator.events(StepPassed)] == ["health"]


def assert_nothing_lost_or_doubled(operator: Operator) -> None:
    """Of everything that happened the journal has exactly one record."""
    recorded = operator.recorded()
    requested = [one for one in recorded if isinstance(one.event, RunRequested)]
    assert [one.event.step for one in requested if isinstance(one.event, RunRequested)] == [
        "ci-green",
        "backup",
        "deploy",
        "migrate",
        "smoke",
    ]
    ids = [one.seq for one in requested]
    assert [end.run for end in operator.events(RunEnded)] == ids
    assert {path.name for path in (operator.window / RUNS).iterdir()} == {str(run) for run in ids}
    assert operator.events(RunLost) == [] and operator.events(RunNotStarted) == []
    counted = Counter(type(one.event) for one in recorded)
    # Begun are the look at the newest backup and the wait for health.
    expected = {StepAttested: 2, SamplingBegun: 2, SnapshotRecorded: 2, StepBegun: 2, StepPassed: 1}
    assert {kind: counted[kind] for kind in expected} == expected
    assert (counted[ConsoleAttached], counted[ConsoleLeft], counted[WindowDeclared]) == (9, 0, 1)
    # Every console was an epoch of its own, after the one that made the window.
    assert sorted({one.epoch for one in recorded}) == list(range(1, 11))


def test_killed_while_a_run_begins_it_is_never_doubled(rehearse: Callable[..., Operator]) -> None:
    operator = rehearse("smooth")
    operator.open_window()
    for step in ("window-approved", "backup-available"):
        operator.do(step)
    for delay in (0.0, 0.02, 0.06, 0.15, 0.3):
        before = len(operator.events(RunRequested))
        operator.enter("ci-green")
        operator.go_to("Run again" if before else "Start")
        operator.terminal.send("Enter")
        time.sleep(delay)  # not a wait: the instants to be tried
        operator.kill_console()
        requested = len(operator.events(RunRequested))
        assert requested in (before, before + 1)
        operator.resume()
        until(lambda requested=requested: len(ends(operator)) == requested, "the run has no end")
    assert_each_ran_once_or_never(operator)


def ends(operator: Operator) -> list[RunEnded | RunNotStarted | RunLost]:
    """How the runs ended, in the journal's order."""
    kinds = (RunEnded, RunNotStarted, RunLost)
    return [one.event for one in operator.recorded() if isinstance(one.event, kinds)]


def assert_each_ran_once_or_never(operator: Operator) -> None:
    """Every run that was asked for has one end, which its directory bears out."""
    requested = [one.seq for one in operator.recorded() if isinstance(one.event, RunRequested)]
    assert requested, "no console lived long enough to ask for a run: this shows nothing"
    assert [end.run for end in ends(operator)] == requested
    for end in ends(operator):
        directory = operator.window / RUNS / str(end.run)
        if isinstance(end, RunNotStarted):
            assert not (directory / "pid").exists()
        else:
            assert isinstance(end, RunEnded) and end.exit_code == 0
            assert (directory / "log").read_text().count("build 4711") == 1
    # A console that is killed may not come to note the start.
    started = Counter(event.run for event in operator.events(RunStarted))
    assert all(count == 1 for count in started.values())
    made = {int(path.name) for path in (operator.window / RUNS).iterdir()}
    assert made <= set(requested)
