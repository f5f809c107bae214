"""Where everything of a chart stands: across in percent of its width, down in pixels."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from state.report.document import Evidence, TimelineEvent
from state.report.document.charts import MetricChart, ReplicaChart
from state.report.wording import when

#: Height of the plot of a metric in pixels, and of the strip of events above it.
PLOT, STRIP = 84, 20
#: Height of one replica: its name, and its bar.
LANE, BAR = 34, 16
#: Events that stand closer than this, in percent of the width, share a mark; numbers need more room.
_MARK, _NUMBER = 0.1, 5.0
_TICKS = 5
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
#: A threshold further above the data than this many times is only written, not drawn.
_FAR = 3.0
#: How much of its lane each state fills, so that it is told without colours too.
FILLS = {"ready": 0.35, "degraded": 0.6, "unknown": 0.2, "not_ready": 1.0, "unreachable": 1.0}


class Axis(Struct, frozen=True):
    """The time of all charts, in seconds since the epoch."""

    since: float
    until: float

    def across(self, at: float) -> float:
        """Percent of the width."""
        share = (at - self.since) / (self.until - self.since)
        return round(100.0 * min(1.0, max(0.0, share)), 2)


class Mark(Struct, frozen=True):
    """One mark of one or more events; `number` is shown where there is room."""

    x: float
    events: tuple[int, ...]
    title: str
    turning: bool
    kind: str
    number: int | None


class Tick(Struct, frozen=True):
    """A place on an axis with its words."""

    at: float
    words: str


class Level(Struct, frozen=True):
    """A line across: `role` is baseline, warning or critical."""

    y: float
    role: str


class Plot(Struct, frozen=True):
    """One metric: `line` and `area` are paths in a box of 1000 by PLOT."""

    chart: MetricChart
    line: str
    area: str
    grid: tuple[Tick, ...]
    levels: tuple[Level, ...]
    highest: float | None
    last: float | None


class Bar(Struct, frozen=True):
    """A stretch of a replica's lane."""

    x: float
    width: float
    y: float
    height: float
    state: str
    title: str


class Lane(Struct, frozen=True):
    """One replica: `share` says for how much of the observed time it was ready."""

    replica: str
    top: int
    bars: tuple[Bar, ...]
    share: str


def axis_of(evidence: Evidence) -> Axis:
    """The time that the charts show."""
    return Axis(evidence.charts.since, evidence.charts.until)


def ticks(axis: Axis) -> tuple[Tick, ...]:
    """A few round moments."""
    span = axis.until - axis.since
    step = next((s for s in _STEPS if span / s <= _TICKS), 86400 * math.ceil(span / 86400 / _TICKS))
    shape = "%H:%M:%S" if step < 60 else "%H:%M" if step < 86400 else "%m-%d"
    first = math.ceil(axis.since / step)
    moments = (number * step for number in range(first, math.floor(axis.until / step) + 1))
    return tuple(Tick(axis.across(at), datetime.fromtimestamp(at, UTC).strftime(shape)) for at in moments)


def marks(axis: Axis, timeline: Sequence[TimelineEvent]) -> tuple[Mark, ...]:
    """All events of the journal; those of one place share a mark, which is a turning one if any is."""
    places: dict[int, list[TimelineEvent]] = {}
    for event in timeline:
        places.setdefault(round(axis.across(event.at_seconds) / _MARK), []).append(event)
    made = []
    numbered = -_NUMBER
    for place in sorted(places):
        events = places[place]
        speaks = next((event for event in events if event.turning), events[0])
        x = round(place * _MARK, 2)
        shows = speaks.turning and x - numbered >= _NUMBER
        numbered = x if shows else numbered
        others = f" (and {len(events) - 1} more)" if len(events) > 1 else ""
        title = f"{speaks.event} · {when(speaks.at)} · {speaks.words}{others}"
        numbers = tuple(event.event for event in events)
        made.append(Mark(x, numbers, title, speaks.turning, speaks.kind, speaks.event if shows else None))
    return tuple(made)


def plot(axis: Axis, chart: MetricChart) -> Plot:
    """One metric over the time."""
    known = [value for _, value in chart.points if value is not None]
    highest = max(known, default=None)
    drawn = [v for v in (highest, chart.baseline) if v is not None]
    near = _FAR * max([1.0, *drawn])
    drawn += [v for v in (chart.warning, chart.critical) if v is not None and v <= near]
    top = _round_up(max([1.0, *drawn]) * 1.08)

    def down(value: float) -> float:
        return round(PLOT * (1.0 - value / top), 2)

    lines, areas = _paths(axis, chart, down)
    roles = (("baseline", chart.baseline), ("warning", chart.warning), ("critical", chart.critical))
    return Plot(
        chart=chart,
        line=lines,
        area=areas,
        grid=tuple(Tick(down(value), f"{value:g}") for value in (0.0, top / 2, top)),
        levels=tuple(Level(down(v), role) for role, v in roles if v is not None and v <= top),
        highest=highest,
        last=known[-1] if known else None,
    )


def _paths(axis: Axis, chart: MetricChart, down: Callable[[float], float]) -> tuple[str, str]:
    """The line and the area beneath; both break where there was no data."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for at, value in chart.points:
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append((round(10 * axis.across(at), 1), down(value)))
    lines, areas = [], []
    for stretch in filter(None, stretches):
        points = " L".join(f"{x} {y}" for x, y in stretch)
        # A single point is a stroke of no length, which round ends make a dot.
        lines.append(f"M{points}" if len(stretch) > 1 else f"M{points} h0")
        areas.append(f"M{stretch[0][0]} {PLOT} L{points} L{stretch[-1][0]} {PLOT} Z")
    return " ".join(lines), " ".join(areas)


def _round_up(value: float) -> float:
    magnitude = math.pow(10.0, math.floor(math.log10(value)))
    return next(step * magnitude for step in (1, 2, 4, 5, 8, 10) if step * magnitude >= value)


def lane(axis: Axis, chart: ReplicaChart, number: int) -> Lane:
    """One replica, the `number`th from above."""
    top = STRIP + number * LANE
    bars = []
    for stretch in chart.stretches:
        x, end = axis.across(stretch.since), axis.across(stretch.until)
        height = round(BAR * FILLS.get(stretch.state, 1.0), 1)
        title = f"{stretch.state.replace('_', ' ')} for {stretch.until - stretch.since:.0f} s"
        y = top + LANE - height
        bars.append(Bar(x, max(0.15, round(end - x, 2)), y, height, stretch.state, title))
    seen = math.fsum(s.until - s.since for s in chart.stretches)
    ready = math.fsum(s.until - s.since for s in chart.stretches if s.state == "ready")
    share = f"ready {100 * ready / seen:.1f} % of what was seen" if seen else "no reading"
    return Lane(chart.replica, top, tuple(bars), share)
