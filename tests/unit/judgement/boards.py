"""The trigger board for its tests, in a few words."""

from collections.abc import Sequence

from state.judgement.backlog import BacklogRow
from state.judgement.triggers import Trigger, judge_triggers
from state.policy import Policy
from state.readings import ReadingClass, Span

from .build import POLICY, T0

REFUSED, TIMEOUT = ReadingClass.REFUSED, ReadingClass.TIMEOUT
#: The classes that count against readiness, and those that count for it.
FAILING = {ReadingClass.NOT_READY, REFUSED, TIMEOUT, ReadingClass.RESET, ReadingClass.TLS, ReadingClass.DNS}
WELL = {ReadingClass.OK, ReadingClass.DEGRADED}


def board(
    *spans: Span,
    now: float = 0.0,
    rows: Sequence[BacklogRow] = (),
    planned: Sequence[tuple[float, float | None]] = (),
    migration: str = "",
    blobs: tuple[int | None, int | None] = (None, None),
    note: str = "",
    incident: str = "",
    tripped: Sequence[str] = (),
    policy: Policy = POLICY,
) -> dict[str, Trigger]:
    """The triggers by id, `now` and `planned` in seconds after T0."""
    triggers = judge_triggers(
        ready_spans=spans,
        rows=rows,
        planned=[(T0 + start, None if end is None else T0 + end) for start, end in planned],
        migration_problem=migration,
        missing_blobs=blobs,
        correctness_note=note,
        incident=incident,
        tripped=frozenset(tripped),
        policy=policy,
        now=T0 + now,
    )
    assert [t.id for t in triggers] == ["readiness", "backlog", "correctness", "incident"]
    return {t.id: t for t in triggers}


def readiness(
    *spans: Span,
    now: float,
    tripped: bool = False,
    planned: Sequence[tuple[float, float | None]] = (),
    policy: Policy = POLICY,
) -> Trigger:
    """The readiness trigger alone."""
    names = ["readiness"] if tripped else []
    return board(*spans, now=now, tripped=names, planned=planned, policy=policy)["readiness"]
