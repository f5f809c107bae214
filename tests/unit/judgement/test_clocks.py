"""The clocks of the backlog: sustained, released, expected in the disruption, reset by a restore."""

import pytest
from msgspec.structs import replace

from state.judgement.backlog import RowState, judge_backlog

from .build import AGE, BUSY, FAILED, PENDING, POLICY, SUSTAINED, T0, failed, judged, ops, series

OK, WATCH, BREACH = RowState.OK, RowState.WATCH, RowState.BREACH
NO_DATA, EXPECTED = RowState.NO_DATA, RowState.EXPECTED

#: 120 s and its first sample.
RELEASED = 9

# Sustained: at every valid sample, with enough of them, and none OK


def test_the_clock_counts_and_one_ok_sample_starts_it_again() -> None:
    row = judged(PENDING, series(PENDING, [120] * 5), BUSY)
    assert (row.held_for, row.held_of) == (60, 300)
    assert row.reason == "120 > 90 for 01:00 of 05:00, baseline max 60, not draining"
    again = judged(PENDING, series(PENDING, [120] * 20 + [80] + [120] * 20), BUSY)
    assert (again.state, again.held_for) == (WATCH, 285)


@pytest.mark.parametrize(("missing", "state"), [(4, BREACH), (5, WATCH)])
def test_sustained_needs_eighty_percent_of_the_samples(missing: int, state: RowState) -> None:
    values: list[float | None] = [120.0] * SUSTAINED
    values[2 : 2 + 2 * missing : 2] = [None] * missing
    row = judged(PENDING, series(PENDING, values), BUSY)
    assert row.state is state
    assert ("too few samples" in row.reason) is (state is WATCH)


def test_extra_readings_do_not_make_up_for_missing_ones() -> None:
    burst = [ops(i * 0.5, **{PENDING: 120}) for i in range(40)]
    assert judged(PENDING, [*burst, ops(300, **{PENDING: 120})], BUSY).state is WATCH


# Release


def test_a_breach_is_released_only_after_its_time_below() -> None:
    breach = [120.0] * SUSTAINED
    row = judged(PENDING, series(PENDING, [*breach, *[80.0] * (RELEASED - 1)]), BUSY)
    assert (row.state, row.current) == (BREACH, 80)
    assert row.reason == "80, was above 90; clear for 01:45 of 02:00"
    assert judged(PENDING, series(PENDING, [*breach, *[80.0] * RELEASED]), BUSY).state is OK


def test_a_critical_value_is_released_into_what_is_left_of_it() -> None:
    values = [950.0, *[400.0] * (RELEASED - 1)]
    row = judged(AGE, series(AGE, values), BUSY)
    assert (row.state, row.reason) == (BREACH, "400, was above 900 (critical); clear for 01:45 of 02:00")
    assert judged(AGE, series(AGE, [*values, 400.0]), BUSY).state is WATCH


def test_a_flapping_metric_stays_watched_and_never_reads_ok() -> None:
    for length in range(1, 100):
        row = judged(PENDING, series(PENDING, [120.0 if i % 2 == 0 else 80.0 for i in range(length)]), BUSY)
        assert row.state is WATCH


def test_missing_samples_release_nothing() -> None:
    values = [*[120.0] * SUSTAINED, 80.0, *[None] * 20, 80.0]
    assert judged(PENDING, series(PENDING, values), BUSY).state is BREACH


# Expected, and the clock after it


def test_while_a_step_runs_growth_and_missing_data_are_expected() -> None:
    grown = series(PENDING, [500] * 4)
    running = [(10.0, None)]
    row = judged(PENDING, grown, BUSY, planned=running)
    assert (row.state, row.current) == (EXPECTED, 500)
    assert row.reason.startswith("expected since the disruption began: 500 > 200")
    # After it nothing runs any more, and nothing says that something does.
    after = judged(PENDING, grown, BUSY, planned=[(10.0, 40.0)])
    assert after.state is EXPECTED
    assert after.reason.startswith("expected for 01:00 after the disruption: 500 > 200")
    assert judged(AGE, grown, BUSY, planned=running).state is OK
    row = judged(PENDING, [*grown, failed(60)], BUSY, planned=running)
    assert (row.state, row.current) == (EXPECTED, None)
    assert judge_backlog((), BUSY, [(T0, None)], POLICY, T0 + 5)[0].state is EXPECTED


def test_the_clock_starts_when_the_step_and_its_grace_are_over() -> None:
    done = [(0.0, 300.0)]
    readings = series(PENDING, [120] * 45)
    states = {
        r.at - T0: judged(PENDING, readings[: i + 1], BUSY, planned=done) for i, r in enumerate(readings)
    }
    assert {row.state for at, row in states.items() if at <= 360} == {EXPECTED}
    assert (states[375].state, states[375].held_for) == (WATCH, 15)
    assert states[645].state is WATCH
    assert (states[660].state, states[660].held_for) == (BREACH, 300)


def test_a_reading_from_within_the_grace_stays_expected_until_the_next_or_until_stale() -> None:
    readings = series(PENDING, [120] * 5)
    assert judged(PENDING, readings, BUSY, planned=[(0, 0)], now=61).state is EXPECTED
    assert judged(PENDING, readings, BUSY, planned=[(0, 0)], now=106).state is NO_DATA


def test_a_breach_from_before_a_step_is_counted_anew_after_it() -> None:
    readings = series(PENDING, [120] * 30)
    assert judged(PENDING, readings, BUSY).state is BREACH
    row = judged(PENDING, readings, BUSY, planned=[(340.0, 350.0)])
    assert (row.state, row.held_for) == (WATCH, 15)


def test_samples_from_before_the_baseline_are_not_judged_by_it() -> None:
    readings = [*series(FAILED, [9] * 25, start=-450), *series(FAILED, [3] * 5, start=-75)]
    assert judged(FAILED, readings, BUSY).state is OK
    # An age needs no baseline: what was wrong before it still is.
    old = series(AGE, [400] * 25, start=-360)
    assert judged(AGE, old, BUSY).state is BREACH


# A restore


def test_a_fall_to_zero_after_a_restore_reads_reset() -> None:
    row = judged(PENDING, [ops(0, **{PENDING: 300}), ops(15)], BUSY, reset_at=10)
    assert (row.state, row.delta, row.reason) == (OK, -30, "reset by the restore, not improved")
    assert judged(PENDING, [ops(0), ops(15)], BUSY).reason == ""
    after = replace(BUSY, first_at=T0 + 11, last_at=T0 + 14)
    assert judged(PENDING, [ops(0), ops(15)], after, reset_at=10).reason == ""


def test_what_was_read_before_a_restore_counts_no_more() -> None:
    row = judged(PENDING, series(PENDING, [120] * 30), BUSY, reset_at=420)
    assert (row.state, row.held_for) == (WATCH, 0)
    assert judged(PENDING, [ops(0)], BUSY, reset_at=5).state is NO_DATA


def test_a_jump_of_the_age_is_not_a_ramp() -> None:
    values = [5.0, 10.0, 200.0, 205.0, 210.0]
    assert judged(AGE, series(AGE, values), BUSY).state is OK
