"""The rollback triggers: what is wrong for so long, or so surely, that turning back is to be decided."""

import math
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct

from state.judgement import intervals
from state.judgement.backlog import BacklogRow, RowState
from state.judgement.phrases import duration
from state.judgement.standing import Standing, stand
from state.policy import Policy
from state.readings import MetricKind, Span

TriggerId = Literal["readiness", "backlog", "correctness", "incident"]

#: The oldest outbox age and the failed search jobs; no other metric is a reason to turn back.
_TRIPPING = frozenset({MetricKind.AGE, MetricKind.FAILED})
_DISRUPTED = "not judged: planned disruption"
#: The grace is over, but the newest summary is from within it.
_READ_THEN = "waits for the next summary"
_NOT_JUDGED = frozenset({RowState.NO_DATA, RowState.EXPECTED})


class Trigger(Struct, frozen=True):
    """One trigger at one moment; durations in seconds.

    `holds`: its condition is sustained now; one that has not tripped yet trips. `held_for` of
    `held_of` have passed until the condition counts as sustained; both None where no such clock
    runs. `released`: only for one that has tripped; its condition is over for so long that it may
    clear. Neither `holds` nor `released` is ever true for want of data. `causes` name what a
    holding one is about: metrics, replicas, facts, the ticket.
    """

    id: TriggerId
    title: str
    holds: bool
    reason: str
    held_for: float | None = None
    held_of: float | None = None
    released: bool = False
    causes: tuple[str, ...] = ()


def judge_triggers(
    *,
    ready_spans: Sequence[Span],
    rows: Sequence[BacklogRow],
    planned: intervals.Planned,
    migration_problem: str,
    missing_blobs: tuple[int | None, int | None],
    correctness_note: str,
    incident: str,
    tripped: frozenset[str],
    policy: Policy,
    now: float,
) -> tuple[Trigger, ...]:
    """Readiness, backlog, correctness and incident, in this order.

    `ready_spans` and `rows` are as `judge_readiness` takes and `judge_backlog` gives them.
    `migration_problem` says how a `db-migrate` failed or was lost, `correctness_note` what an
    operator raised, `incident` the ticket of an open one; empty where there is none.
    `missing_blobs` are the missing blob references at the baseline and now, None where nobody
    could tell. `tripped` are the ids of those that have tripped and not cleared.
    """
    spells = intervals.expected(planned, policy.grace)
    if (over := intervals.end_of(spells, now)) is not None:
        measured = _expected(over, now)
    else:
        # Nothing counts from before the last planned interval and its grace were over.
        start = max((end for _, end in spells if end <= now), default=0.0)
        standings = [stand(replica, ready_spans, start, policy, now) for replica in policy.replicas]
        measured = (
            _readiness(standings, "readiness" in tripped, policy, now),
            _backlog(rows, "backlog" in tripped, now - start, policy),
        )
    return (
        *measured,
        _correctness(migration_problem, missing_blobs, correctness_note, "correctness" in tripped),
        _incident(incident, "incident" in tripped),
    )


def _expected(over: float, now: float) -> tuple[Trigger, Trigger]:
    """`over` is when the disruption and its grace are; infinity in the disruption."""
    reason = _DISRUPTED
    if math.isfinite(over):
        reason = f"not judged for {duration(over - now)} more"
    return _readiness_trigger(reason), _backlog_trigger(reason)


def _readiness_trigger(reason: str, released: bool = False) -> Trigger:
    return Trigger("readiness", "Readiness", False, reason, released=released)


def _backlog_trigger(reason: str, released: bool = False) -> Trigger:
    return Trigger("backlog", "Backlog", False, reason, released=released)


def _readiness(standings: Sequence[Standing], tripped: bool, policy: Policy, now: float) -> Trigger:
    """Any single replica not ready or unreachable, sustained; released when all are well for long enough."""
    if failing := [s for s in standings if s.failing]:
        return _failing(failing, policy, now)
    if unknown := [s for s in standings if s.failing is None]:
        return _readiness_trigger(f"{unknown[0].replica}: {unknown[0].words}{_more(unknown)}")
    if not tripped or not standings:
        return _readiness_trigger("")
    released = all(s.sustained(policy.release_after, policy, now) for s in standings)
    return _readiness_trigger(_clear(min(s.held for s in standings), policy), released)


