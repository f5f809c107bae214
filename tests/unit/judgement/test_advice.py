"""Advice on a rollback: how far, how long, what is lost, and the phrases that confirm it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.events import BackupExamined
from state.judgement.advice import (
    Advice,
    advise,
    last_safe_decision,
    losses,
    time_to_roll_back,
)
from state.readings import Ask, Reading, ReadingClass

from .build import API

#: 2026-02-02 14:02:11 UTC.
CAPTURED = 1_770_040_931.0
WHOLE = BackupExamined("backup", "/backups/own.sql", 9, "ab", CAPTURED, 5.0, "")
CUT = BackupExamined("backup", "/backups/own.sql", 9, "ab", CAPTURED, 5.0, "the dump is cut off")
ONE, TWO = ("0008_gc.sql",), ("0008_gc.sql", "0009_search.sql")


def advised(
    applied: tuple[str, ...] = ONE,
    migration_class: str = "",
    correctness: bool = False,
    backup: BackupExamined | None = WHOLE,
) -> Advice:
    return advise(applied=applied, migration_class=migration_class, correctness=correctness, backup=backup)


# How far


def test_without_a_migration_there_is_nothing_to_restore() -> None:
    nothing = "No migration was applied in this window: there is nothing to restore."
    for migration_class in ("", "A", "C"):
        for backup in (WHOLE, CUT, None):
            assert advised((), migration_class, backup=backup) == Advice("binaries", nothing, False)
    doubt = advised((), correctness=True)
    assert (doubt.depth, doubt.ask_class) == ("binaries", False)
    assert doubt.reason == (
        f"{nothing} Data that is wrong stays wrong, though: only a restore takes it back."
    )


@pytest.mark.parametrize(
    ("migration_class", "correctness", "depth", "ask", "reason"),
    [
        ("A", False, "binaries", False,
         "The previous binaries still work with 0008_gc.sql (class A, expand only). Nothing is lost."),
        ("B", False, "binaries", False,
         "The previous binaries usually work with 0008_gc.sql (class B, expand and backfill)."
         " Nothing is lost."),
        ("C", False, "restore", False,
         "The previous binaries do not work with 0008_gc.sql (class C, contracting)."
         " Restore the backup of 14:02:11 UTC."),
        ("A", True, "restore", False,
         "Correctness is in doubt, and only a restore undoes 0008_gc.sql."
         " Restore the backup of 14:02:11 UTC."),
        ("C", True, "restore", False,
         "The previous binaries do not work with 0008_gc.sql (class C, contracting)."
         " Restore the backup of 14:02:11 UTC."),
        ("", True, "restore", True,
         "Correctness is in doubt, and only a restore undoes 0008_gc.sql."
         " Restore the backup of 14:02:11 UTC."),
        ("", False, "binaries", True,
         "Ask of which class 0008_gc.sql is: with A or B the previous binaries are usually enough, with C"
         " the database must be restored. Binaries only destroys nothing, and a restore can still follow."),
    ],
)  # fmt: skip
def test_with_a_migration_its_class_decides(
    migration_class: str, correctness: bool, depth: str, ask: bool, reason: str
) -> None:
    assert advised(ONE, migration_class, correctness) == Advice(depth, reason, ask)


def test_several_migrations_are_named_by_the_first() -> None:
    assert "with 0008_gc.sql and 1 more (class A" in advised(TWO, "A").reason
    assert advised(TWO).reason.startswith("Ask of which class 0008_gc.sql and 1 more are: ")


def test_a_class_that_is_none_is_asked() -> None:
    assert advised(ONE, "D") == advised(ONE, "")


@pytest.mark.parametrize(("backup", "why"), [(None, ""), (CUT, " (the dump is cut off)")])
def test_a_restore_without_a_whole_backup_says_that_it_cannot_be_done_and_what_then(
    backup: BackupExamined | None, why: str
) -> None:
    contracting = advised(ONE, "C", backup=backup)
    assert (contracting.depth, contracting.reason) == (
        "restore",
        "The previous binaries do not work with 0008_gc.sql (class C, contracting). But this window has no"
        f" whole backup of its own{why}, so it cannot restore. Binaries only would start what cannot work"
        " with this schema. Mend the new release forwards, or have an older backup restored by hand, outside"
        " this window.",
    )
    doubt = advised(ONE, "B", correctness=True, backup=backup)
    assert f"whole backup of its own{why}, so it cannot restore. Binaries only stops" in doubt.reason
    # Who does not restore needs none.
    assert advised(ONE, "A", backup=backup) == advised(ONE, "A")


@given(
    st.lists(st.sampled_from(TWO), max_size=3).map(tuple),
    st.sampled_from(["A", "B", "C", "", "?"]),
    st.booleans(),
    st.sampled_from([WHOLE, CUT, None]),
)
def test_a_restore_is_advised_only_for_migrations_and_with_its_reason(
    applied: tuple[str, ...], migration_class: str, correctness: bool, backup: BackupExamined | None
) -> None:
    seen = advised(applied, migration_class, correctness, backup)
    assert (seen.depth == "restore") is (bool(applied) and (correctness or migration_class == "C"))
    assert seen.ask_class is (bool(applied) and migration_class not in ("A", "B", "C"))
    assert ("cannot restore" in seen.reason) is (seen.depth == "restore" and backup is not WHOLE)
    assert seen.reason.endswith(".")


# How long


@pytest.mark.parametrize(
    ("depth", "restore", "others", "needed"),
    [
        ("restore", 40.0, {"stop-release": 5.0, "redeploy-previous": 60.0}, 705.0),
        ("restore", 40.0, {}, 640.0),
        ("restore", 0.0, {}, 600.0),
        ("restore", None, {"redeploy-previous": 60.0}, None),
        ("binaries", None, {"redeploy-previous": 60.0}, 660.0),
        ("binaries", 40.0, {"redeploy-previous": 60.0, "stop-release": 1.0}, 661.0),
        ("binaries", 40.0, {}, None),
    ],
)
def test_the_time_to_roll_back_adds_up_what_was_measured(
    depth: str, restore: float | None, others: dict[str, float], needed: float | None
) -> None:
    assert time_to_roll_back(depth, restore, others, 600.0) == needed


def test_the_last_safe_decision_leaves_that_much_time() -> None:
    assert last_safe_decision(1000.0, 705.0) == 295.0
    assert last_safe_decision(1000.0, 0.0) == 1000.0
    assert last_safe_decision(0.0, 10.0) == -10.0
    assert last_safe_decision(None, 705.0) is None
    assert last_safe_decision(1000.0, None) is None


# What is lost


def audit(
    count: object = 143,
    own: int = 120,
    *,
    at: float = 6120.0,
    since: object = CAPTURED,
    complete: bool = True,
    reading_class: ReadingClass = ReadingClass.OK,
    code: int | None = 200,
    action: str = "ops.summary.read",
) -> Reading:
    """A count of audit rows, made `at` seconds after the backup."""
    values = {"since": since, "count": count, "complete": complete, "actions": {action: own, "login": 1}}
    if reading_class is not ReadingClass.OK:
        values = {}
    return Reading(Ask.AUDIT, API, CAPTURED + at, reading_class, code=code, values=values)


def lost(reading: Reading | None, after: float = 6120.0) -> str:
    return losses(CAPTURED, CAPTURED + after, reading)


def test_what_is_lost_is_said_with_its_time_and_its_rows() -> None:
    assert lost(audit()) == (
        "everything written since 14:02:11 UTC (1 h 42 min) is lost:"
        " 143 audit rows, 120 of them this console's own summaries (counted at 15:44:11 UTC)"
    )


@pytest.mark.parametrize(
    ("count", "own", "complete", "words"),
    [
        (0, 0, True, "0 audit rows"),
        (1, 0, True, "1 audit row"),
        (1, 1, True, "1 audit row, 1 of them this console's own summary"),
        (9, 9, True, "9 audit rows, 9 of them this console's own summaries"),
        (500, 0, False, "at least 500 audit rows"),
        (500, 7, False, "at least 500 audit rows, at least 7 of them this console's own summaries"),
    ],
)
def test_the_rows_in_words(count: int, own: int, complete: bool, words: str) -> None:
    said = lost(audit(count, own, complete=complete))
    assert said.endswith(f" is lost: {words} (counted at 15:44:11 UTC)")


def test_the_action_of_the_polls_can_be_another() -> None:
    reading = audit(action="ops.read")
    assert "of them" not in lost(reading)
    assert "120 of them" in losses(CAPTURED, CAPTURED + 6120, reading, "ops.read")


@pytest.mark.parametrize(
    ("after", "words"), [(10.0, "14:02:21"), (7510.0, "14:02:21"), (90000.0, "2026-02-02 14:02:21")]
)
def test_a_count_has_its_own_time_and_not_that_at_which_it_is_said(after: float, words: str) -> None:
    assert lost(audit(at=10.0), after=after).endswith(f"own summaries (counted at {words} UTC)")


@pytest.mark.parametrize(
    ("reading", "why"),
    [
        (None, "the audit log has not been read"),
        (
            audit(reading_class=ReadingClass.UNAUTHORIZED, code=401),
            "401: the token is not accepted; give another",
        ),
        (audit(reading_class=ReadingClass.TIMEOUT, code=None), "no answer in time"),
        (audit(since=CAPTURED - 3600), "they were counted since 13:02:11, another backup"),
        (audit(since=CAPTURED - 86400), "they were counted since 2026-02-01 14:02:11, another backup"),
        (audit(since=CAPTURED + 0.002), "they were counted since 14:02:11, another backup"),
        (audit(since=None), "the answer is no count"),
        (audit(count=None), "the answer is no count"),
        (Reading(Ask.AUDIT, API, CAPTURED, ReadingClass.OK), "the answer is no count"),
    ],
)
def test_rows_that_could_not_be_counted_are_never_none(reading: Reading | None, why: str) -> None:
    assert lost(reading) == (
        "everything written since 14:02:11 UTC (1 h 42 min) is lost;"
        f" how many rows that is could not be read ({why})"
    )


def test_a_moment_that_differs_in_its_last_digits_is_the_same() -> None:
    assert "143" in lost(audit(since=CAPTURED + 0.0009))
    assert "143" in lost(audit(since=CAPTURED - 0.0009))


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (-5, "14:02:11 UTC (0 s)"),
        (59.9, "14:02:11 UTC (59 s)"),
        (60, "14:02:11 UTC (1 min)"),
        (3599, "14:02:11 UTC (59 min)"),
        (3600, "14:02:11 UTC (1 h 0 min)"),
        (35868, "14:02:11 UTC (9 h 57 min)"),
        (35869, "2026-02-02 14:02:11 UTC (9 h 57 min)"),
        (86399, "2026-02-02 14:02:11 UTC (23 h 59 min)"),
        (97200, "2026-02-02 14:02:11 UTC (1 d 3 h)"),
    ],
)
def test_since_when_in_words_with_the_date_on_another_day(after: float, words: str) -> None:
    assert lost(None, after).startswith(f"everything written since {words} is lost;")


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.booleans(), st.floats(0, 10**6), st.floats(0, 10**6))
def test_the_number_is_said_exactly_and_never_as_whole_when_it_is_not(
    count: int, own: int, complete: bool, at: float, later: float
) -> None:
    words = lost(audit(count, own, at=at, complete=complete), after=at + later)
    counted = words.split(" is lost: ")[1]
    assert re.search(rf"\b{count} audit row", counted)
    assert (f" {own} of them" in counted) is (own > 0)
    assert ("at least" in counted) is not complete
    assert "(counted at " in counted


# What is typed
