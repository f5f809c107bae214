"""Each row of the design's table: when a metric is watched, when it is a breach, and when neither."""

import pytest
from msgspec.structs import replace

from state.judgement.backlog import RowState, judge_backlog, judge_coverage, row_as_json
from state.policy import Limit, Policy
from state.readings import METRICS, ReadingClass

from .build import (
    AGE,
    AVAILABLE,
    BUSY,
    FAILED,
    GC,
    PENDING,
    POLICY,
    SEARCH,
    SUSTAINED,
    T0,
    TIMEOUTS,
    failed,
    judged,
    ops,
    series,
    snapshot,
)

OK, WATCH, BREACH = RowState.OK, RowState.WATCH, RowState.BREACH
NO_DATA, EXPECTED = RowState.NO_DATA, RowState.EXPECTED


@pytest.mark.parametrize(
    ("key", "values", "state"),
    [
        # Age: above warning (300), a ramp, above critical (900).
        (AGE, [300] * 3, OK),
        (AGE, [301], WATCH),
        (AGE, [301] * (SUSTAINED - 1), WATCH),
        (AGE, [301] * SUSTAINED, BREACH),
        (AGE, [900], WATCH),
        (AGE, [901], BREACH),
        (AGE, [5, 20, 35, 50], OK),
        (AGE, [5, 20, 35, 50, 65], WATCH),
        (AGE, [5, 18, 31, 44, 57], OK),  # 0.87 a second: slower than the clock
        (AGE, [0, 25, 50, 45, 70], OK),  # steep, but it fell: something was drained
        (AGE, [15 * i for i in range(SUSTAINED)], BREACH),
        # Queue: above max(50, 60 + 30) and not draining; above critical (200).
        (PENDING, [90], OK),
        (PENDING, [91], WATCH),
        (PENDING, [91] * (SUSTAINED - 1), WATCH),
        (PENDING, [91] * SUSTAINED, BREACH),
        (PENDING, [201], BREACH),
        (PENDING, [195 - 7 * i for i in range(12)], WATCH),
        (PENDING, [195 - 7 * i for i in range(13)], OK),  # 5 samples to see it drain, 120 s to believe it
        (PENDING, [120, 110, 120, 110, 120] * 4 + [110], BREACH),  # swings, does not drain
        # Small queues may grow by 10; one without thresholds has no critical.
        (AVAILABLE, [16], OK),
        (AVAILABLE, [17], WATCH),
        (AVAILABLE, [9000], WATCH),
        (AVAILABLE, [17] * SUSTAINED, BREACH),
        # Failed jobs: any rise over 3 is watched, above warning (5) it counts, above 20 at once.
        (FAILED, [3] * SUSTAINED, OK),
        (FAILED, [4] * SUSTAINED, WATCH),
        (FAILED, [5] * SUSTAINED, WATCH),
        (FAILED, [6] * (SUSTAINED - 1), WATCH),
        (FAILED, [6] * SUSTAINED, BREACH),
        (FAILED, [20], WATCH),
        (FAILED, [21], BREACH),
        # Must be zero: what was there before is no growth.
        (GC, [1] * SUSTAINED, OK),
        (GC, [2], WATCH),
        (GC, [2] * SUSTAINED, BREACH),
        # A rolling count is never a breach by itself.
        (TIMEOUTS, [2] * SUSTAINED, OK),
        (TIMEOUTS, [3] * SUSTAINED, WATCH),
    ],
)
def test_the_table_against_a_baseline(key: str, values: list[float], state: RowState) -> None:
    assert judged(key, series(key, values), BUSY).state is state


@pytest.mark.parametrize(
    ("key", "values", "state"),
    [
        (PENDING, [50], OK),
        (PENDING, [51], WATCH),
        (AVAILABLE, [10_000] * SUSTAINED, OK),
        (FAILED, [5] * SUSTAINED, OK),
        (FAILED, [6] * SUSTAINED, BREACH),
        (GC, [0], OK),
        (GC, [1], WATCH),
        (TIMEOUTS, [1] * SUSTAINED, WATCH),
        (AGE, [5, 20, 35, 50, 65], WATCH),
    ],
)
def test_without_a_baseline_only_the_thresholds_speak(key: str, values: list[float], state: RowState) -> None:
    row = judged(key, series(key, values), None)
    assert (row.state, row.baseline, row.delta, row.current) == (state, None, None, values[-1])


def test_an_ok_row_without_a_baseline_says_what_it_was_judged_by() -> None:
    assert judged(PENDING, [ops(0)]).reason == "no baseline yet: judged by its alert alone"
    assert judged(AVAILABLE, [ops(0)]).reason == "no baseline yet: shown only"
    without = replace(BUSY, metrics={AGE: BUSY.metrics[AGE]})
    assert (
        judged(PENDING, [ops(0)], without).reason
        == "the baseline does not have it: judged by its alert alone"
    )
    assert judged(PENDING, [ops(0)], BUSY).reason == ""
    assert "not beyond the baseline (max 60)" in judged(PENDING, [ops(0, **{PENDING: 70})], BUSY).reason


