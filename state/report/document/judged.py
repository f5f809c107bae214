"""What was measured and judged, and by what."""

from typing import Literal

from pydantic import Field

from state.report.document.part import Part, Text, Values


class BacklogLine(Part):
    """One metric, its baseline against what was current."""

    metric: Text
    label: Text
    baseline: float | None
    baseline_range: tuple[float, float] | None
    current: float | None
    delta: float | None
    warning: float | None
    critical: float | None
    state: Text
    reason: Text


class GateLine(Part):
    """One gate as judged; `numbers` as in `status --json`: moments in ISO 8601, durations in seconds."""

    id: Text
    title: Text
    state: Text
    reason: Text
    numbers: Values


class Decision(Part):
    """A moment at which somebody decided on numbers, with these numbers.

    `backlog_source` is `frozen` where the journal kept the rows, `judged again` where they are judged
    from the readings of that moment, `none` where there are no readings of it.
    """

    event: int
    at: str
    by: Text
    what: Text
    gates: tuple[GateLine, ...]
    backlog: tuple[BacklogLine, ...]
    backlog_source: Literal["frozen", "judged again", "none"]


class MetricStatistics(Part):
    """One metric over a series of samples; `slope` in units per second."""

    metric: Text
    label: Text
    median: float
    minimum: float
    maximum: float
    slope: float
    samples: int


class Snapshot(Part):
    """A series of ops summaries that was frozen."""

    event: int
    step: Text
    first: str
    last: str
    samples: int
    base: Text
    subject: Text
    ready: Text
    clock_skew_seconds: float | None
    missing_blobs: int | None
    metrics: tuple[MetricStatistics, ...]


class Trip(Part):
    """A trigger that tripped, and what came of it."""

    event: int
    trigger: Text
    tripped: str
    reason: Text
    waved_off: str | None
    waved_by: Text
    waved_reason: Text
    cleared: str | None


class Raised(Part):
    """An incident or a correctness problem that somebody raised."""

    kind: Literal["incident", "correctness"]
    ticket: Text
    note: Text
    by: Text
    at: str
    resolved: str | None
    resolved_note: Text


class ExceptionLine(Part):
    """A gate, step or check that was passed over, with its reason and its owner."""

    subject: Text
    reason: Text
    owner: Text
    at: str


class Budget(Part):
    """Seconds of not ready, unreachable or unknown, up to the window's end or now."""

    unplanned_seconds: float
    planned_seconds: float
    allowed_seconds: float
    counted_since: str | None
    spent: bool = Field(description="whether more was spent than is allowed")


class Limit(Part):
    """The alert thresholds of one metric: exceeded when the value is greater."""

    metric: Text
    label: Text
    warning: float | None
    critical: float | None


class Thresholds(Part):
    """By what the window is judged. `settings` are durations in seconds and allowances."""

    source: Text
    limits: tuple[Limit, ...]
    settings: dict[Text, float | int | bool | Text]
    taken: tuple[Text, ...] = Field(description="when settings were taken, and by whom")
