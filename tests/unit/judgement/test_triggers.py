"""The trigger board: what trips, what only counts, what is expected, and when a trip may clear."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.judgement.backlog import BacklogRow, judge_backlog
from state.judgement.triggers import Trigger, judge_triggers
from state.policy import Policy
from state.readings import Ask, Reading, ReadingClass, Span

from .build import AGE, API, BUSY, FAILED, PENDING, POLICY, SUSTAINED, T0, ops, series, span

NOT_READY, REFUSED, TIMEOUT = ReadingClass.NOT_READY, ReadingClass.REFUSED, ReadingClass.TIMEOUT
DEGRADED, SERVER_ERROR, OK = ReadingClass.DEGRADED, ReadingClass.SERVER_ERROR, ReadingClass.OK
TWO = Policy(replicas=("a", "b"))
FAILING = {c for c in ReadingClass if c is NOT_READY or c in (
    REFUSED, TIMEOUT, ReadingClass.RESET, ReadingClass.TLS, ReadingClass.DNS
)}  # fmt: skip
WELL = {OK, DEGRADED}


def board(
    *spans: Span,
    now: float = 0.0,
    rows: Sequence[BacklogRow] = (),
    planned: Sequence[tuple[float, float | None]] = (),
    migration: str = "",
    blobs: tuple[int | None, int | None] = (None, None),
    note: str = "",
    incident: str = "",
    tripped: Sequence[str] = (),
    policy: Policy = POLICY,
) -> dict[str, Trigger]:
    """The triggers by id, `now` and `planned` in seconds after T0."""
    triggers = judge_triggers(
        ready_spans=spans,
        rows=rows,
        planned=[(T0 + start, None if end is None else T0 + end) for start, end in planned],
        migration_problem=migration,
        missing_blobs=blobs,
        correctness_note=note,
        incident=incident,
        tripped=frozenset(tripped),
        policy=policy,
        now=T0 + now,
    )
    assert [t.id for t in triggers] == ["readiness", "backlog", "correctness", "incident"]
    return {t.id: t for t in triggers}


def readiness(*spans: Span, now: float, tripped: bool = False, **more: object) -> Trigger:
    return board(*spans, now=now, tripped=["readiness"] if tripped else [], **more)["readiness"]  # type: ignore[arg-type]  # passed on as they are


# Readiness: sustained


def test_a_quiet_board_says_nothing() -> None:
    quiet = board(span(0, 600), now=601, rows=judge_backlog([ops(600)], BUSY, (), POLICY, T0 + 601))
    assert [(t.title, t.holds, t.reason, t.held_for, t.held_of, t.released) for t in quiet.values()] == [
        (title, False, "", None, None, False) for title in ("Readiness", "Backlog", "Correctness", "Incident")
    ]


@pytest.mark.parametrize("reading_class", ReadingClass)
def test_not_ready_and_unreachable_trip_and_nothing_else_does(reading_class: ReadingClass) -> None:
    assert readiness(span(0, 90, reading_class), now=90).holds is (reading_class in FAILING)


def test_it_trips_after_its_time_and_not_before() -> None:
    early = readiness(span(0, 50), span(52, 111, NOT_READY), now=111.9)
    assert (early.holds, early.held_for, early.held_of) == (False, 59, 60)
    assert early.reason == f"{API}: not ready for 00:59 of 01:00"
    late = readiness(span(0, 50), span(52, 112, NOT_READY), now=112)
    assert (late.holds, late.held_for, late.held_of) == (True, 60, 60)
    assert late.reason == f"{API}: not ready for 01:00"
    own = Policy(trigger_after=10)
    assert readiness(span(0, 10, NOT_READY), now=10, policy=own).holds is True
    assert readiness(span(0, 9, NOT_READY), now=9, policy=own).holds is False


def test_time_after_the_last_reading_proves_nothing() -> None:
    assert readiness(span(0, 58, NOT_READY), now=63).held_for == 58


def test_failing_in_one_way_after_another_is_one_stretch() -> None:
    seen = readiness(span(0, 30, NOT_READY), span(32, 32, ReadingClass.RESET), span(34, 64, REFUSED), now=64)
    assert (seen.holds, seen.reason) == (True, f"{API}: unreachable (refused) for 01:04")


@pytest.mark.parametrize("well", [OK, DEGRADED])
def test_a_single_good_reading_starts_the_clock_again(well: ReadingClass) -> None:
    seen = readiness(span(0, 50, NOT_READY), span(52, 52, well), span(54, 100, NOT_READY), now=100)
    assert (seen.holds, seen.held_for) == (False, 46)


def test_a_reading_that_says_nothing_does_not_start_it_again() -> None:
    seen = readiness(span(0, 30, REFUSED), span(32, 36, SERVER_ERROR), span(38, 60, REFUSED), now=60)
    assert (seen.holds, seen.held_for) == (True, 60)


@pytest.mark.parametrize(("until", "holds"), [(30, True), (31, False)])
def test_eighty_percent_of_the_time_must_be_known(until: int, holds: bool) -> None:
    """Unknown from 18 to `until` of the 60 s: 12 s of it are a fifth."""
    errors = span(18, until - 1, SERVER_ERROR)
    seen = readiness(span(0, 16, REFUSED), errors, span(until, 60, REFUSED), now=60)
    assert (seen.holds, seen.held_for) == (holds, 60)
    assert ("too few readings" in seen.reason) is not holds


def test_half_of_the_readings_unknown_never_trips() -> None:
    spans = [span(2 * i, 2 * i, SERVER_ERROR if i % 2 else REFUSED) for i in range(300)]
    for count in range(1, 300):
        assert readiness(*spans[:count], now=2 * count - 2).holds is False


def test_a_gap_in_the_polling_is_unknown_but_does_not_start_it_again() -> None:
    before, gap_of_6 = span(0, 30, REFUSED), span(36, 60, REFUSED)
    assert readiness(before, gap_of_6, now=60).holds is True
    assert readiness(span(0, 24, REFUSED), span(37, 60, REFUSED), now=60).holds is False
    for until, holds in ((84, False), (85, True)):
        seen = readiness(span(0, 24, REFUSED), span(37, until, REFUSED), now=until)
        assert (seen.holds, seen.held_for) == (holds, until)
    assert seen.reason == f"{API}: unreachable (refused) for 01:25"


def test_a_long_silence_in_between_is_said() -> None:
    seen = readiness(span(0, 10, REFUSED), span(3610, 3660, REFUSED), now=3660)
    assert (seen.holds, seen.reason) == (
        True,
        f"{API}: unreachable (refused) for 1:01:00, 1:00:00 of it unknown",
    )
    counting = readiness(span(0, 10, REFUSED), span(30, 40, REFUSED), now=40)
    assert counting.reason == f"{API}: unreachable (refused) for 00:40 of 01:00, 00:20 of it unknown"


def test_timeouts_come_seldom_and_are_no_gap() -> None:
    """Each takes up to 8 s, and up to 6 s may lie before it."""
    timeouts = [span(13 * i, 13 * i, TIMEOUT) for i in range(6)]
    assert readiness(*timeouts, now=65).holds is True
    refused = [replace(s, reading_class=REFUSED) for s in timeouts]
    assert readiness(*refused, now=65).holds is False
    apart = [span(15 * i, 15 * i, TIMEOUT) for i in range(6)]
    assert readiness(*apart, now=75).holds is False


@pytest.mark.parametrize(("reading_class", "fresh"), [(REFUSED, 6), (TIMEOUT, 14)])
def test_stale_readings_trip_nothing_and_release_nothing(reading_class: ReadingClass, fresh: int) -> None:
    failing = span(0, 100, reading_class)
    assert readiness(failing, now=100 + fresh).holds is True
    seen = readiness(failing, now=101 + fresh)
    assert (seen.holds, seen.held_for) == (False, None)
    assert seen.reason == f"{API}: no reading for 00:{fresh + 1:02}"
    assert readiness(span(0, 200), now=206, tripped=True).released is True
    assert readiness(span(0, 200), now=207, tripped=True).released is False
    never = readiness(now=500, tripped=True)
    assert (never.holds, never.released, never.reason) == (False, False, f"{API}: no reading yet")


def test_unknown_says_why() -> None:
    seen = readiness(span(0, 90), span(92, 120, SERVER_ERROR), now=120, tripped=True)
    assert seen.reason == f"{API}: server error, which says nothing of readiness"
    assert (seen.holds, seen.released) == (False, False)


def test_any_one_replica_is_enough_and_they_do_not_add_up() -> None:
    good = span(0, 100, replica="a")
    seen = readiness(good, span(40, 100, NOT_READY, replica="b"), now=100, policy=TWO)
    assert (seen.holds, seen.reason) == (True, "b: not ready for 01:00")
    turns = [
        span(20 * i, 20 * i + 18, NOT_READY if i % 2 else OK, name)
        for name, first in (("a", 0), ("b", 1))
        for i in range(first, 10)
    ]
    assert readiness(*turns, now=198, policy=TWO).holds is False


def test_a_sustained_replica_speaks_before_one_that_fails_for_longer_with_gaps() -> None:
    gaps = [span(0, 10, REFUSED, "a"), span(95, 100, REFUSED, "a")]
    seen = readiness(*gaps, span(30, 100, NOT_READY, "b"), now=100, policy=TWO)
    assert (seen.holds, seen.held_for, seen.reason) == (True, 70, "b: not ready for 01:10 and 1 more")
    both = [span(50, 100, REFUSED, "a"), span(60, 100, NOT_READY, "b")]
    assert readiness(*both, now=100, policy=TWO).reason.startswith("a: unreachable (refused) for 00:50 of")


def test_other_asks_and_other_replicas_do_not_count() -> None:
    live = replace(span(0, 100, REFUSED), ask=Ask.LIVE)
    assert readiness(live, span(0, 100, REFUSED, "removed"), now=100).reason == f"{API}: no reading yet"
    none = readiness(now=100, policy=Policy(replicas=()), tripped=True)
    assert (none.holds, none.released) == (False, False)


def test_a_clock_that_was_set_back_trips_nothing_from_the_future() -> None:
    assert readiness(span(3600, 3700, REFUSED), span(0, 20), now=20).holds is False
    seen = readiness(span(60, 110, REFUSED), now=100)
    assert (seen.holds, seen.held_for) == (False, 40)


# Readiness: expected


def test_a_planned_step_and_its_grace_are_not_judged() -> None:
    down = span(0, 400, REFUSED)
    running = readiness(down, now=300, planned=[(0, None)])
    assert (running.holds, running.held_for) == (False, None)
    assert running.reason == "not judged while a step runs and for 01:00 after it"
    assert readiness(down, now=400, planned=[(0, 340)]).held_for is None
    assert readiness(down, now=300, planned=[(0, None)], tripped=True).released is False


def test_the_clock_starts_when_the_grace_is_over() -> None:
    down = [span(0, end, REFUSED) for end in (419, 420)]
    states = [readiness(s, now=s.last_at - T0, planned=[(100, 300)]) for s in down]
    assert [(t.holds, t.held_for) for t in states] == [(False, 59), (True, 60)]

    again = readiness(span(0, 420, REFUSED), now=420, planned=[(0, 50), (100, 310), (250, 320)])
    assert (again.holds, again.held_for) == (False, 40)
    twice = readiness(span(0, 420, REFUSED), now=420, planned=[(0, 50), (200, 320)])
    assert (twice.holds, twice.held_for) == (False, 40)


def test_what_failed_before_a_step_does_not_count_after_it() -> None:
    spans = [span(0, 90, REFUSED), span(92, 160), span(162, 200, REFUSED)]
    seen = readiness(*spans, now=200, planned=[(91, 100)])
    assert (seen.holds, seen.held_for) == (False, 38)
    bridged = readiness(span(0, 90, REFUSED), span(170, 200, REFUSED), now=200, planned=[(91, 100)])
    assert (bridged.holds, bridged.held_for) == (False, 30)
    before = readiness(span(0, 160, REFUSED), now=161, planned=[(91, 100)])
    assert before.reason == f"{API}: no reading since the last step"


def test_being_well_during_a_step_releases_nothing() -> None:
    spans = [span(0, 90, REFUSED), span(92, 400)]
    assert readiness(*spans, now=279, planned=[(91, 100)], tripped=True).released is False
    assert readiness(*spans, now=280, planned=[(91, 100)], tripped=True).released is True


# Readiness: released


def test_it_is_released_only_after_its_time_without_one_failing_reading() -> None:
    tripped = span(0, 100, NOT_READY)
    early = readiness(tripped, span(102, 221), now=221, tripped=True)
    assert (early.released, early.reason) == (False, "clear for 01:59 of 02:00")
    late = readiness(tripped, span(102, 222), now=222, tripped=True)
    assert (late.released, late.reason) == (True, "clear for 02:00 of 02:00")
    assert readiness(tripped, span(102, 222), now=222).released is False
    flap = readiness(tripped, span(102, 200), span(202, 202, REFUSED), span(204, 300), now=300, tripped=True)
    assert flap.released is False
    own = Policy(release_after=30)
    assert readiness(tripped, span(102, 132), now=132, tripped=True, policy=own).released is True


def test_it_is_released_by_all_replicas_together_and_by_known_time() -> None:
    a, b = span(0, 300, replica="a"), span(200, 300, replica="b")
    early = readiness(a, b, now=300, tripped=True, policy=TWO)
    assert (early.released, early.reason) == (False, "clear for 01:40 of 02:00")
    missing = readiness(a, now=300, tripped=True, policy=TWO)
    assert (missing.released, missing.reason) == (False, "b: no reading yet")
    assert readiness(span(0, 10), span(110, 130), now=130, tripped=True).released is False


# Readiness, reading by reading

Poll = tuple[float, ReadingClass]


def spans_of(polls: Sequence[Poll]) -> tuple[Span, ...]:
    """As the watch's file joins them: same class, and no more than three intervals in between."""
    spans: list[Span] = []
    for at, found in polls:
        last = spans[-1] if spans else None
        taken = 8 if found is TIMEOUT else 0
        if last and last.reading_class is found and T0 + at - taken - last.last_at <= 6:
            spans[-1] = replace(last, last_at=T0 + at, count=last.count + 1)
        else:
            spans.append(span(at, at, found))
    return tuple(spans)


