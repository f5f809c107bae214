"""Moments and metrics as all parts of the evidence write them."""

from collections.abc import Mapping
from typing import Any

from state.judgement.backlog import BacklogRow, row_as_json
from state.readings import METRICS
from state.report.document.judged import BacklogLine, GateLine
from state.report.moments import dated, moment

LABELS = {metric.key: metric.label for metric in METRICS}


def moment_or_none(at: float | None) -> str | None:
    """The same for a moment that may not have come."""
    return None if at is None else moment(at)


def backlog_line(row: Mapping[str, Any]) -> BacklogLine:
    """A row of the backlog table, from its form in the journal."""
    metric = str(row.get("metric", ""))
    return BacklogLine(
        metric=metric,
        label=LABELS.get(metric, metric),
        baseline=row.get("baseline"),
        baseline_range=row.get("baseline_range"),
        current=row.get("current"),
        delta=row.get("delta"),
        warning=row.get("warning"),
        critical=row.get("critical"),
        state=str(row.get("state", "")),
        reason=str(row.get("reason", "")),
    )


def judged_line(row: BacklogRow) -> BacklogLine:
    """A row of the backlog table, as judgement gives it."""
    return backlog_line(row_as_json(row))


def gate_line(gate: Mapping[str, Any]) -> GateLine:
    """A gate, from its form in the journal."""
    numbers = gate.get("numbers") or {}
    return GateLine(
        id=str(gate.get("id", "")),
        title=str(gate.get("title", "")),
        state=str(gate.get("state", "")),
        reason=str(gate.get("reason", "")),
        numbers=dated(numbers) if isinstance(numbers, Mapping) else numbers,
    )
