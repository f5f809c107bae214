"""The fold of a restore: whether the database may be empty, and what is run beside it."""

from collections.abc import Callable

import pytest

from state.events import Event, RunEnded, RunLost, RunNotStarted, RunRequested, RunStarted, StepAttested
from state.fold import fold
from state.window import StepState

from .restores import at_restore
from .story import OWN_BACKUP, T0, Story, examined, listing


def requested(purpose: str = "") -> tuple[Story, int]:
    """A restore, or what is run beside it, that is on disk and not known to have started."""
    story = at_restore()
    story.tell(RunRequested("restore", ("make", "db-restore"), "/srv/site", {}, purpose))
    return story, story.window.seq


def test_restored_at_is_the_end_of_a_good_restore() -> None:
    story = at_restore()
    assert story.window.restored_at is None
    story.run("restore", 2)
    assert story.window.restored_at is None
    story.run("restore")
    assert story.window.restored_at == story.window.runs[story.window.record("restore").run].ended_at


ENDS: dict[str, tuple[tuple[Callable[[int], Event], ...], bool]] = {
    "requested": ((), True),
    "running": ((RunStarted,), True),
    "failed": ((RunStarted, lambda run: RunEnded(run, 2, T0)), True),
    "lost": ((RunStarted, lambda run: RunLost(run, "killed")), True),
    "lost before a start was seen": ((lambda run: RunLost(run, "killed"),), True),
    "never started": ((lambda run: RunNotStarted(run, "no disk"),), False),
    "ended well": ((RunStarted, lambda run: RunEnded(run, 0, T0)), False),
}


@pytest.mark.parametrize(("facts", "empty"), ENDS.values(), ids=ENDS.keys())
def test_the_database_may_be_empty_from_the_request_to_a_good_end(
    facts: tuple[Callable[[int], Event], ...], empty: bool
) -> None:
    assert not at_restore().window.may_be_empty
    story, run = requested()
    for fact in facts:
        story.tell(fact(run))
    assert story.window.may_be_empty == empty
    assert fold(story.records).may_be_empty == empty


def test_a_try_that_never_started_does_not_mend_what_one_before_it_left() -> None:
    story = at_restore()
    story.run("restore", 2)
    story.tell(RunRequested("restore", ("make", "db-restore"), "/srv/site"))
    story.tell(RunNotStarted(story.window.seq, "no disk"))
    assert story.window.may_be_empty
    story.run("restore")
    assert not story.window.may_be_empty


@pytest.mark.parametrize("purpose", ["rehearsal", "safety-backup"])
@pytest.mark.parametrize("facts", [facts for facts, _ in ENDS.values()], ids=ENDS.keys())
def test_what_is_run_beside_it_touches_nothing(
    purpose: str, facts: tuple[Callable[[int], Event], ...]
) -> None:
    story = Story().back_to("communicate")
    before = story.window
    story.tell(RunRequested("restore", ("make", "db-restore"), "/srv/site", {}, purpose))
    run = story.window.seq
    for fact in facts:
        story.tell(fact(run))
    window = story.window
    assert not window.may_be_empty
    assert window.restored_at == before.restored_at
    assert (window.planned, window.steps) == (before.planned, before.steps)
    assert (window.changed_at, window.snapshots) == (before.changed_at, before.snapshots)


def test_a_safety_backup_is_not_what_a_restore_loads() -> None:
    story, run = requested("safety-backup")
    story.tell(RunEnded(run, 0, story.at))
    seen = examined("restore", "/backups/safety.sql", run)
    story.tell(seen)
    assert story.window.safety_backup == seen
    assert story.window.backup is not None
    assert story.window.backup.path == OWN_BACKUP
    assert story.state("restore") is StepState.TODO


def test_a_backup_on_the_way_back_is_not_what_a_restore_loads() -> None:
    story = Story().turned()
    run = story.run("backup")
    story.tell(examined("backup", "/backups/late.sql", run))
    assert story.window.backup is not None
    assert story.window.backup.path == OWN_BACKUP


@pytest.mark.parametrize("code", [2, 0])
def test_a_failed_migration_is_undone_by_a_restore_only(code: int) -> None:
    story = Story().until("migrate")
    story.run("migrate", 2, lambda run: listing(run, "0008.sql", complete=False), line="Error 1")
    assert story.window.migration_problem == "db-migrate failed: Error 1"
    story.back_to("restore")
    story.run("restore", code)
    assert (story.window.migration_problem == "") == (code == 0)


def test_a_restore_put_right_by_hand_is_vouched_for_and_no_longer_empty() -> None:
    story = at_restore()
    story.run("restore", 2)
    assert story.window.may_be_empty
    story.tell(StepAttested("restore", "kim", "restored with psql, rows counted"))
    assert not story.window.may_be_empty
