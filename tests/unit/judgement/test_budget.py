"""Which seconds the window has spent, and which of them were planned."""

import math
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.judgement.budget import Budget, spend
from state.judgement.intervals import Interval, end_of, length, merged, overlap
from state.policy import Policy
from state.readings import ReadingClass, Span

from .build import POLICY, T0, span
from .test_readiness import spans_of

BAD = ReadingClass.NOT_READY
TWO = Policy(replicas=("a", "b"))


def spent(
    *spans: Span,
    now: float,
    opened: float = 0.0,
    planned: tuple[tuple[float, float | None], ...] = (),
    policy: Policy = POLICY,
) -> Budget:
    plan = [(T0 + start, None if end is None else T0 + end) for start, end in planned]
    return spend(spans, plan, T0 + opened, policy, T0 + now)


@pytest.mark.parametrize(
    "reading_class", [c for c in ReadingClass if c not in (ReadingClass.OK, ReadingClass.DEGRADED)]
)
def test_what_is_not_ready_counts_until_the_next_reading(reading_class: ReadingClass) -> None:
    budget = spent(span(0, 100), span(102, 110, reading_class), span(112, 200), now=201)
    assert (budget.unplanned, budget.planned, budget.allowed) == (10, 0, 259)


def test_ready_and_degraded_spend_nothing() -> None:
    assert spent(span(0, 100), span(102, 200, ReadingClass.DEGRADED), now=205).unplanned == 0


def test_a_gap_is_unknown_from_its_first_second() -> None:
    assert spent(span(0, 100), span(106, 200), now=200).unplanned == 0
    assert spent(span(0, 100), span(107, 200), now=200).unplanned == 7


def test_without_a_fresh_reading_it_is_being_spent() -> None:
    assert spent(span(0, 100), now=106).unplanned == 0
    assert spent(span(0, 100), now=160).unplanned == 60
    assert spent(span(0, 100, BAD), now=103).unplanned == 103


def test_time_before_the_first_reading_or_the_opening_does_not_count() -> None:
    budget = spent(span(300, 400, BAD), span(402, 500), now=500)
    assert (budget.unplanned, budget.since) == (102, T0 + 300)
    budget = spent(span(0, 400, BAD), span(402, 500), now=500, opened=350)
    assert (budget.unplanned, budget.since) == (52, T0 + 350)


def test_planned_time_and_its_grace_are_kept_apart() -> None:
    bad = (span(0, 98), span(100, 400, BAD), span(402, 500))
    budget = spent(*bad, now=500, planned=((50, 200),))
    assert (budget.planned, budget.unplanned) == (160, 142)
    running = spent(*bad, now=500, planned=((150, None),))
    assert (running.planned, running.unplanned) == (252, 50)
    twice = spent(*bad, now=500, planned=((100, 200), (150, 210)))
    assert (twice.planned, twice.unplanned) == (170, 132)


def test_a_second_counts_once_whichever_replicas_are_down_in_it() -> None:
    a = (span(0, 98, replica="a"), span(100, 198, BAD, replica="a"), span(200, 400, replica="a"))
    b = (span(0, 148, replica="b"), span(150, 248, BAD, replica="b"), span(250, 400, replica="b"))
    assert spent(*a, *b, now=400, policy=TWO).unplanned == 150


def test_a_replica_that_was_never_read_is_named() -> None:
    assert spent(span(0, 400, replica="a"), now=400, policy=TWO).unread == ("b",)
    nothing = spent(now=400, policy=TWO)
    assert (nothing.unplanned, nothing.since, nothing.unread) == (0, None, ("a", "b"))


PLANS = st.lists(st.tuples(st.floats(0, 1500), st.none() | st.floats(0, 500)), max_size=3).map(
    lambda raw: tuple((start, None if more is None else start + more) for start, more in raw)
)


@given(spans_of("a"), spans_of("b"), PLANS, st.floats(0, 4000), st.floats(0, 500))
def test_it_only_grows_and_is_never_more_than_the_time_that_passed(
    one: list[Span],
    other: list[Span],
    planned: tuple[tuple[float, float | None], ...],
    now: float,
    later: float,
) -> None:
    early = spent(*one, *other, now=now, planned=planned, policy=TWO)
    late = spent(*one, *other, now=now + later, planned=planned, policy=TWO)
    assert early.unplanned <= late.unplanned + 1e-6
    assert early.planned <= late.planned + 1e-6
    assert early.planned + early.unplanned <= now + 1e-6
    turned = spent(*other, *one, now=now, planned=planned, policy=Policy(replicas=("b", "a")))
    assert (turned.unplanned, turned.planned) == pytest.approx((early.unplanned, early.planned))


INTERVALS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=8)


@given(INTERVALS, INTERVALS)
def test_intervals_merge_and_overlap_second_by_second(
    one: list[tuple[float, float]], other: list[tuple[float, float]]
) -> None:
    def seconds(intervals: Iterable[Interval]) -> set[int]:
        return {s for a, b in intervals for s in range(int(a), int(b))}

    assert seconds(merged(one)) == seconds(one)
    assert length(merged(one)) == len(seconds(one))
    assert seconds(overlap(merged(one), merged(other))) == seconds(one) & seconds(other)
    assert all(b < c for (_, b), (c, _) in zip(merged(one), merged(one)[1:], strict=False))


def test_an_interval_holds_its_ends() -> None:
    assert end_of([(1.0, math.inf)], 1.0) == math.inf
    assert end_of([(1.0, 2.0)], 2.0) == 2.0
    assert end_of([(1.0, 2.0)], 2.5) is None
