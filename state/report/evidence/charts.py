"""Readiness and backlog over the window, thinned to what a page can show."""

from collections.abc import Iterator, Sequence

from state.judgement.intervals import expected
from state.judgement.readiness import ReadyState, state_of
from state.judgement.series import stale_after
from state.policy import Limit
from state.readings import METRICS, Ask, Span
from state.report.document.charts import Charts, MetricChart, ReplicaChart, Stretch
from state.report.evidence.source import POINTS, Source

#: Stretches of one replica that are drawn as they are; more are thinned to as many parts of the time.
_STRETCHES = 400
_WORST = tuple(ReadyState)
#: Counts as points in `Source.series` where nothing had to be thinned.
_UNTHINNED = POINTS // 2

_Piece = tuple[ReadyState, float, float]
Point = tuple[float, float | None]


def charts(source: Source) -> Charts:
    """All charts over the same time: from the opening to the end, or to the last that is known."""
    window, observed = source.window, source.observed
    since = window.opened_at or (source.records[0].at if source.records else 0.0)
    until = max([since + 1.0, *_ends(source)])
    policy = window.policy
    return Charts(
        since=since,
        until=until,
        summaries=observed.polls,
        thinned=observed.polls > _UNTHINNED,
        replicas=tuple(
            _replica(name, observed.ready_spans, stale_after(policy.ready_every), since, until)
            for name in policy.replicas
        ),
        metrics=tuple(_metric(source, metric.key, metric.label) for metric in METRICS),
        planned=tuple((start, min(end, until)) for start, end in expected(window.planned, 0.0)),
        problem=source.silence,
    )


def _ends(source: Source) -> Iterator[float]:
    """The last that is known of the window while it was open, or observed at all.

    What follows up may be done days later, and a window that was left open months ago: neither is to
    press the charts together.
    """
    closed_at = source.window.closed_at
    yield source.window.last_at if closed_at is None else closed_at
    yield from (span.last_at for span in source.observed.ready_spans)
    yield from (points[-1][0] for points in source.series.values() if points)


def _metric(source: Source, key: str, label: str) -> MetricChart:
    limit = source.window.policy.limits.get(key, Limit())
    baseline = source.window.baseline
    summary = baseline.metrics.get(key) if baseline else None
    return MetricChart(
        metric=key,
        label=label,
        baseline=summary.median if summary else None,
        warning=limit.warning,
        critical=limit.critical,
        points=tuple(_broken(source.series.get(key, ()), _gap(source))),
    )


def _gap(source: Source) -> float:
    """Seconds without a summary after which nobody knows how it went on, or twice the width of a point."""
    window = source.window
    until = source.window.closed_at or window.last_at
    return max(stale_after(window.policy.summary_every), 2.0 * (until - window.opened_at) / POINTS)


def _broken(points: Sequence[Point], gap: float) -> Iterator[Point]:
    """The points, with one of no value where there was a gap between two."""
    before = None
    for at, value in points:
        if before is not None and at - before > gap:
            yield (before + at) / 2.0, None
        yield at, value
        before = at


def _replica(name: str, spans: Sequence[Span], stale: float, since: float, until: float) -> ReplicaChart:
    own = [span for span in spans if span.ask is Ask.READY and span.replica == name]
    pieces = [
        (state, max(start, since), min(end, until))
        for state, start, end in _pieces(own, stale)
        if end > since and start < until
    ]
    thinned = len(pieces) > _STRETCHES
    if thinned:
        pieces = list(_thin(pieces, since, until))
    return ReplicaChart(
        replica=name,
        thinned=thinned,
        stretches=tuple(Stretch(state=state.value, since=a, until=b) for state, a, b in pieces if b > a),
    )


def _pieces(own: Sequence[Span], stale: float) -> Iterator[_Piece]:
    """A reading holds until the next one, but no longer than it is fresh."""
    for index, span in enumerate(own):
        following = own[index + 1].first_at if index + 1 < len(own) else span.last_at
        end = following if following - span.last_at <= stale else span.last_at
        yield state_of(span.reading_class), span.first_at, max(end, span.first_at + 0.001)


def _thin(pieces: Sequence[_Piece], since: float, until: float) -> Iterator[_Piece]:
    """Of each part of the time the worst state; neighbours that are alike become one."""
    width = (until - since) / _STRETCHES
    worst: dict[int, ReadyState] = {}
    for state, start, end in pieces:
        for part in range(int((start - since) / width), min(_STRETCHES - 1, int((end - since) / width)) + 1):
            if part not in worst or _WORST.index(state) > _WORST.index(worst[part]):
                worst[part] = state
    begin = None
    for part in sorted(worst):
        begin = part if begin is None else begin
        if worst.get(part + 1) is not worst[part]:
            yield worst[part], since + begin * width, since + (part + 1) * width
            begin = None
