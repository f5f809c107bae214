"""The baseline: a series of ops summaries in four numbers a metric, and what makes it doubtful."""

from collections.abc import Sequence

from state.events import MetricSummary, SnapshotRecorded
from state.judgement.phrases import duration, number, rate
from state.judgement.series import JITTER, points_of, slope
from state.policy import Policy
from state.readings import METRICS, MetricKind, Reading


def summarise(samples: Sequence[Reading]) -> dict[str, MetricSummary]:
    """Median, minimum, maximum and slope by metric key, over the valid samples of each.

    A metric that no sample has is not in the answer.
    """
    summaries = {}
    for metric in METRICS:
        points = points_of(samples, metric.key)
        if points:
            values = sorted(value for _, value in points)
            summaries[metric.key] = MetricSummary(
                _median(values), values[0], values[-1], slope(points), len(values)
            )
    return summaries


def _median(values: Sequence[float]) -> float:
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def queue_margin(size: float) -> float:
    """By how much a queue may outgrow a size before it counts as growth: 10, or half of it."""
    return max(10.0, size / 2)


def warnings(
    snapshot: SnapshotRecorded, subject: str, base: str, policy: Policy, now: float
) -> tuple[str, ...]:
    """What makes the baseline doubtful, one sentence each.

    `subject` and `base` are those of the current readings; an empty one is not known and says nothing.
    """
    found = []
    age = now - snapshot.last_at
    if age > policy.baseline_stale_after:
        found.append(f"The baseline is {duration(age)} old.")
    if snapshot.ready != "ready":
        found.append(
            f"The baseline was taken while the API was {snapshot.ready.replace('_', ' ') or 'unknown'}."
        )
    if snapshot.samples == 1:
        found.append("The baseline is a single sample.")
    found.extend(_growing(snapshot, policy))
    if subject and snapshot.subject and subject != snapshot.subject:
        found.append(
            f"The baseline was read with the token of {snapshot.subject}, the current one is {subject}'s."
        )
    if base and base != snapshot.base:
        found.append(f"The baseline was read from {snapshot.base}, the current readings come from {base}.")
    return tuple(found)


def _growing(snapshot: SnapshotRecorded, policy: Policy) -> list[str]:
    """An age that climbs with the clock, or a queue whose trend outgrows its own margin."""
    found = []
    span = snapshot.last_at - snapshot.first_at
    long_enough = span >= policy.ramp_for - JITTER * policy.summary_every
    for metric in METRICS:
        summary = snapshot.metrics.get(metric.key)
        if summary is None or summary.count < 2:
            continue
        if metric.kind is MetricKind.AGE:
            climbs = summary.slope >= policy.ramp_slope
            growing = climbs and long_enough and summary.count >= policy.ramp_samples
        elif metric.kind is MetricKind.QUEUE:
            growing = summary.slope * span > queue_margin(summary.minimum)
        else:
            growing = False
        if growing:
            rose = f"{number(summary.minimum)} to {number(summary.maximum)}, {rate(summary.slope)}/s"
            found.append(f"{metric.label.capitalize()} was growing already ({rose}).")
    return found