def _failing(standings: Sequence[Standing], policy: Policy, now: float) -> Trigger:
    """By the replica that fails for longest, a sustained one before any other."""
    wanted = policy.trigger_after
    worst = max(standings, key=lambda s: (s.sustained(wanted, policy, now), s.held))
    holds = worst.sustained(wanted, policy, now)
    clock = f" for {duration(worst.held)}" + ("" if holds else f" of {duration(wanted)}")
    if worst.held >= wanted and not holds:
        clock += " with too few readings to be sure"
    elif worst.unknown > (1 - policy.coverage) * worst.held:
        clock += f", {duration(worst.unknown)} of it unknown"
    reason = f"{worst.replica}: {worst.words}{clock}{_more(standings)}"
    causes = tuple(s.replica for s in standings if s.sustained(wanted, policy, now))
    return Trigger("readiness", "Readiness", holds, reason, worst.held, wanted, causes=causes)


def _more(standings: Sequence[Standing]) -> str:
    return f" and {len(standings) - 1} more" if len(standings) > 1 else ""


def _clear(seconds: float, policy: Policy) -> str:
    return f"clear for {duration(seconds)} of {duration(policy.release_after)}"


def _backlog(rows: Sequence[BacklogRow], tripped: bool, since_step: float, policy: Policy) -> Trigger:
    """A row in BREACH: it was sustained to come there, and is below for long enough when it leaves.

    But a step starts the rows anew, so after one (`since_step` in seconds) that time must pass again.
    """
    own = [row for row in rows if row.metric.kind in _TRIPPING]
    if breached := [row for row in own if row.state is RowState.BREACH]:
        held = max((row.held_for for row in breached if row.held_for is not None), default=None)
        held_of = None if held is None else policy.sustained_for
        causes = tuple(row.metric.key for row in breached)
        return Trigger(
            "backlog", "Backlog", True, "; ".join(map(_line, breached)), held, held_of, causes=causes
        )
    if counting := [row for row in own if row.held_for is not None]:
        row = max(counting, key=lambda row: row.held_for or 0.0)
        return Trigger("backlog", "Backlog", False, _line(row), row.held_for, row.held_of)
    if unjudged := [row for row in own if row.state in _NOT_JUDGED]:
        explained = unjudged[0].state is RowState.EXPECTED
        return _backlog_trigger(_READ_THEN if explained else _line(unjudged[0]))
    if not tripped or len(own) < len(_TRIPPING):
        return _backlog_trigger("")
    if lingering := [row for row in own if not _is_over(row)]:
        return _backlog_trigger(_line(lingering[0]))
    if since_step < policy.release_after:
        return _backlog_trigger(f"{_clear(since_step, policy)} since the last step")
    return _backlog_trigger("no longer in breach", released=True)


def _line(row: BacklogRow) -> str:
    return f"{row.metric.key} {row.reason}"


def _is_over(row: BacklogRow) -> bool:
    """Failed jobs are watched as soon as there are more than at the baseline: that alone never becomes
    a breach, and must not keep the trigger from being armed again."""
    return row.state is RowState.OK or row.metric.kind is MetricKind.FAILED


def _correctness(
    migration_problem: str, missing_blobs: tuple[int | None, int | None], note: str, tripped: bool
) -> Trigger:
    """Facts, not a measurement over time: it holds at once, and is over when none of them is left."""
    baseline, current = missing_blobs
    blobs = ""
    if baseline is not None and current is not None and current > baseline:
        blobs = f"{_references(current)}, {baseline} at the baseline"
    named = {"migrations": migration_problem, "missing blobs": blobs, "raised by hand": note}
    if facts := {cause: fact for cause, fact in named.items() if fact}:
        return Trigger("correctness", "Correctness", True, "; ".join(facts.values()), causes=tuple(facts))
    reason = ""
    unreadable = baseline is not None and current is None
    if unreadable:
        reason = f"missing blob references cannot be counted now, {baseline} at the baseline"
    elif baseline is None and current:
        reason = f"{_references(current)}, and no baseline to compare with"
    return Trigger("correctness", "Correctness", False, reason, released=tripped and not unreadable)


def _references(count: int) -> str:
    return f"{count} missing blob reference{'' if count == 1 else 's'}"


def _incident(ticket: str, tripped: bool) -> Trigger:
    reason = f"{ticket} is not resolved" if ticket else ""
    causes = (ticket,) if ticket else ()
    return Trigger(
        "incident", "Incident", bool(ticket), reason, released=tripped and not ticket, causes=causes
    )
