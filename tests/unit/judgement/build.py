"""Readings, spans and snapshots for the tests of judgement, in a few words each."""

from collections.abc import Sequence

from state.events import MetricSummary, SnapshotRecorded
from state.judgement.backlog import BacklogRow, judge_backlog
from state.policy import Policy
from state.readings import METRICS, Ask, Reading, ReadingClass, Span

T0 = 1_770_000_000.0
API = "http://127.0.0.1:8086"
POLICY = Policy()

PENDING = "pendingOutboxEvents"
AVAILABLE = "availableOutboxEvents"
AGE = "oldestPendingOutboxAgeSeconds"
FAILED = "failedSearchJobs"
SEARCH = "pendingSearchJobs"
GC = "incompleteGcRuns"
TIMEOUTS = "recentPolicyTimeouts24h"
#: 300 s of samples each 15 s, and their first.
SUSTAINED = 21
KEYS = tuple(metric.key for metric in METRICS)


def ops(at: float, **values: object) -> Reading:
    """An OK summary `at` seconds after T0: all zero but what is named; `None` leaves a key out."""
    body = {key: value for key, value in {**dict.fromkeys(KEYS, 0), **values}.items() if value is not None}
    return Reading(Ask.OPS, API, T0 + at, ReadingClass.OK, code=200, latency_ms=4.0, values=body)


def failed(at: float, reading_class: ReadingClass = ReadingClass.REFUSED, code: int | None = None) -> Reading:
    """A summary that did not come."""
    return Reading(Ask.OPS, API, T0 + at, reading_class, code=code)


def series(
    key: str, values: Sequence[float | None], start: float = 0.0, every: float = 15.0
) -> list[Reading]:
    """One reading each `every` seconds; None is a refused connection."""
    return [
        failed(start + i * every) if value is None else ops(start + i * every, **{key: value})
        for i, value in enumerate(values)
    ]


def snapshot(first: float = -75.0, last: float = -15.0, **values: tuple[float, float]) -> SnapshotRecorded:
    """A baseline of five samples: `(median, maximum)` for what is named, zero for the rest."""
    metrics = {
        key: MetricSummary(median, min(median, maximum), maximum, 0.0, 5)
        for key, (median, maximum) in {**dict.fromkeys(KEYS, (0.0, 0.0)), **values}.items()
    }
    return SnapshotRecorded("baseline", T0 + first, T0 + last, 5, metrics, API, "admin", "ready", 0.0)


#: A baseline in which something of everything was going on.
BUSY = snapshot(
    pendingOutboxEvents=(30, 60),
    availableOutboxEvents=(3, 6),
    oldestPendingOutboxAgeSeconds=(4, 14),
    failedSearchJobs=(2, 3),
    incompleteGcRuns=(1, 1),
    recentPolicyTimeouts24h=(1, 2),
)


def judged(
    key: str,
    readings: Sequence[Reading],
    baseline: SnapshotRecorded | None = None,
    *,
    policy: Policy = POLICY,
    now: float | None = None,
    planned: Sequence[tuple[float, float | None]] = (),
    reset_at: float | None = None,
) -> BacklogRow:
    """The row of one metric, at the last reading unless `now` (after T0) says otherwise."""
    at = readings[-1].at if now is None else T0 + now
    shifted = [(T0 + start, None if end is None else T0 + end) for start, end in planned]
    reset = None if reset_at is None else T0 + reset_at
    rows = judge_backlog(readings, baseline, shifted, policy, at, reset)
    assert tuple(row.metric for row in rows) == METRICS
    return next(row for row in rows if row.metric.key == key)


def span(
    first: float, last: float, reading_class: ReadingClass = ReadingClass.OK, replica: str = API
) -> Span:
    """Readiness readings of one class, every 2 s."""
    return Span(Ask.READY, replica, reading_class, T0 + first, T0 + last, int((last - first) / 2) + 1)