def trips(polls: Sequence[Poll], planned: Sequence[tuple[float, float | None]] = ()) -> Iterator[str]:
    """What a console journals that looks after every poll."""
    tripped: set[str] = set()
    for count, (at, _) in enumerate(polls, start=1):
        trigger = board(*spans_of(polls[:count]), now=at, tripped=sorted(tripped), planned=planned)[
            "readiness"
        ]
        assert not (trigger.holds and trigger.released)
        if trigger.holds and "readiness" not in tripped:
            tripped.add("readiness")
            yield "tripped"
        if trigger.released:
            tripped.remove("readiness")
            yield "cleared"


def every_2_s(*stretches: tuple[ReadingClass, float]) -> list[Poll]:
    polls: list[Poll] = []
    for found, seconds in stretches:
        polls += [(2.0 * (len(polls) + i), found) for i in range(int(seconds / 2))]
    return polls


def test_flapping_never_trips() -> None:
    assert list(trips(every_2_s(*[(REFUSED, 58), (OK, 2)] * 5))) == []
    assert list(trips(every_2_s(*[(REFUSED, 2), (OK, 2)] * 80))) == []


def test_a_sustained_failure_trips_exactly_once_and_clears_exactly_once() -> None:
    outage = [(OK, 60), (NOT_READY, 200), (OK, 20), (REFUSED, 40), (OK, 300)]
    assert list(trips(every_2_s(*outage))) == ["tripped", "cleared"]
    assert list(trips(every_2_s(*outage, *outage))) == ["tripped", "cleared"] * 2


