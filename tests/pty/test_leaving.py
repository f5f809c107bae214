"""Leaving while a run goes on says so, and leaves run and watch alone."""

from collections.abc import Callable

import pytest

from state.events import ConsoleLeft
from state.host.locks import is_held
from state.journal.directory import WATCH_LOCK

from .operator_at_work import Operator

pytestmark = pytest.mark.tmux


def test_leaving_while_a_run_goes_on_says_so(rehearse: Callable[..., Operator]) -> None:
    operator = rehearse("smooth", pace=1.5)
    operator.open_window()
    for step in ("window-approved", "backup-available", "ci-green", "rollback-owner"):
        operator.do(step)
    operator.start_run("backup")
    run = operator.await_running("backup")
    operator.terminal.send("q")
    operator.terminal.wait_for(rf"make db-backup \(run {run}\) goes on, and so does the watch")
    assert operator.settled_focus() == ("Stay",)
    operator.terminal.send("Enter")
    operator.terminal.wait_until_gone("Leave the console")
    operator.terminal.send("q")
    operator.terminal.wait_for("Leave the console")
    operator.press("Leave")
    assert operator.terminal.ended() == 0
    said = operator.terminal.said()
    assert "Left" in said and "The watch goes on for 30m." in said
    assert f"make db-backup (run {run}) goes on; its output:" in said
    operator.assert_runs_on(run)
    assert operator.await_exit(run)[0] == 0
    assert is_held(operator.window / WATCH_LOCK)
    assert operator.status()["watch"]["alive"]
    card = operator.resume()
    assert "left by" in card and f"run {run} make db-backup: ended" in card
    operator.await_step("backup")
    assert len(operator.events(ConsoleLeft)) == len(operator.ends_of(run)) == 1
