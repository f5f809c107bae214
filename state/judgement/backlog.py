"""The backlog table: one row a metric, what it was, what it is, and whether that is growth."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from state.events import MetricSummary, SnapshotRecorded
from state.judgement import intervals
from state.judgement.growth import grow
from state.judgement.latch import replay
from state.judgement.phrases import duration, line
from state.judgement.reasons import Reasons
from state.judgement.series import Point, covered, points_of, stale_after, value_of
from state.policy import Limit, Policy
from state.readings import METRICS, Metric, MetricKind, Reading


class RowState(StrEnum):
    """EXPECTED: it would be something else than OK, but a planned disruption makes it normal now."""

    OK = "OK"
    WATCH = "WATCH"
    BREACH = "BREACH"
    NO_DATA = "NO_DATA"
    EXPECTED = "EXPECTED"


class BacklogRow(Struct, frozen=True):
    """One metric. `current` and `delta` (against the baseline's median) are None without data.

    `held_for` of `held_of` seconds have passed until growth counts as sustained; both None where
    no such clock runs.
    """

    metric: Metric
    baseline: MetricSummary | None
    current: float | None
    delta: float | None
    limit: Limit
    state: RowState
    reason: str
    held_for: float | None = None
    held_of: float | None = None


class _Scene(Struct, frozen=True):
    """What all rows are judged by. `missing` says why there is no data now, empty when there is;
    `expected` explains what is out of the ordinary, empty where nothing does;
    `clock_start` is when the last planned interval and its grace were over."""

    readings: tuple[Reading, ...]
    baseline: SnapshotRecorded | None
    policy: Policy
    missing: str
    expected: str
    clock_start: float
    reset_at: float | None


def judge_backlog(
    ops: Sequence[Reading],
    baseline: SnapshotRecorded | None,
    planned: intervals.Planned,
    policy: Policy,
    now: float,
    reset_at: float | None = None,
    disrupted_by: str = "the disruption",
) -> tuple[BacklogRow, ...]:
    """One row for each of METRICS, in their order.

    `disrupted_by` is the title of the step that began the last of `planned`, once it is over of the one
    that ended it: what is expected is said to be so because of it.

    `ops` are the ops readings of the last half hour, oldest first; the state of a row follows from
    replaying them, so `policy.sustained_for` must be well below that. What was read before
    `reset_at` (a restore) or is from the future (the clock was set back) is left out.
    """
    readings = tuple(_usable(ops, policy, now, reset_at))
    missing = _missing(readings, policy, now)
    spells = intervals.expected(planned, policy.grace)
    latest = readings[-1] if readings else None
    fresh = latest is not None and now - latest.at <= stale_after(policy.summary_every)
    end = intervals.end_of(spells, now)
    if end is None and fresh and latest is not None:
        end = intervals.end_of(spells, latest.at)
    expected = "" if end is None else _expected(end, disrupted_by, policy)
    clock_start = max((end for _, end in spells if end <= now), default=0.0)
    scene = _Scene(readings, baseline, policy, missing, expected, clock_start, reset_at)
    return tuple(_row(metric, scene) for metric in METRICS)


def judge_coverage(
    ops: Sequence[Reading], policy: Policy, now: float, reset_at: float | None = None
) -> tuple[int, int]:
    """How many of the summaries due in the last `sustained_for` seconds are OK, and how many were due."""
    readings = tuple(_usable(ops, policy, now, reset_at))
    end = readings[-1].at if readings else now
    times = [r.at for r in readings if any(value_of(r, m.key) is not None for m in METRICS)]
    return covered(times, end, policy.sustained_for, policy.summary_every)


def row_as_json(row: BacklogRow) -> dict[str, Any]:
    """The row as JSON values, for the journal, `status --json` and the report."""
    summary = row.baseline
    return {
        "metric": row.metric.key,
        "baseline": None if summary is None else summary.median,
        "baseline_range": None if summary is None else [summary.minimum, summary.maximum],
        "current": row.current,
        "delta": row.delta,
        "warning": row.limit.warning,
        "critical": row.limit.critical,
        "state": row.state.value,
        "reason": row.reason,
        "held_for": row.held_for,
        "held_of": row.held_of,
    }


def _expected(end: float, disrupted_by: str, policy: Policy) -> str:
    """Why something is expected, whatever runs by now; `end` is infinity where what disrupts goes on."""
    if math.isinf(end):
        return f"expected since {disrupted_by} began"
    return f"expected for {duration(policy.grace)} after {disrupted_by}"


def _usable(ops: Sequence[Reading], policy: Policy, now: float, reset_at: float | None) -> Sequence[Reading]:
    latest = now + stale_after(policy.summary_every)
    return [r for r in ops if r.at <= latest and (reset_at is None or r.at > reset_at)]


def _missing(readings: Sequence[Reading], policy: Policy, now: float) -> str:
    if not readings:
        return "no summary yet"
    age = now - readings[-1].at
    if age > stale_after(policy.summary_every):
        return f"no summary for {duration(age)}"
    return line(readings[-1])


def _row(metric: Metric, scene: _Scene) -> BacklogRow:
    key = metric.key
    summary = scene.baseline.metrics.get(key) if scene.baseline else None
    limit = scene.policy.limits.get(key, Limit())
    points = points_of(scene.readings, key)
    missing = scene.missing
    if not missing and value_of(scene.readings[-1], key) is None:
        if scene.baseline is not None and summary is None and not points:
            reason = "reported by neither release: nothing to compare"
            return BacklogRow(metric, None, None, None, limit, RowState.OK, reason)
        missing = "not reported by this release"
    finding = _find(metric, limit, summary, points, scene) if points else None
    if missing or finding is None:
        state, reason = _without_data(missing, finding, scene.expected)
        return BacklogRow(metric, summary, None, None, limit, state, reason)
    current = points[-1][1]
    delta = None if summary is None else current - summary.median
    held_of = None if finding.held_for is None else scene.policy.sustained_for
    return BacklogRow(
        metric, summary, current, delta, limit, finding.state, finding.reason, finding.held_for, held_of
    )


class _Finding(Struct, frozen=True):
    state: RowState
    reason: str
    held_for: float | None = None


def _without_data(missing: str, was: _Finding | None, expected: str) -> tuple[RowState, str]:
    """NO DATA, with what the row was while there was some; or EXPECTED where a step explains it."""
    if expected:
        return RowState.EXPECTED, f"{expected}: {missing}"
    if was is None or was.state is RowState.OK:
        return RowState.NO_DATA, missing
    return RowState.NO_DATA, f"{missing}; was {was.state}"


def _find(
    metric: Metric, limit: Limit, summary: MetricSummary | None, points: Sequence[Point], scene: _Scene
) -> _Finding:
    """The state at the last point, from replaying those for which the clock runs."""
    policy = scene.policy
    growth = grow(metric, limit, summary, points, policy)
    reasons = Reasons(metric, limit, summary, points, growth, policy)
    reset = (
        scene.reset_at is not None and scene.baseline is not None and scene.baseline.last_at < scene.reset_at
    )
    calm = _Finding(RowState.OK, reasons.calm(scene.baseline is not None, reset))
    if scene.expected:
        if growth.watch[-1] or growth.critical[-1]:
            return _Finding(RowState.EXPECTED, f"{scene.expected}: {reasons.grown('')}")
        return calm
    first = _clock_index(metric, points, scene)
    times = [at for at, _ in points[first:]]
    critical = replay(times, growth.critical[first:], 0.0, policy)
    serious = replay(times, growth.serious[first:], policy.sustained_for, policy)
    watch = replay(times, growth.watch[first:], 0.0, policy)
    held_for = None if serious.since is None else times[-1] - serious.since
    if critical.raised:
        return _Finding(RowState.BREACH, reasons.critical(critical), held_for)
    if serious.raised or watch.raised:
        state = RowState.BREACH if serious.raised else RowState.WATCH
        return _Finding(state, reasons.raised(watch, serious), held_for)
    return calm


def _clock_index(metric: Metric, points: Sequence[Point], scene: _Scene) -> int:
    """The first point that counts: after the last planned interval, and not before the baseline.

    Before its first sample a baseline says nothing; an age is judged without one.
    """
    start = scene.clock_start
    if scene.baseline is not None and metric.kind is not MetricKind.AGE:
        start = max(start, scene.baseline.first_at)
    return min(bisect_left([at for at, _ in points], start), len(points) - 1)
