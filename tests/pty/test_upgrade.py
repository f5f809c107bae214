"""The whole upgrade by keys alone, at both sizes, with `status --json` telling the same at each step."""

from collections.abc import Callable
from pathlib import Path

import pytest

from state.events import BackupExamined, ConsoleAttached, RunEnded, RunRequested, SnapshotRecorded
from state.host.locks import is_held
from state.journal.directory import WATCH_LOCK

from .operator_at_work import STEPS, Operator
from .terminal import until

pytestmark = pytest.mark.tmux

RUNS = ["ci-green", "backup", "deploy", "migrate", "smoke"]


@pytest.mark.parametrize(("columns", "rows", "shown"), [(120, 40, 12), (80, 24, 8)])
def test_the_whole_upgrade_goes_through(
    rehearse: Callable[..., Operator], columns: int, rows: int, shown: int
) -> None:
    operator = rehearse("smooth", columns, rows)
    operator.open_window()
    states = dict.fromkeys(STEPS, "todo")
    for step in list(STEPS)[:-1]:
        operator.do(step)
        states[step] = "done"
        operator.terminal.send("1")
        operator.terminal.wait_for("Preconditions")
        status = operator.agree(least=shown)
        assert {one["id"]: one["state"] for one in status["steps"]} == states
        assert status["driver"]["alive"] and status["watch"]["alive"]
    assert [gate["state"] for gate in status["gates"]] == ["PASS"] * 3
    operator.do("declare")
    operator.terminal.wait_for(r"closed · success")
    assert operator.agree(least=shown)["outcome"] == "success"
    assert_kept(operator)
    operator.terminal.send("q")
    assert operator.terminal.ended() == 0
    assert "is closed: success." in operator.terminal.said()
    until(lambda: not is_held(operator.window / WATCH_LOCK), "the watch goes on after the end of its window")


def assert_kept(operator: Operator) -> None:
    """The evidence, in the journal and in `status --json`."""
    status = operator.status()
    assert (status["phase"], status["exceptions"]) == ("closed", [])
    requested = {
        one.seq: one.event.step for one in operator.recorded() if isinstance(one.event, RunRequested)
    }
    assert list(requested.values()) == RUNS
    assert [(end.run, end.exit_code) for end in operator.events(RunEnded)] == [(run, 0) for run in requested]
    assert [(one.step, one.samples) for one in operator.events(SnapshotRecorded)] == [
        ("baseline", 3),
        ("compare", 3),
    ]
    assert [(one.step, one.problem) for one in operator.events(BackupExamined)] == [
        ("backup-available", ""),
        ("backup", ""),
    ]
    assert len(operator.events(ConsoleAttached)) == 1


def test_the_windows_of_a_rehearsal_stay_with_it(rehearse: Callable[..., Operator], tmp_path: Path) -> None:
    operator = rehearse(DRAWBRIDGE_STATE=str(tmp_path / "real"))
    operator.open_window()
    assert {path.name for path in (tmp_path / "real").iterdir()} == {"rehearsal"}
    assert operator.status()["practice"]
