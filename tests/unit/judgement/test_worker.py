"""Workers that sweep, stand still and fall behind, polled in every phase: the right one is called out."""

import math
from bisect import bisect_left
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.judgement.backlog import BacklogRow, RowState
from state.readings import Reading

from .build import AGE, PENDING, T0, judged, ops, snapshot

BASE = snapshot(oldestPendingOutboxAgeSeconds=(12, 29), pendingOutboxEvents=(20, 60))
NOT_DRAINING = "worker is not draining"


class Outbox:
    """Events that arrive `gap` seconds apart and are swept every 30 s until the worker stops."""

    def __init__(self, gap: float, sweep_phase: float, stops_at: float = math.inf) -> None:
        self.gap, self.sweep_phase, self.stops_at = gap, sweep_phase, stops_at

    def oldest(self, now: float) -> float:
        """When the oldest pending event came; infinity when none is pending."""
        awake = min(now, self.stops_at)
        swept = math.floor((awake - self.sweep_phase) / 30) * 30 + self.sweep_phase
        first = (math.floor(swept / self.gap) + 1) * self.gap
        return first if first <= now else math.inf

    def summary(self, polled: float, latency: float = 0.0) -> Reading:
        """What the API says when asked at `polled`; it looks half-way through the latency."""
        looked = polled + latency / 2
        oldest = self.oldest(looked)
        pending = 0 if oldest > looked else math.floor((looked - oldest) / self.gap) + 1
        age = 0 if oldest > looked else math.floor(looked - oldest)
        return ops(polled + latency, **{AGE: age, PENDING: pending})


def rows(readings: list[Reading], key: str = AGE) -> list[BacklogRow]:
    return [judged(key, readings[: i + 1], BASE) for i in range(len(readings))]


def detection(outbox: Outbox, polls: list[float], latency: Callable[[int], float]) -> float:
    """Seconds from the first sign (a non-zero age that only climbs from then on) to the call."""
    readings = [outbox.summary(at, latency(i)) for i, at in enumerate(polls)]
    stuck_event = outbox.oldest(1e6)
    first_sign = next(r.at for r in readings if r.at - T0 > stuck_event and (r.values or {})[AGE] > 0)
    for row, reading in zip(rows(readings), readings, strict=True):
        if row.state is not RowState.OK:
            assert row.state is RowState.WATCH
            assert NOT_DRAINING in row.reason
            return reading.at - first_sign
    raise AssertionError("never called out")


@pytest.mark.parametrize("sweep_phase", range(0, 30, 7))
@pytest.mark.parametrize("phase", [0.0, 0.1, 3.0, 7.5, 11.0, 14.9])
@pytest.mark.parametrize("gap", [1.0, 4.0, 29.0])
def test_a_stuck_worker_is_called_out_within_75_seconds(gap: float, phase: float, sweep_phase: int) -> None:
    outbox = Outbox(gap, float(sweep_phase), stops_at=100.0)
    polls = [phase + 15 * i for i in range(24)]
    assert detection(outbox, polls, lambda _: 0.0) <= 75


@given(
    st.floats(0, 15), st.floats(0, 30), st.floats(0.5, 30),
    st.lists(st.floats(0, 1.2), min_size=24, max_size=24),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_nor_does_jitter_delay_the_call(phase: float, sweep: float, gap: float, latency: list[float]) -> None:
    polls = [phase + 15 * i for i in range(24)]
    assert detection(Outbox(gap, sweep, 100.0), polls, latency.__getitem__) <= 75 + 1.2


@given(
    st.floats(0, 15), st.floats(0, 30), st.floats(0.5, 60),
    st.lists(st.tuples(st.floats(0, 5), st.booleans()), min_size=40, max_size=40),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_a_healthy_saw_tooth_is_never_a_ramp(
    phase: float, sweep: float, gap: float, polls: list[tuple[float, bool]]
) -> None:
    outbox = Outbox(gap, sweep)
    readings = [outbox.summary(phase + 15 * i, late) for i, (late, lost) in enumerate(polls) if not lost]
    assert all(row.state is RowState.OK for row in rows(readings))


def test_a_saw_tooth_polled_at_any_interval_is_never_a_ramp() -> None:
    for every in (1.0, 2.0, 5.0, 14.0, 15.0, 16.0, 29.0, 31.0):
        outbox = Outbox(1.0, 3.0)
        readings = [outbox.summary(i * every) for i in range(60)]
        assert all(row.state is RowState.OK for row in rows(readings)), every


def test_a_worker_that_wakes_up_is_let_go_after_two_minutes() -> None:
    stuck = [ops(15 * i, **{AGE: 15 * i}) for i in range(8)]
    healthy = [ops(120 + 15 * i, **{AGE: 5 + 15 * (i % 2)}) for i in range(9)]
    states = [row.state for row in rows([*stuck, *healthy])]
    assert states[7:16] == [RowState.WATCH] * 9
    assert states[16] is RowState.OK


def test_a_stuck_worker_becomes_a_breach_after_five_minutes_of_it() -> None:
    readings = [ops(15 * i, **{AGE: 3 + 15 * i}) for i in range(22)]
    states = [row.state for row in rows(readings)]
    assert states.index(RowState.WATCH) == 4
    assert states.index(RowState.BREACH) == 20


def test_a_worker_stopped_by_a_step_and_never_started_shows_as_soon_as_the_grace_is_over() -> None:
    readings = [ops(15 * i, **{AGE: max(0, 15 * i - 30)}) for i in range(20)]
    states = {
        r.at - T0: judged(AGE, readings[: i + 1], BASE, planned=[(30, 120)]) for i, r in enumerate(readings)
    }
    assert states[180].state in (RowState.OK, RowState.EXPECTED)
    assert (states[195].state, states[195].held_for) == (RowState.WATCH, 15)
    assert NOT_DRAINING in states[195].reason


def test_a_backlog_that_a_worker_eats_is_not_watched_for_long() -> None:
    """800 events after a stop, 100 a sweep: watched until the fall is seen, then let go."""
    levels = [max(0, 180 - 20 * (i // 2)) for i in range(30)]
    states = [row.state for row in rows([ops(15 * i, **{PENDING: n}) for i, n in enumerate(levels)], PENDING)]
    seen = states.index(RowState.OK)
    assert bisect_left([15.0 * i for i in range(30)], 200.0) >= seen
    assert set(states[seen:]) == {RowState.OK}
