"""Killed at every point of the way back: the next console resumes there, and restores nothing by itself."""

from collections.abc import Callable

import pytest

from state.deployment import runs
from state.events import RestoreChecked, RollbackBegun, RunEnded, RunLost, RunRequested
from state.journal.directory import RUNS
from state.rehearsal.practice import Practice
from state.window import RESTORE, ROLLED_BACK, Window

from .going_back import (
    do_back,
    fill_in,
    open_restore,
    restore,
    second_operator,
    turn,
    turned,
    type_restore,
)
from .headless import PACE, Headless, database, hurry, take_up
from .operator_at_work import Operator
from .terminal import until

pytestmark = pytest.mark.tmux
Started = Callable[..., tuple[Headless, Practice]]
Seat = Callable[..., Operator]

#: A restore that can be met half-way: without a database for a second or so.
SLOW = 2.0


@pytest.fixture
def turning(at_session: Started, sit_at: Seat) -> tuple[Operator, Window, Practice]:
    """A console on a window that has changed the deployment, and may turn back."""
    hand, practice = at_session("smooth")
    hand.prepare()
    hand.run("deploy")
    operator, window = sit_at(practice), hand.window
    hand.session.leave()
    operator.resume()
    return operator, window, practice


def restores(operator: Operator) -> list[int]:
    """The restores that were ever asked for."""
    return [
        one.seq
        for one in operator.recorded()
        if isinstance(one.event, RunRequested) and "db-restore" in one.event.argv
    ]


def until_dropped(operator: Operator, practice: Practice) -> int:
    """Waits until there is no database; the run that dropped it."""
    until(lambda: not database(practice).exists(), "nothing was dropped", every=0.01)
    return restores(operator)[-1]


def resume_at(operator: Operator, step: str) -> str:
    """The next console stands at this step of the way back."""
    card = operator.resume()
    status = operator.agree(least=9)
    assert (status["phase"], status["step"]["id"]) == ("rollback", step)
    return card


def test_killed_at_every_point_it_still_goes_back(turning: tuple[Operator, Window, Practice]) -> None:
    operator, window, practice = turning

    # With the rollback screen filled in, and nothing confirmed.
    fill_in(operator, window, RESTORE)
    operator.kill_console()
    operator.resume()
    assert operator.events(RollbackBegun) == [] and operator.status()["phase"] == "upgrade"
    operator.terminal.send("b")
    operator.terminal.wait_for("Why, in your own words")
    assert "Not ready since the deploy" not in operator.terminal.screen()
    operator.terminal.send("Escape")
    operator.terminal.wait_until_gone("Why, in your own words")

    # Right after the direction has turned.
    turn(operator, window, RESTORE)
    operator.kill_console()
    resume_at(operator, "stop-release")

    # While the release is being stopped.
    operator.start_run("stop-release")
    run = operator.await_running("stop-release")
    operator.kill_console()
    card = operator.resume()
    assert f"run {run} make stop: " in card
    operator.await_step("stop-release")
    assert operator.await_exit(run)[0] == 0 and len(operator.ends_of(run)) == 1
    do_back(operator, "redeploy-previous")

    # With the phrase of the restore typed.
    second_operator(operator)
    open_restore(operator)
    type_restore(operator, window)
    operator.kill_console()
    resume_at(operator, "restore")
    assert restores(operator) == [] and database(practice).exists()

    kill_without_a_database(operator, window, practice)

    # After the restore, before the start.
    operator.kill_console()
    resume_at(operator, "migrate-baseline")
    assert len(restores(operator)) == 1
    for step in list(operator.steps)[3:]:
        do_back(operator, step)
    assert restores(operator) == [operator.run_of("restore")]
    assert len(operator.events(RestoreChecked)) == len(operator.events(RollbackBegun)) == 1
    operator.terminal.send("d")
    operator.terminal.wait_for("─ Declare the outcome ─")
    operator.press("Declare rolled back")
    operator.terminal.wait_for("Root cause")
    assert operator.status()["outcome"] == ROLLED_BACK


def kill_without_a_database(operator: Operator, window: Window, practice: Practice) -> None:
    """Between the drop and the load: the run goes on, and every word says what may be missing."""
    hurry(practice, SLOW)
    # The second operator's word still counts: it is in the journal, and for this step.
    open_restore(operator)
    type_restore(operator, window)
    operator.press("Restore")
    run = until_dropped(operator, practice)
    operator.kill_console()
    operator.assert_runs_on(run)
    status = operator.status()
    assert status["database_may_be_empty"] and not status["driver"]["alive"]
    assert "THE DATABASE MAY BE EMPTY" in operator.drawbridge("windows").stdout
    assert "MAY BE EMPTY" in operator.drawbridge("status", "--line").stdout
    card = operator.resume()
    assert f"run {run} make db-restore: " in card
    operator.await_step("restore", seconds=40)
    assert operator.await_exit(run)[0] == 0 and len(operator.ends_of(run)) == 1
    assert restores(operator) == [run]
    assert not operator.status()["database_may_be_empty"]
    hurry(practice, PACE)


def test_a_restore_that_is_lost_is_run_again(turning: tuple[Operator, Window, Practice]) -> None:
    operator, window, practice = turning
    operator.kill_console()
    directory = operator.window
    hand = take_up(practice.config, directory)
    hand.turn(RESTORE, "C")
    hand.stop_release()
    hand.passed_checks()
    hand.session.leave()
    operator.resume()
    turned(operator, RESTORE)

    hurry(practice, SLOW)
    restore(operator, window)
    run = until_dropped(operator, practice)
    assert runs.send_signal(directory / RUNS / str(run), "KILL")
    operator.terminal.wait_for("THE DATABASE MAY BE EMPTY")
    assert [lost.run for lost in operator.events(RunLost)] == [run]
    for words in (operator.drawbridge("status").stdout, operator.drawbridge("windows").stdout):
        assert "THE DATABASE MAY BE EMPTY" in words
    assert window.backup is not None
    assert f"RESTORE_PATH={window.backup.path} make db-restore" in operator.drawbridge("status").stdout
    assert operator.step("restore")["state"] == "unknown"

    # The next console knows it too, and starts nothing.
    operator.kill_console()
    assert "Restore the database must be decided" in resume_at(operator, "restore")
    operator.terminal.wait_for("THE DATABASE MAY BE EMPTY")
    assert restores(operator) == [run] and not database(practice).exists()

    hurry(practice, PACE)
    words = open_restore(operator)
    assert "Run it again now" in words and "Safety backup" not in words
    type_restore(operator, window)
    operator.press("Restore")
    operator.terminal.wait_until_gone("type restore")
    operator.terminal.send("1")
    operator.await_step("restore", seconds=30)
    operator.terminal.wait_until_gone("MAY BE EMPTY")
    assert not operator.status()["database_may_be_empty"]
    again = restores(operator)
    assert again[0] == run and len(again) == 2 == len(operator.events(RestoreChecked))
    paths = {e.variables["RESTORE_PATH"] for e in operator.events(RunRequested) if e.step == "restore"}
    assert paths == {window.backup.path}
    assert [end.exit_code for end in operator.events(RunEnded) if end.run == again[1]] == [0]
    do_back(operator, "migrate-baseline")
    do_back(operator, "start-previous")
    do_back(operator, "validate-health")
