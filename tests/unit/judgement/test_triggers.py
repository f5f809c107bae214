"""The trigger board: backlog, correctness and incident; what trips, what counts, when a trip may clear."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from state.judgement.backlog import BacklogRow, judge_backlog
from state.judgement.triggers import Trigger
from state.readings import Reading

from .boards import board
from .build import AGE, BUSY, FAILED, PENDING, POLICY, SUSTAINED, T0, ops, series, span


def test_a_quiet_board_says_nothing() -> None:
    quiet = board(span(0, 600), now=601, rows=judge_backlog([ops(600)], BUSY, (), POLICY, T0 + 601))
    assert [(t.title, t.holds, t.reason, t.held_for, t.held_of, t.released) for t in quiet.values()] == [
        (title, False, "", None, None, False) for title in ("Readiness", "Backlog", "Correctness", "Incident")
    ]


# Backlog


def rows_of(
    readings: Sequence[Reading], planned: Sequence[tuple[float, float | None]] = ()
) -> list[BacklogRow]:
    shifted = [(T0 + start, None if end is None else T0 + end) for start, end in planned]
    return list(judge_backlog(readings, BUSY, shifted, POLICY, readings[-1].at))


def backlog(
    readings: Sequence[Reading], *planned: tuple[float, float | None], tripped: bool = False
) -> Trigger:
    rows = rows_of(readings, planned)
    now = readings[-1].at - T0
    return board(now=now, rows=rows, planned=planned, tripped=["backlog"] if tripped else [])["backlog"]


def test_an_age_in_breach_trips_with_its_numbers() -> None:
    stuck = [ops(15 * i, **{AGE: 97 + 15 * i}) for i in range(22)]
    seen = backlog(stuck)
    assert (seen.holds, seen.held_for, seen.held_of) == (True, 315, 300)
    assert seen.reason == (f"{AGE} 412 > 300 for 05:15, baseline max 14, +1.0 s/s: worker is not draining")


def test_watched_growth_counts_down_and_trips_nothing() -> None:
    seen = backlog([ops(15 * i, **{AGE: 15 * i, FAILED: 6 if i > 3 else 0}) for i in range(8)])
    assert (seen.holds, seen.held_for, seen.held_of) == (False, 105, 300)
    assert seen.reason == f"{AGE} +1.0 s/s for 01:45 of 05:00: worker is not draining"

    jobs_first = backlog([ops(15 * i, **{FAILED: 9, AGE: max(0, 15 * i - 45)}) for i in range(8)])
    assert (jobs_first.held_for, jobs_first.reason) == (
        105,
        f"{FAILED} 9 > 5 for 01:45 of 05:00, baseline max 3",
    )


def test_failed_jobs_trip_and_two_breaches_are_both_named() -> None:
    seen = backlog(series(FAILED, [9] * SUSTAINED))
    assert (seen.holds, seen.reason) == (True, f"{FAILED} 9 > 5 for 05:00, baseline max 3")
    assert seen.causes == (FAILED,)
    both = backlog([ops(15 * i, **{AGE: 950, FAILED: 30}) for i in range(2)])
    assert both.holds is True
    assert both.held_for == 15
    assert both.reason == (
        f"{AGE} 950 > 900 (critical), baseline max 14; {FAILED} 30 > 20 (critical), baseline max 3"
    )

    apart = backlog([ops(15 * i, **{AGE: 950, FAILED: 30 if i else 0}) for i in range(3)])
    assert (apart.holds, apart.held_for) == (True, 30)


def test_a_breach_without_a_clock_has_none() -> None:
    rows = [replace(row, held_for=None) for row in rows_of(series(FAILED, [30]))]
    seen = board(rows=rows)["backlog"]
    assert (seen.holds, seen.held_for, seen.held_of) == (True, None, None)


@pytest.mark.parametrize("key", [PENDING, "pendingSearchJobs", "incompleteGcRuns", "recentPolicyTimeouts24h"])
def test_no_other_metric_trips_or_counts(key: str) -> None:
    seen = backlog(series(key, [500] * SUSTAINED))
    assert (seen.holds, seen.held_for, seen.reason) == (False, None, "")


def test_a_breach_is_released_with_its_row() -> None:
    values = [9.0] * SUSTAINED + [0.0] * 9
    early = backlog(series(FAILED, values[:-1]), tripped=True)
    assert (early.holds, early.released) == (True, False)
    late = backlog(series(FAILED, values), tripped=True)
    assert (late.holds, late.released, late.reason) == (False, True, "no longer in breach")
    assert backlog(series(FAILED, values)).released is False


def test_failed_jobs_a_little_above_the_baseline_do_not_keep_it_tripped() -> None:
    seen = backlog(series(FAILED, [9.0] * SUSTAINED + [4.0] * 9), tripped=True)
    assert (seen.holds, seen.released) == (False, True)


def test_a_watched_age_keeps_it_tripped() -> None:
    rows = [replace(row, held_for=None) for row in rows_of([ops(15 * i, **{AGE: 15 * i}) for i in range(8)])]
    seen = board(now=105, rows=rows, tripped=["backlog"])["backlog"]
    assert (seen.holds, seen.released) == (False, False)
    assert seen.reason.startswith(AGE)
    counting = backlog([ops(15 * i, **{AGE: 15 * i}) for i in range(8)], tripped=True)
    assert counting.released is False


def test_no_summary_trips_nothing_and_releases_nothing() -> None:
    breach = series(AGE, [400] * SUSTAINED + [None])
    seen = backlog(breach, tripped=True)
    assert (seen.holds, seen.released) == (False, False)
    assert seen.reason == f"{AGE} connection refused: nothing listens there; was BREACH"
    assert board(rows=(), tripped=["backlog"])["backlog"].released is False
    only_failed = [row for row in rows_of([ops(0)]) if row.metric.key == FAILED]
    assert board(now=T0, rows=only_failed, tripped=["backlog"])["backlog"].released is False


def test_during_a_step_the_backlog_is_not_judged_and_after_it_must_be_well_for_its_time() -> None:
    readings = series(AGE, [400] * SUSTAINED + [0] * 20)
    running = backlog(readings[:25], (305, None), tripped=True)
    assert (running.holds, running.released) == (False, False)
    assert running.reason == "not judged: planned disruption"
    early = backlog(readings[:33], (305, 310), tripped=True)
    assert (early.released, early.reason) == (False, "clear for 01:50 of 02:00 since the last step")
    assert backlog(readings[:34], (305, 310), tripped=True).released is True
    # The grace is over and the newest summary is from within it: nothing is planned any more.
    growing = rows_of(series(AGE, [15.0 * n for n in range(20)]), [(200, 250)])
    over = board(now=320, rows=growing, planned=[(200, 250)])
    assert (over["backlog"].holds, over["backlog"].reason) == (False, "waits for the next summary")
    # The rows are the same a little later: the same moment, with exactly the time gone by.
    rows = rows_of(readings[:33], [(305, 310)])
    for now, released in ((489.9, False), (490, True)):
        seen = board(now=now, rows=rows, planned=[(305, 310)], tripped=["backlog"])["backlog"]
        assert seen.released is released


@given(st.lists(st.sampled_from([0, 200, 400, 950, None]), min_size=1, max_size=60), st.booleans())
@settings(max_examples=150, deadline=None)
def test_the_backlog_trips_exactly_with_a_breach(values: list[float | None], tripped: bool) -> None:
    readings = series(AGE, values)
    states = {row.state.value for row in rows_of(readings) if row.metric.key == AGE}
    seen = backlog(readings, tripped=tripped)
    assert seen.holds is (states == {"BREACH"})
    assert seen.released is (tripped and states == {"OK"})
    assert (seen.held_for is None) is (seen.held_of is None)


# Correctness and incident


@pytest.mark.parametrize(
    ("blobs", "reason"),
    [
        ((0, 3), "3 missing blob references, 0 at the baseline"),
        ((2, 3), "3 missing blob references, 2 at the baseline"),
        ((0, 1), "1 missing blob reference, 0 at the baseline"),
    ],
)
def test_more_missing_blobs_than_at_the_baseline_trip(blobs: tuple[int, int], reason: str) -> None:
    seen = board(blobs=blobs)["correctness"]
    assert (seen.holds, seen.reason, seen.held_for) == (True, reason, None)


@pytest.mark.parametrize(
    ("blobs", "released", "reason"),
    [
        ((None, None), True, ""),
        ((3, 3), True, ""),
        ((3, 0), True, ""),
        ((None, 0), True, ""),
        ((None, 3), True, "3 missing blob references, and no baseline to compare with"),
        ((0, None), False, "missing blob references cannot be counted now, 0 at the baseline"),
    ],
)
def test_what_nobody_can_count_trips_nothing_and_releases_nothing(
    blobs: tuple[int | None, int | None], released: bool, reason: str
) -> None:
    seen = board(blobs=blobs, tripped=["correctness"])["correctness"]
    assert (seen.holds, seen.released, seen.reason) == (False, released, reason)
    armed = board(blobs=blobs)["correctness"]
    assert (armed.holds, armed.released) == (False, False)


def test_a_failed_migration_and_a_note_trip_and_all_facts_are_named() -> None:
    assert board(migration="make db-migrate failed: Error 1")["correctness"].holds is True
    assert board(note="totals differ")["correctness"].reason == "totals differ"
    seen = board(migration="m", blobs=(0, 2), note="n", tripped=["correctness"])["correctness"]
    assert (seen.holds, seen.released) == (True, False)
    assert seen.reason == "m; 2 missing blob references, 0 at the baseline; n"


def test_correctness_and_incident_are_judged_during_a_step_as_well() -> None:
    seen = board(planned=[(-10, None)], migration="m", incident="INC-7")
    assert (seen["correctness"].holds, seen["incident"].holds) == (True, True)


def test_an_incident_holds_until_it_is_resolved() -> None:
    seen = board(incident="INC-7", tripped=["incident"])["incident"]
    assert (seen.holds, seen.released, seen.reason) == (True, False, "INC-7 is not resolved")
    over = board(tripped=["incident"])["incident"]
    assert (over.holds, over.released, over.reason) == (False, True, "")
    assert board(tripped=["readiness"])["incident"].released is False
