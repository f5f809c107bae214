"""What was measured and judged: decisions with their numbers, snapshots, triggers, thresholds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from state.events import (
    CorrectnessRaised,
    CorrectnessResolved,
    IncidentRaised,
    IncidentResolved,
    PolicyTaken,
    Recorded,
    RollbackBegun,
    SnapshotRecorded,
    TriggerCleared,
    TriggerTripped,
    TriggerWavedOff,
    WindowDeclared,
)
from state.judgement.backlog import judge_backlog
from state.judgement.verdicts import Verdicts
from state.report.document.judged import (
    BacklogLine,
    Budget,
    Decision,
    ExceptionLine,
    GateLine,
    Limit,
    MetricStatistics,
    Raised,
    Snapshot,
    Thresholds,
    Trip,
)
from state.report.evidence.source import Moment, Source
from state.report.evidence.words import LABELS, backlog_line, gate_line, judged_line, moment_or_none
from state.report.moments import in_words, moment
from state.report.telling import tell
from state.window import Window

_BacklogSource = Literal["frozen", "judged again", "none"]


def decisions(source: Source) -> tuple[Decision, ...]:
    """Every moment at which somebody decided on numbers, with these numbers."""
    made = []
    for recorded in source.records:
        match recorded.event:
            case SnapshotRecorded(step=step, verdicts=rows) if rows and step != "baseline":
                made.append(_decision(source.window, recorded, (), map(backlog_line, rows), "frozen"))
            case WindowDeclared(gates=gates):
                lines, how = _judged_again(source.moments.get(recorded.seq), recorded.at)
                made.append(_decision(source.window, recorded, map(gate_line, gates), lines, how))
            case RollbackBegun():
                lines, how = _judged_again(source.moments.get(recorded.seq), recorded.at)
                made.append(_decision(source.window, recorded, (), lines, how))
    return tuple(made)


def _decision(
    window: Window,
    recorded: Recorded,
    gates: Iterable[GateLine],
    backlog: Iterable[BacklogLine],
    how: _BacklogSource,
) -> Decision:
    return Decision(
        event=recorded.seq,
        at=moment(recorded.at),
        by=recorded.actor.seat,
        what=tell(window, recorded),
        gates=tuple(gates),
        backlog=tuple(backlog),
        backlog_source=how,
    )


def _judged_again(decided: Moment | None, at: float) -> tuple[tuple[BacklogLine, ...], _BacklogSource]:
    if decided is None or not decided.summaries:
        return (), "none"
    before = decided.before
    rows = judge_backlog(
        decided.summaries,
        before.baseline,
        before.planned,
        before.policy,
        at,
        before.restored_at,
        before.disrupted_by,
    )
    return tuple(map(judged_line, rows)), "judged again"


def gates(source: Source, verdicts: Verdicts) -> tuple[GateLine, ...]:
    """As frozen when the outcome was declared, else as they stand."""
    declared = [r.event.gates for r in source.records if isinstance(r.event, WindowDeclared)]
    return tuple(map(gate_line, declared[-1] if declared else verdicts.gates_as_json()))


def snapshots(records: Iterable[Recorded]) -> tuple[Snapshot, ...]:
    """Every series that was frozen."""
    return tuple(
        Snapshot(
            event=recorded.seq,
            step=event.step,
            first=moment(event.first_at),
            last=moment(event.last_at),
            samples=event.samples,
            base=event.base,
            subject=event.subject,
            ready=event.ready,
            clock_skew_seconds=event.skew,
            missing_blobs=event.missing_blobs,
            metrics=_statistics(event),
        )
        for recorded in records
        if isinstance(event := recorded.event, SnapshotRecorded)
    )


def _statistics(event: SnapshotRecorded) -> tuple[MetricStatistics, ...]:
    return tuple(
        MetricStatistics(
            metric=key,
            label=LABELS.get(key, key),
            median=summary.median,
            minimum=summary.minimum,
            maximum=summary.maximum,
            slope=summary.slope,
            samples=summary.count,
        )
        for key, summary in event.metrics.items()
    )


def trips(records: Iterable[Recorded]) -> tuple[Trip, ...]:
    """Every trip of a trigger, and whether it was waved off and has cleared."""
    made: list[Trip] = []
    newest: dict[str, int] = {}

    def change(trigger: str, **changes: str) -> None:
        if trigger in newest:
            whole = made[newest[trigger]].model_dump()
            made[newest[trigger]] = Trip.model_validate({**whole, **changes})

    for recorded in records:
        at, by = moment(recorded.at), recorded.actor.operator
        match recorded.event:
            case TriggerTripped(trigger=trigger, reason=reason):
                newest[trigger] = len(made)
                made.append(
                    Trip(
                        event=recorded.seq,
                        trigger=trigger,
                        tripped=at,
                        reason=reason,
                        waved_off=None,
                        waved_by="",
                        waved_reason="",
                        cleared=None,
                    )
                )
            case TriggerWavedOff(trigger=trigger, reason=reason):
                change(trigger, waved_off=at, waved_by=by, waved_reason=reason)
            case TriggerCleared(trigger=trigger):
                change(trigger, cleared=at)
    return tuple(made)


def raised(records: Iterable[Recorded]) -> tuple[Raised, ...]:
    """Incidents and correctness problems that operators raised."""
    made: list[Raised] = []

    def resolve(kind: str, at: float, note: str) -> None:
        for number, one in enumerate(made):
            if one.kind == kind and one.resolved is None:
                whole = one.model_dump()
                made[number] = Raised.model_validate({**whole, "resolved": moment(at), "resolved_note": note})

    for recorded in records:
        by, at = recorded.actor.operator, recorded.at
        match recorded.event:
            case IncidentRaised(ticket=ticket, note=note):
                made.append(_raised("incident", ticket, note, by, at))
            case CorrectnessRaised(note=note):
                made.append(_raised("correctness", "", note, by, at))
            case IncidentResolved(note=note):
                resolve("incident", at, note)
            case CorrectnessResolved(note=note):
                resolve("correctness", at, note)
    return tuple(made)


def _raised(kind: Literal["incident", "correctness"], ticket: str, note: str, by: str, at: float) -> Raised:
    return Raised(kind=kind, ticket=ticket, note=note, by=by, at=moment(at), resolved=None, resolved_note="")


def exceptions(window: Window) -> tuple[ExceptionLine, ...]:
    """What was passed over."""
    return tuple(
        ExceptionLine(subject=e.subject, reason=e.reason, owner=e.owner, at=moment(e.at))
        for e in window.exceptions
    )


def budget(verdicts: Verdicts) -> Budget:
    """What the window has spent."""
    spent = verdicts.budget
    return Budget(
        unplanned_seconds=spent.unplanned,
        planned_seconds=spent.planned,
        allowed_seconds=spent.allowed,
        counted_since=moment_or_none(spent.since),
        spent=spent.unplanned > spent.allowed,
    )


def thresholds(window: Window, records: Sequence[Recorded]) -> Thresholds:
    """By what the window is judged, and who took these settings when."""
    policy = window.policy
    settings: Mapping[str, object] = policy.as_json()
    limits = {key: policy.limits[key] for key in LABELS if key in policy.limits}
    return Thresholds(
        source=policy.limits_source,
        limits=tuple(
            Limit(metric=key, label=LABELS[key], warning=limit.warning, critical=limit.critical)
            for key, limit in limits.items()
        ),
        settings={k: v for k, v in settings.items() if isinstance(v, bool | int | float | str)},
        taken=tuple(
            f"{in_words(r.at)} {r.actor.seat}: {r.event.policy.get('limits_source', 'built in')}"
            for r in records
            if isinstance(r.event, PolicyTaken)
        ),
    )
