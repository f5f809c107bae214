"""Valid values, slopes, coverage and the latch that they feed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.judgement.latch import replay
from state.judgement.series import covered, points_of, slope, stretches, value_of
from state.policy import Policy
from state.readings import ReadingClass

from .build import AGE, KEYS, T0, failed, ops

POLICY = Policy(sustained_for=60, release_after=30, summary_every=10)


@pytest.mark.parametrize("value", [True, "7", None, math.nan, math.inf, -1, [7]])
def test_an_unsound_number_is_no_value(value: object) -> None:
    assert value_of(ops(0, **{AGE: value}), AGE) is None


@pytest.mark.parametrize("reading_class", [c for c in ReadingClass if c is not ReadingClass.OK])
def test_only_an_ok_reading_has_values(reading_class: ReadingClass) -> None:
    good = ops(0, **{AGE: 7})
    bad = type(good)(good.ask, good.replica, good.at, reading_class, values=good.values)
    assert points_of([bad, good, failed(15)], AGE) == ((T0, 7.0),)


@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=30), st.floats(-5, 5))
def test_the_slope_of_a_line_is_its_slope(offsets: list[float], rise: float) -> None:
    times = [T0 + i * 15.0 for i in range(len(offsets))]
    assert slope([(at, 1e4 + rise * (at - T0)) for at in times]) == pytest.approx(rise, abs=1e-6)


def test_one_moment_has_no_slope() -> None:
    assert slope([(T0, 5.0)]) == 0
    assert slope([(T0, 5.0), (T0, 9.0)]) == 0


def test_coverage_counts_due_samples_and_asking_often_does_not_help() -> None:
    every_15 = [i * 15.0 for i in range(40)]
    assert covered(every_15, every_15[-1], 300, 15) == (20, 20)
    assert covered(every_15[::2], every_15[-2], 300, 15) == (10, 20)
    burst = [float(i) for i in range(100)]
    assert covered(burst, 99.0, 300, 15) == (8, 20)
    assert covered([], 0.0, 300, 15) == (0, 20)
    assert covered([100.0], 50.0, 300, 15) == (0, 20)


@given(st.lists(st.floats(-1.5, 1.5), min_size=21, max_size=21))
def test_jitter_does_not_cost_coverage(jitter: list[float]) -> None:
    times = [i * 15.0 + j for i, j in enumerate(jitter)]
    assert covered(times, times[-1], 300, 15) == (20, 20)


def test_a_stretch_is_long_enough_dense_enough_and_without_a_gap() -> None:
    points = [(i * 15.0, 0.0) for i in range(10)]
    assert stretches(points, 60, 4, 15) == [None, None, None, None, 0, 1, 2, 3, 4, 5]
    assert stretches(points, 10, 4, 15) == [None, None, None, 0, 1, 2, 3, 4, 5, 6]
    gap = [*points[:6], *((at + 40.0, value) for at, value in points[6:])]
    assert stretches(gap, 30, 3, 15) == [None, None, 0, 1, 2, 3, None, None, 6, 7]
    jittered = [(0.0, 0.0), (15.0, 0.0), (30.0, 0.0), (45.0, 0.0), (59.0, 0.0)]
    assert stretches(jittered, 60, 4, 15)[-1] == 0
    assert stretches([], 60, 4, 15) == []


def flags(pattern: str) -> tuple[list[float], list[bool]]:
    """One sample each 10 s: `x` true, `.` false, a space is missing."""
    times = [T0 + i * 10.0 for i, mark in enumerate(pattern) if mark != " "]
    return times, [mark == "x" for mark in pattern if mark != " "]


@pytest.mark.parametrize(
    ("pattern", "raised"),
    [
        ("xxxxxx", False),
        ("xxxxxxx", True),
        ("xxx.xxxxxx", False),
        ("xxx.xxxxxxx", True),
        ("xxxx xxx", True),
        ("xx  x xx", False),
        ("xxxxxxx..", True),
        ("xxxxxxx...", True),
        ("xxxxxxx....", False),
        ("xxxxxxx..x..", True),
        ("xxxxxxx.  .", True),
        ("xxxxxxx. ..", True),
    ],
)
def test_a_latch_is_raised_by_what_lasts_and_released_by_what_is_gone_for_long(
    pattern: str, raised: bool
) -> None:
    times, marks = flags(pattern)
    assert replay(times, marks, POLICY.sustained_for, POLICY).raised is raised


def test_the_latch_knows_since_when() -> None:
    latch = replay(*flags("..xxx"), 60, POLICY)
    assert (latch.since, latch.clear_since) == (T0 + 20, None)
    latch = replay(*flags("xxxxxxx.."), 60, POLICY)
    assert (latch.since, latch.clear_since) == (None, T0 + 70)


@given(st.lists(st.sampled_from("x. "), max_size=60))
def test_it_is_only_raised_after_a_whole_covered_stretch_of_true(pattern: list[str]) -> None:
    times, marks = flags("".join(pattern))
    if replay(times, marks, 60, POLICY).raised:
        # Somewhere there were seven moments in a row with no false and at most one missing of six due.
        text = "".join(pattern)
        windows = [text[i : i + 7] for i in range(len(text) - 6)]
        assert any("." not in w and w[-1] == "x" and w[1:].count("x") >= 5 for w in windows)


def test_all_seven_metrics_are_read() -> None:
    assert all(points_of([ops(0, **{key: 3})], key) == ((T0, 3.0),) for key in KEYS)