def test_a_metric_that_the_site_gave_no_alert_is_judged_against_the_baseline() -> None:
    policy = Policy(limits={})
    assert judged(PENDING, [ops(0, **{PENDING: 91})], BUSY, policy=policy).state is WATCH
    assert judged(FAILED, series(FAILED, [900] * SUSTAINED), BUSY, policy=policy).state is WATCH
    assert judged(GC, [ops(0, **{GC: 1})], None, policy=policy).state is WATCH
    assert judged(FAILED, [ops(0, **{FAILED: 1})], None, policy=policy).state is OK
    assert judged(AGE, [ops(0, **{AGE: 9000})], BUSY, policy=policy).state is OK
    assert judged(AGE, [ops(0)], BUSY, policy=policy).limit == Limit()


def test_numbers_of_a_row() -> None:
    row = judged(PENDING, [ops(0, **{PENDING: 42})], BUSY)
    assert (row.current, row.delta, row.baseline) == (42, 12, BUSY.metrics[PENDING])
    assert row.limit == Limit(50, 200)
    assert row_as_json(row) == {
        "metric": PENDING, "baseline": 30, "baseline_range": [30, 60], "current": 42, "delta": 12,
        "warning": 50, "critical": 200, "state": "OK", "reason": "", "held_for": None, "held_of": None,
    }  # fmt: skip


# No data


@pytest.mark.parametrize("reading_class", [c for c in ReadingClass if c is not ReadingClass.OK])
def test_a_reading_that_is_not_ok_is_no_data(reading_class: ReadingClass) -> None:
    for metric in METRICS:
        row = judged(metric.key, [ops(0), failed(15, reading_class)], BUSY)
        assert (row.state, row.current, row.delta) == (NO_DATA, None, None)
        assert row.reason


def test_no_data_says_why_and_what_was_known() -> None:
    assert judged(AGE, [ops(0), failed(15, ReadingClass.UNAUTHORIZED, 401)], BUSY).reason == (
        "401: the token is not accepted; give another"
    )
    assert judged(AGE, [ops(0, **{AGE: 950}), failed(15)], BUSY).reason.endswith("; was BREACH")
    assert judge_backlog((), BUSY, (), POLICY, T0)[0].reason == "no summary yet"


def test_a_reading_is_stale_after_three_intervals() -> None:
    assert judged(AGE, [ops(0)], BUSY, now=45).state is OK
    row = judged(AGE, [ops(0)], BUSY, now=46)
    assert (row.state, row.current, row.reason) == (NO_DATA, None, "no summary for 00:46")


def test_readings_from_a_clock_that_was_put_back_are_left_out() -> None:
    row = judged(PENDING, [ops(3600, **{PENDING: 500}), ops(0, **{PENDING: 7})], BUSY, now=10)
    assert (row.state, row.current) == (OK, 7)


def test_a_key_that_the_release_does_not_report() -> None:
    silent = [ops(0, **{SEARCH: None})]
    assert judged(SEARCH, silent, BUSY).reason == "not reported by this release"
    assert judged(SEARCH, silent, BUSY).state is NO_DATA
    assert judged(SEARCH, silent, None).state is NO_DATA
    without = replace(BUSY, metrics={k: v for k, v in BUSY.metrics.items() if k != SEARCH})
    row = judged(SEARCH, silent, without)
    assert (row.state, row.current) == (OK, None)
    assert row.reason == "reported by neither release: nothing to compare"
    # The new release had it and lost it again: that is not "neither".
    assert judged(SEARCH, [ops(0), ops(15, **{SEARCH: None})], without).state is NO_DATA


# Reasons


def test_reasons_carry_their_numbers() -> None:
    ramp = judged(AGE, series(AGE, [5 + 15 * i for i in range(6)]), BUSY)
    assert ramp.reason == "+1.0 s/s for 01:15 of 05:00: worker is not draining"
    both = judged(AGE, series(AGE, [97 + 15 * i for i in range(22)]), BUSY)
    assert (both.state, both.reason) == (
        BREACH,
        "412 > 300 for 05:15, baseline max 14, +1.0 s/s: worker is not draining",
    )
    assert judged(FAILED, [ops(0, **{FAILED: 4})], BUSY).reason == "4 > 3, baseline max 3"
    assert judged(FAILED, [ops(0, **{FAILED: 7})], BUSY).reason == "7 > 5 for 00:00 of 05:00, baseline max 3"
    assert judged(FAILED, [ops(0, **{FAILED: 70})], BUSY).reason == "70 > 20 (critical), baseline max 3"
    draining = [195 - 7.5 * i for i in range(13)]
    assert judged(PENDING, series(PENDING, draining), BUSY).reason == "105 > 90, but draining (-0.5/s)"
    releasing = judged(PENDING, series(PENDING, draining[:7]), BUSY)
    assert releasing.reason == "150 > 90, but draining (-0.5/s); clear for 00:30 of 02:00"
    large = snapshot(pendingOutboxEvents=(200, 400))
    falling = series(PENDING, [300, 285, 270, 255, 240])
    assert judged(PENDING, falling, large).reason.endswith("draining (-1.0/s)")
    over = judged(PENDING, falling, BUSY)
    assert (over.state, over.reason) == (BREACH, "240 > 200 (critical), baseline max 60, draining (-1.0/s)")


def test_coverage_of_the_last_stretch() -> None:
    values: list[float | None] = [*[1.0] * 10, *[None] * 10]
    assert judge_coverage(series(AGE, values), POLICY, T0 + 285) == (10, 20)
    assert judge_coverage((), POLICY, T0) == (0, 20)
    assert judge_coverage(series(AGE, [1.0] * 30), POLICY, T0 + 435, T0 + 300) == (9, 20)
