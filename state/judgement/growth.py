"""What counts as growth, for each kind of metric, at each valid sample of a series."""

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from state.events import MetricSummary
from state.judgement.baseline import queue_margin
from state.judgement.series import Point, slope, stale_after, stretches
from state.policy import Limit, Policy
from state.readings import Metric, MetricKind

#: Seconds by which an age may climb faster than the clock: answers come late by up to as much.
#: Anything above is a jump (old events have come back), not a worker that stands still.
_SLACK = 10.0


class Growth(Struct, frozen=True):
    """Per point: `watch` growth to look at, `serious` growth that is a breach once it lasts,
    `critical` a breach at once. `bar` and `serious_bar` are the values that were exceeded or not;
    None where nothing sets one. `ramp` and `draining` say what the trend is at each point."""

    watch: tuple[bool, ...]
    serious: tuple[bool, ...]
    critical: tuple[bool, ...]
    bar: float | None
    serious_bar: float | None
    ramp: tuple[bool, ...]
    draining: tuple[bool, ...]


def grow(
    metric: Metric, limit: Limit, summary: MetricSummary | None, points: Sequence[Point], policy: Policy
) -> Growth:
    """The growth of one metric. Without a `summary` (no baseline) only the thresholds speak."""
    none = (False,) * len(points)
    bar, serious_bar = _bars(metric.kind, limit, summary)
    ramp = ramps(points, policy) if metric.kind is MetricKind.AGE else none
    over, critical = _above(points, bar), _above(points, limit.critical)
    queued = metric.kind is MetricKind.QUEUE and (any(over) or any(critical))
    draining = drains(points, policy) if queued else none
    watch = tuple((o and not d) or r for o, d, r in zip(over, draining, ramp, strict=True))
    if metric.kind is MetricKind.ROLLING:
        serious = none
    elif metric.kind is MetricKind.FAILED:
        serious = _above(points, serious_bar)
    else:
        serious = watch
    return Growth(watch, serious, critical, bar, serious_bar, ramp, draining)


def _bars(kind: MetricKind, limit: Limit, summary: MetricSummary | None) -> tuple[float | None, float | None]:
    """What a value must exceed to be watched, and what it must exceed to be serious."""
    if kind is MetricKind.AGE:
        return limit.warning, limit.warning
    if kind is MetricKind.QUEUE:
        grown = None if summary is None else summary.maximum + queue_margin(summary.maximum)
        bar = _larger(limit.warning, grown)
        return bar, bar
    if summary is None:
        bar = 0.0 if kind is MetricKind.MUST_BE_ZERO and limit.warning is None else limit.warning
    else:
        bar = summary.maximum
    if kind is MetricKind.ROLLING:
        return bar, None
    if kind is MetricKind.FAILED:
        return bar, None if limit.warning is None else _larger(limit.warning, bar)
    return bar, bar


def _larger(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None


def _above(points: Sequence[Point], bar: float | None) -> tuple[bool, ...]:
    return tuple(bar is not None and value > bar for _, value in points)


def ramps(points: Sequence[Point], policy: Policy) -> tuple[bool, ...]:
    """Which points lie on a ramp: a straight climb by nearly a second a second.

    It takes `ramp_for` seconds to know a ramp; its points are then marked from its first one. A
    worker that sweeps every 30 s makes a saw-tooth, which falls before that and is never one.
    """
    marks = [False] * len(points)
    climb = 0
    for last, first in enumerate(_stretches(points, policy)):
        if last and not _climbs(points[last - 1], points[last]):
            climb = last
        if first is None or first < climb or slope(points[first : last + 1]) < policy.ramp_slope:
            continue
        for index in range(last, first - 1, -1):
            marks[index] = True
    return tuple(marks)


def _stretches(points: Sequence[Point], policy: Policy) -> list[int | None]:
    return stretches(points, policy.ramp_for, policy.ramp_samples, policy.summary_every)


def _climbs(before: Point, after: Point) -> bool:
    return 0 <= after[1] - before[1] <= after[0] - before[0] + _SLACK


def drains(points: Sequence[Point], policy: Policy) -> tuple[bool, ...]:
    """At which points a queue is draining: it has fallen over the last stretch (of `ramp_for`
    seconds and `ramp_samples` samples), and no step up was more than half of that fall.

    So a queue that only swings about its level is not draining.
    """
    marks = []
    for last, first in enumerate(_stretches(points, policy)):
        marks.append(first is not None and _falls([value for _, value in points[first : last + 1]]))
    return tuple(marks)


def _falls(values: Sequence[float]) -> bool:
    fall = values[0] - values[-1]
    steepest = max(after - before for before, after in pairwise(values))
    return fall > 0 and steepest <= fall / 2


def trend(points: Sequence[Point], policy: Policy) -> float:
    """The present slope in units per second, over the last stretch or what there is of it."""
    first = _stretches(points, policy)[-1]
    if first is None:
        recent = points[-1][0] - stale_after(policy.summary_every)
        first = next(i for i, (at, _) in enumerate(points) if at >= recent)
    return slope(points[first:])
