"""A series becomes four numbers a metric, and a doubtful baseline says why."""

import pytest
from msgspec.structs import replace

from state.events import MetricSummary, SnapshotRecorded
from state.judgement.baseline import summarise, warnings

from .build import AGE, API, GC, KEYS, PENDING, POLICY, T0, failed, ops, series, snapshot


def test_median_range_and_slope_per_second() -> None:
    summary = summarise(series(PENDING, [4, 1, 7, 10, 13]))[PENDING]
    assert (summary.median, summary.minimum, summary.maximum, summary.count) == (7, 1, 13, 5)
    assert summary.slope == pytest.approx(2.7 / 15)


def test_an_even_series_has_the_middle_of_its_middle_two() -> None:
    assert summarise(series(PENDING, [1, 9, 2, 4]))[PENDING].median == 3


def test_what_is_not_ok_is_left_out_and_never_a_zero() -> None:
    samples = [failed(0), ops(15, **{PENDING: 8, GC: None}), failed(30), ops(45, **{PENDING: 6, GC: True})]
    summaries = summarise(samples)
    assert (summaries[PENDING].minimum, summaries[PENDING].count) == (6, 2)
    assert GC not in summaries
    assert set(summaries) == set(KEYS) - {GC}


def test_one_sample_has_no_slope() -> None:
    assert summarise(series(AGE, [12]))[AGE] == MetricSummary(12, 12, 12, 0.0, 1)


def warned(
    snap: SnapshotRecorded | None = None, now: float = 0.0, subject: str = "admin", base: str = API
) -> tuple[str, ...]:
    return warnings(snap or snapshot(), subject, base, POLICY, T0 + now)


def test_a_sound_baseline_has_nothing_to_say() -> None:
    assert warned() == ()
    assert warned(now=1785) == ()
    assert warned(subject="") == ()


def test_each_doubt_is_a_sentence() -> None:
    assert warned(now=1786) == ("The baseline is 30:01 old.",)
    assert warned(replace(snapshot(), ready="not_ready")) == (
        "The baseline was taken while the API was not ready.",
    )
    assert warned(replace(snapshot(), samples=1)) == ("The baseline is a single sample.",)
    assert "admin, the current one is kim's" in warned(subject="kim")[0]
    assert "http://other" in warned(base="http://other")[0]


def growing(key: str, summary: MetricSummary, seconds: float = 60.0) -> tuple[str, ...]:
    snap = snapshot(first=-seconds, last=0)
    return warned(replace(snap, metrics={**snap.metrics, key: summary}))


def test_an_age_that_climbs_with_the_clock_was_growing_already() -> None:
    climbing = MetricSummary(40, 10, 70, 1.0, 5)
    assert growing(AGE, climbing) == ("Oldest pending (s) was growing already (10 to 70, +1.0/s).",)
    assert growing(AGE, replace(climbing, slope=0.8)) == ()
    assert growing(AGE, replace(climbing, count=3)) == ()
    assert growing(AGE, climbing, seconds=30) == ()  # a saw-tooth also climbs for half a minute


def test_a_queue_was_growing_when_its_trend_beats_its_margin() -> None:
    assert growing(PENDING, MetricSummary(10, 4, 16, 0.16, 5)) == ()
    assert len(growing(PENDING, MetricSummary(10, 4, 16, 0.17, 5))) == 1
    assert growing(PENDING, MetricSummary(100, 80, 119, 0.6, 5)) == ()
    assert growing(GC, MetricSummary(10, 4, 160, 2.0, 5)) == ()
