"""The three gates of declaring success."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct, field

from state.judgement.backlog import BacklogRow, RowState
from state.judgement.budget import Budget
from state.judgement.phrases import duration
from state.judgement.readiness import Readiness, ReadyState
from state.policy import Policy


class GateState(StrEnum):
    """UNDECIDED: still counting down, or too little is known."""

    PASS = "PASS"
    FAIL = "FAIL"
    UNDECIDED = "UNDECIDED"


class Gate(Struct, frozen=True):
    """A gate with its reason; `numbers` are JSON values, durations in seconds."""

    id: str
    title: str
    state: GateState
    reason: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


def gate_as_json(gate: Gate) -> dict[str, Any]:
    """The gate as JSON values, for the journal, `status --json` and the report."""
    return {
        "id": gate.id,
        "title": gate.title,
        "state": gate.state.value,
        "reason": gate.reason,
        "numbers": dict(gate.numbers),
    }


def judge_gates(
    readiness: Readiness,
    budget: Budget,
    rows: Sequence[BacklogRow],
    coverage: tuple[int, int],
    compared: bool,
    policy: Policy,
) -> tuple[Gate, ...]:
    """Readiness, budget and backlog, in this order.

    `coverage` is how many of the summaries due lately are OK, and how many were due; `compared`
    whether the post-upgrade snapshot is frozen.
    """
    return (
        _readiness(readiness, policy),
        _budget(budget),
        _backlog(rows, coverage, compared, policy),
    )


def _readiness(readiness: Readiness, policy: Policy) -> Gate:
    failing = {ReadyState.NOT_READY, ReadyState.UNREACHABLE}
    if not policy.accept_degraded:
        failing.add(ReadyState.DEGRADED)
    if readiness.stable:
        state = GateState.PASS
    elif any(r.state in failing for r in readiness.replicas):
        state = GateState.FAIL
    else:
        state = GateState.UNDECIDED
    numbers = {
        "ready_for": readiness.ready_for,
        "wanted": policy.ready_for,
        "replicas": {r.replica: r.state.value for r in readiness.replicas},
    }
    return Gate("readiness", "Readiness stable", state, readiness.reason, numbers)


def _budget(budget: Budget) -> Gate:
    reason = f"{duration(budget.unplanned)} of {duration(budget.allowed)} unplanned"
    if budget.planned:
        reason += f", {duration(budget.planned)} planned"
    if budget.unplanned > budget.allowed:
        state = GateState.FAIL
    elif budget.since is None or budget.unread:
        state = GateState.UNDECIDED
        reason = "no readiness reading yet"
        if budget.since is not None:
            reason += f" from {', '.join(budget.unread)}"
    else:
        state = GateState.PASS
    numbers = {
        "unplanned": budget.unplanned,
        "planned": budget.planned,
        "allowed": budget.allowed,
        "since": budget.since,
    }
    return Gate("budget", "Error budget", state, reason, numbers)


def _backlog(rows: Sequence[BacklogRow], coverage: tuple[int, int], compared: bool, policy: Policy) -> Gate:
    there, due = coverage
    counts = {state.value: sum(row.state is state for row in rows) for state in RowState}
    numbers = {"rows": counts, "samples": there, "samples_due": due, "compared": compared}
    state, reason = _backlog_state(rows, counts)
    if state is GateState.PASS:
        if all(row.baseline is None for row in rows):
            state, reason = GateState.UNDECIDED, "there is no baseline to compare with"
        elif there < policy.coverage * due:
            state, reason = GateState.UNDECIDED, f"only {there} of the last {due} summaries are good"
        elif not compared:
            state, reason = GateState.UNDECIDED, "not compared with the baseline yet"
    return Gate("backlog", "No unexpected backlog growth", state, reason, numbers)


def _backlog_state(rows: Sequence[BacklogRow], counts: Mapping[str, int]) -> tuple[GateState, str]:
    """By the worst row; EXPECTED leaves it open, since what is expected now proves nothing."""
    for row_state, gate_state in (
        (RowState.BREACH, GateState.FAIL),
        (RowState.WATCH, GateState.UNDECIDED),
        (RowState.NO_DATA, GateState.UNDECIDED),
        (RowState.EXPECTED, GateState.UNDECIDED),
    ):
        row = next((row for row in rows if row.state is row_state), None)
        if row is not None:
            more = f" and {counts[row_state] - 1} more" if counts[row_state] > 1 else ""
            return gate_state, f"{row.metric.label}{more}: {row.reason}"
    return GateState.PASS, "no metric has grown against the baseline"
