"""What the deployment said over the window, for drawing."""

from pydantic import Field

from state.report.document.part import Part, Text


class Stretch(Part):
    """A replica was so from then to then (seconds since the epoch)."""

    state: Text
    since: float
    until: float


class ReplicaChart(Part):
    """Readiness of one replica; `thinned`: of each part of the time the worst."""

    replica: Text
    thinned: bool
    stretches: tuple[Stretch, ...]


class MetricChart(Part):
    """One metric: `points` are (seconds since the epoch, highest value or null where there was no data)."""

    metric: Text
    label: Text
    baseline: float | None
    warning: float | None
    critical: float | None
    points: tuple[tuple[float, float | None], ...]


class Charts(Part):
    """What the deployment said over the window. `planned`: when not being ready was expected."""

    since: float
    until: float
    summaries: int = Field(description="ops summaries that were asked for, each an audit row")
    thinned: bool = Field(description="whether points stand for more than one summary each")
    replicas: tuple[ReplicaChart, ...]
    metrics: tuple[MetricChart, ...]
    planned: tuple[tuple[float, float], ...]
    problem: Text = Field(description="why the readings cannot be read; empty when they can")