def test_flapping_after_a_trip_neither_clears_nor_trips_again() -> None:
    polls = every_2_s((REFUSED, 80), *[(OK, 100), (REFUSED, 10)] * 4)
    assert list(trips(polls)) == ["tripped"]


def test_a_planned_deploy_never_trips_but_one_that_leaves_it_down_does() -> None:
    planned = [(60.0, 200.0)]
    assert list(trips(every_2_s((OK, 60), (REFUSED, 190), (OK, 400)), planned)) == []
    polls = every_2_s((OK, 60), (REFUSED, 300))
    assert list(trips(polls, planned)) == ["tripped"]
    assert list(trips([p for p in polls if p[0] < 320], planned)) == []


@given(
    st.lists(st.tuples(st.sampled_from(ReadingClass), st.integers(1, 40), st.floats(0.5, 20)), max_size=8),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200)), max_size=2),
    st.floats(0, 30),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_what_holds_and_what_is_released_follow_from_the_readings(
    pieces: list[tuple[ReadingClass, int, float]],
    steps: list[tuple[int, int]],
    later: float,
    tripped: bool,
) -> None:
    """Against the readings themselves: nothing holds or is released that they do not bear out."""
    polls: list[Poll] = []
    for found, count, gap in pieces:
        start = polls[-1][0] + gap if polls else 0.0
        polls += [(start + 2.0 * i, found) for i in range(count)]
    now = (polls[-1][0] if polls else 0.0) + later
    planned = [(float(start), float(start + length)) for start, length in steps]
    seen = readiness(*spans_of(polls), now=now, planned=planned, tripped=tripped)
    spells = [(start, end + POLICY.grace) for start, end in planned]
    assert not (seen.holds and seen.released)
    for claimed, classes, length in ((seen.holds, FAILING, 60.0), (seen.released, WELL, 120.0)):
        if not claimed:
            continue
        counted = [(at, c) for at, c in polls if c in FAILING | WELL]
        assert all(not start < now <= end for start, end in spells)
        since = max(
            [end for _, end in spells if end <= now]
            + [at for at, c in counted if c not in classes]
            + [min(at for at, c in counted if c in classes) - 1e-6]
        )
        assert counted[-1][1] in classes
        assert now - counted[-1][0] <= 14
        assert counted[-1][0] - since >= length - 1e-3
        lately = [at for at, c in counted if at > now - length]
        assert len(lately) >= (0.8 * length - 14) / 14
    if seen.released:
        assert tripped
    if seen.held_for is not None:
        assert 0 <= seen.held_for <= now + 1e-3


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
    assert running.reason == "not judged while a step runs and for 01:00 after it"
    early = backlog(readings[:33], (305, 310), tripped=True)
    assert (early.released, early.reason) == (False, "clear for 01:50 of 02:00 since the last step")
    assert backlog(readings[:34], (305, 310), tripped=True).released is True
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
