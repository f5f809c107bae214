"""Killed during each step around the restore: the step goes on, or is begun anew, and nothing is doubled."""

from collections.abc import Callable

import pytest

from state.events import MessageSent, RunLost, RunNotStarted, SnapshotRecorded
from state.rehearsal.practice import Practice
from state.window import RESTORE

from .going_back import do_back, finish, restore, turn
from .headless import Headless
from .operator_at_work import Operator
from .terminal import until

pytestmark = pytest.mark.tmux
Started = Callable[..., tuple[Headless, Practice]]
Seat = Callable[..., Operator]


def killed_during_run(operator: Operator, step: str) -> None:
    """The run goes on by itself and has one end; the next console finds the step done."""
    operator.start_run(step)
    run = operator.await_running(step)
    operator.kill_console()
    card = operator.resume()
    assert f"run {run} make " in card
    operator.await_step(step, seconds=40)
    assert operator.await_exit(run)[0] == 0 and len(operator.ends_of(run)) == 1


def until_begun(operator: Operator, step: str) -> None:
    """Waits until it is on disk that the step has begun; it may be done already."""
    until(lambda: operator.step(step)["state"] != "todo", f"{step} does not begin")


def test_killed_during_each_step_around_the_restore(at_session: Started, sit_at: Seat) -> None:
    hand, practice = at_session("smooth")
    hand.prepare()
    hand.run("deploy")
    operator, window = sit_at(practice), hand.window
    hand.session.leave()
    operator.resume()
    turn(operator, window, RESTORE)
    killed_during_run(operator, "stop-release")
    killed_during_run(operator, "redeploy-previous")
    restore(operator, window)
    operator.terminal.wait_until_gone("type restore")
    operator.terminal.send("1")
    operator.await_step("restore", seconds=40)
    killed_during_run(operator, "migrate-baseline")
    killed_during_run(operator, "start-previous")

    for step in ("validate-health", "validate-smoke"):
        operator.select(step)
        operator.terminal.send("Enter")
        until_begun(operator, step)
        operator.kill_console()
        operator.resume()
        operator.await_step(step, seconds=45)

    operator.take_samples("validate-backlog")
    until_begun(operator, "validate-backlog")
    operator.kill_console()
    operator.resume()
    operator.await_step("validate-backlog", seconds=45)
    assert [e.step for e in operator.events(SnapshotRecorded)].count("validate-backlog") == 1

    operator.select("communicate")
    operator.terminal.send("Enter")
    operator.terminal.wait_for("was rolled back to")
    operator.kill_console()
    operator.resume()
    assert operator.events(MessageSent) == []
    do_back(operator, "communicate")
    assert operator.events(RunLost) == [] and operator.events(RunNotStarted) == []
    assert finish(operator)["phase"] == "closed"
