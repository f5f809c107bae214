"""What the other windows of an environment say: read from real journals."""

from pathlib import Path

import pytest

from state.console import outcomes
from state.console.history import History, of_environment
from state.events import (
    ConsoleAttached,
    DrillRecorded,
    Event,
    RollbackBegun,
    RunEnded,
    RunRequested,
    RunStarted,
    StepFailed,
    StepPassed,
    WindowDeclared,
    WindowOpened,
)
from state.journal import directory as places
from state.journal.events import JournalWriter
from state.window import ROLLED_BACK

from .place import SAM

T0 = 1_770_000_000.0


class Past:
    """The journals of windows that are over, written as sessions write them."""

    def __init__(self, state: Path) -> None:
        self.state = state

    def window(self, at: float, *events: Event, environment: str = "production") -> Path:
        """A window that began `at` seconds after T0; its events come ten seconds apart."""
        name = places.name(environment, T0 + at)
        with places.opening(self.state), places.Draft.make(self.state, name) as draft:
            journal = JournalWriter(draft.path / places.JOURNAL, SAM, T0 + at)
            opened = WindowOpened(name, environment, "2.0", "1.9", None)
            for number, event in enumerate((opened, ConsoleAttached(1), *events)):
                journal.append([event], T0 + at + 10.0 * number)
            journal.close()
            return draft.publish()


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path / "state")


def back(depth: str = "binaries") -> tuple[Event, ...]:
    return (RollbackBegun(depth, "errors", "", (), "", ""), WindowDeclared(ROLLED_BACK, "", ()))


def drill(at: float, first: int, passed: bool = True, restore: float = 5.0) -> tuple[Event, ...]:
    """A drill that ended `at` seconds after T0; `first` is the number of its first event."""
    return (
        RunRequested("drill", ("make", "phase6-drill"), "/srv"),
        RunEnded(first, 0 if passed else 2, T0 + at),
        DrillRecorded(first, 2.0, restore, 9.0, passed, f"/drill-{at:.0f}.md"),
    )


def test_no_windows_have_no_history(past: Past) -> None:
    assert of_environment(past.state, "production") == History()


def test_a_window_that_went_well_leaves_none(past: Past) -> None:
    past.window(0, WindowDeclared("success", "", ()))
    past.window(100, RollbackBegun("binaries", "x", "", (), "", ""), WindowDeclared("abandoned", "x", ()))
    assert of_environment(past.state, "production") == History()


def test_a_rollback_is_remembered_for_its_own_environment(past: Past) -> None:
    past.window(0, *back())
    past.window(1000, WindowDeclared("success", "", ()))
    assert of_environment(past.state, "production").rolled_back_at == T0 + 30
    assert of_environment(past.state, "staging") == History()


def test_the_newest_rollback_counts(past: Past) -> None:
    past.window(0, *back())
    past.window(1000, *back())
    assert of_environment(past.state, "production").rolled_back_at == T0 + 1030


def test_a_drill_since_then(past: Past) -> None:
    past.window(0, *back(), *drill(90, 5))
    history = of_environment(past.state, "production")
    assert history.drill is not None
    assert (history.drill.report, history.restore_seconds) == ("/drill-90.md", 5.0)
    passed = outcomes.of_earlier_drill("drill-passed", history)
    assert passed == StepPassed("drill-passed", "passed, 9 s", {"report": "/drill-90.md"})


@pytest.mark.parametrize("kind", ["before", "failed", "elsewhere", "none"])
def test_a_drill_that_does_not_count(past: Past, kind: str) -> None:
    if kind == "before":
        past.window(0, *back(), *drill(90, 5))
    elif kind == "elsewhere":
        past.window(0, *back(), *drill(99_000, 5), environment="staging")
    past.window(1000, *back(), *(drill(1090, 5, passed=False) if kind == "failed" else ()))
    history = of_environment(past.state, "production")
    assert history.rolled_back_at == T0 + 1030
    assert history.drill is None
    fact = outcomes.of_earlier_drill("drill-passed", history)
    assert isinstance(fact, StepFailed)
    assert fact.problem.startswith("no restore drill has passed since the last rollback")


def _restore(first: int, took: float, code: int = 0, purpose: str = "") -> tuple[Event, ...]:
    """A restore that starts two tens of seconds after the second event of its window."""
    return (
        RunRequested("restore", ("make", "db-restore"), "/srv", {}, purpose),
        RunStarted(first),
        RunEnded(first, code, T0 + 40.0 + took),
    )


@pytest.mark.parametrize("purpose", ["", "rehearsal"])
def test_the_time_of_a_restore_is_the_last_measured(past: Past, purpose: str) -> None:
    begun = RollbackBegun("restore", "x", "", (), "", "")
    past.window(0, begun, *_restore(4, 33.0, 0, purpose))
    assert of_environment(past.state, "production").restore_seconds == 33.0
    past.window(1000, *back(), *drill(1090, 5, restore=7.0))
    assert of_environment(past.state, "production").restore_seconds == 7.0


def test_a_failed_restore_measures_nothing(past: Past) -> None:
    past.window(0, RollbackBegun("restore", "x", "", (), "", ""), *_restore(4, 33.0, 2))
    assert of_environment(past.state, "production").restore_seconds is None


def test_a_journal_that_cannot_be_read_does_not_hide_the_others(past: Past) -> None:
    past.window(0, *back())
    spoilt = past.window(1000, *back())
    (spoilt / places.JOURNAL).write_bytes(b"not a database at all" * 100)
    assert of_environment(past.state, "production").rolled_back_at == T0 + 30
