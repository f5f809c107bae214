"""What a rehearsal leaves running when it is left or killed, and what becomes of that."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from state.host.locks import is_held
from state.journal.directory import WATCH_LOCK
from state.rehearsal import practice
from state.rehearsal.layout import PROCESSES, Layout, load
from state.rehearsal.processes import running

from .evidence import DRAWBRIDGE, environment
from .operator_at_work import Operator
from .terminal import Terminal, until

pytestmark = pytest.mark.tmux
Start = Callable[..., Operator]


@pytest.fixture
def started(rehearse: Start) -> Iterator[Callable[..., Operator]]:
    """A rehearsal of `smooth`; those that follow it in the same home are ended with it."""
    made: list[Operator] = []

    def start(pace: float = 0.2) -> Operator:
        made.append(rehearse("smooth", pace=pace))
        made[-1].terminal.wait_for("New window")
        return made[-1]

    yield start
    for operator in made:
        for root in operator.config.parent.parent.iterdir():
            if root != operator.config.parent and (found := practice.open_existing(root)) is not None:
                practice.remove(found)


def layout(operator: Operator, name: str = "smooth-1") -> Layout:
    return load(operator.config.parent.parent / name)


def pids(of: Layout) -> dict[str, str]:
    """The processes that live, with their numbers."""
    locks = {name: of.run / f"{name}.lock" for name in PROCESSES if running(of, name)}
    return {name: lock.read_text() for name, lock in locks.items()}


def rehearse_too(operator: Operator, scenario: str) -> None:
    operator.terminal.start(*DRAWBRIDGE, "rehearse", "--scenario", scenario)


def test_left_without_an_open_window_it_ends_its_servers(started: Callable[..., Operator]) -> None:
    operator = started()
    assert set(pids(layout(operator))) == set(PROCESSES)
    operator.terminal.send("q")
    assert operator.terminal.ended() == 0
    assert pids(layout(operator)) == {}
    said = operator.terminal.said_lines()
    command = said.index("  drawbridge rehearse --scenario smooth")
    assert said[command - 1].endswith("Its practice deployment was ended. To begin anew:")


def test_left_with_an_open_window_it_says_how_to_go_on_and_how_to_end_it(
    started: Callable[..., Operator],
) -> None:
    operator = started()
    operator.open_window()
    until(lambda: is_held(operator.window / WATCH_LOCK), "no watch begins")
    operator.terminal.send("q")
    assert operator.terminal.ended() == 0
    said = operator.terminal.said_lines()
    # Each of them can be copied whole.
    assert {"  drawbridge rehearse --scenario smooth", "  drawbridge rehearse --end"} <= set(said)
    told = " ".join(" ".join(said).split())
    assert "To take up where it stands: drawbridge rehearse --scenario smooth Its practice" in told
    assert "ends by itself in 30 minutes. To end it now: drawbridge rehearse --end" in told
    assert set(pids(layout(operator))) == set(PROCESSES)
    assert is_held(operator.window / WATCH_LOCK)
    done = operator.drawbridge("rehearse", "--end")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Ended the practice deployment smooth-1; its window stays.\n"
    assert pids(layout(operator)) == {} and not is_held(operator.window / WATCH_LOCK)
    assert operator.drawbridge("rehearse", "--end").stdout == "No practice deployment runs.\n"
    # What was ended is there again.
    assert "left by" in operator.resume()
    assert set(pids(layout(operator))) == set(PROCESSES)


def test_a_killed_one_is_taken_up_by_the_next_of_its_scenario_and_ended_by_any_other(
    started: Callable[..., Operator],
) -> None:
    operator = started()
    operator.open_window()
    until(lambda: is_held(operator.window / WATCH_LOCK), "no watch begins")
    first = pids(layout(operator))
    operator.kill_console()
    operator.resume()
    # The same servers, not others beside them.
    assert pids(layout(operator)) == first
    assert operator.drawbridge("rehearse", "--end").stdout == (
        "The practice deployment smooth-1 goes on: a console looks at it, or a command still runs in it.\n"
    )
    assert pids(layout(operator)) == first
    operator.kill_console()
    rehearse_too(operator, "bad-release")
    operator.terminal.wait_for("New window")
    until(lambda: pids(layout(operator)) == {}, "the servers of the killed one live on")
    assert not is_held(operator.window / WATCH_LOCK)
    assert set(pids(layout(operator, "bad-release-1"))) == set(PROCESSES)
    operator.terminal.send("q")
    assert operator.terminal.ended() == 0
    assert "Ended the practice deployment smooth-1; its window stays." in operator.terminal.said()
    operator.resume()
    assert set(pids(layout(operator))) == set(PROCESSES)
    assert operator.status()["step"]["id"] == "window-approved"


def test_leaving_one_leaves_another_that_was_left_open(
    started: Callable[..., Operator], tmp_path: Path
) -> None:
    operator = started()
    operator.open_window()
    other = Terminal(environment(operator.config.parents[4]), directory=tmp_path)
    try:
        other.start(*DRAWBRIDGE, "rehearse", "--scenario", "bad-release")
        other.wait_for("New window")
        operator.terminal.send("q")
        assert operator.terminal.ended() == 0
        other.send("q")
        assert other.ended() == 0
    finally:
        other.close()
    assert pids(layout(operator, "bad-release-1")) == {}
    assert set(pids(layout(operator))) == set(PROCESSES)


#: A rehearsal with a Textual that cannot be had: nothing but the first screen is ever drawn.
BARE = (
    "import sys; sys.modules['textual'] = None; sys.argv = ['drawbridge', 'rehearse']; "
    "from tui.__main__ import main; main()"
)


def test_one_that_is_taken_up_shows_its_window_at_once(
    started: Callable[..., Operator], tmp_path: Path
) -> None:
    operator = started()
    operator.open_window()
    operator.kill_console()
    sent = tmp_path / "sent"
    login = environment(operator.config.parents[4])
    terminal = Terminal(login, directory=tmp_path, record=sent)
    try:
        terminal.start(sys.executable, "-P", "-c", BARE)
        assert terminal.ended() == 1
    finally:
        terminal.close()
    drawn = sent.read_bytes().decode()
    assert drawn.index("Window approved") < drawn.index("keys count in a moment")


def test_one_in_which_a_command_still_runs_is_left_alone(started: Callable[..., Operator]) -> None:
    operator = started(pace=1.5)
    operator.open_window()
    for step in ("window-approved", "backup-available", "ci-green", "rollback-owner"):
        operator.do(step)
    operator.start_run("backup")
    run = operator.await_running("backup")
    operator.kill_console()
    said = operator.drawbridge("rehearse", "--end").stdout
    assert "a command still runs in it" in said
    assert set(pids(layout(operator))) == set(PROCESSES)
    assert operator.await_exit(run)[0] == 0
    # Its lock falls free a moment after its exit status is there.
    until(lambda: "Ended" in operator.drawbridge("rehearse", "--end").stdout, "it is never ended")
    assert pids(layout(operator)) == {}


def test_a_number_that_belongs_to_a_stranger_is_never_signalled(
    started: Callable[..., Operator],
) -> None:
    operator = started()
    operator.terminal.send("q")
    assert operator.terminal.ended() == 0
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (layout(operator).run / "worker.lock").write_text(str(stranger.pid))
        assert operator.drawbridge("rehearse", "--end").stdout == "No practice deployment runs.\n"
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait(timeout=10)
