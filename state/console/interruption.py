"""What happened while nobody watched a window: the facts of the resume card."""

from collections.abc import Sequence

from msgspec import Struct

from state.judgement.readiness import ReadyState, state_of
from state.readings import METRICS, Observed, ReadingClass
from state.window import OPEN_RUN, Run, StepState, Window


class Interruption(Struct, frozen=True):
    """`since` in seconds since the epoch: from when on no console was there.

    `runs` are those that were going on then or began later, as they stand now. `not_ready` is the
    time in seconds in which a replica was seen not ready or not at all; `unread` that of which
    nothing is known. `moved` has `(label, before, after)` of the metrics that differ.
    """

    since: float
    deliberate: bool
    by: str
    runs: tuple[Run, ...]
    not_ready: float
    unread: float
    moved: tuple[tuple[str, float, float], ...]
    undecided: tuple[str, ...]


def left_at(before: Window, attendance: Sequence[tuple[float, bool]]) -> float:
    """Since when no console was there, in seconds since the epoch.

    `attendance` is what the watch saw: since when a console was there, or none was. It goes on when
    a console dies, and knows better than the journal since when.
    """
    driver = before.driver
    if driver is not None and driver.left_at is not None:
        return driver.left_at
    alone = [at for at, attended in attendance if not attended and at > before.last_at]
    return alone[-1] if alone and driver is not None else before.last_at


def describe(before: Window, window: Window, observed: Observed, left_at: float, now: float) -> Interruption:
    """`before` is the window as the last console left it, `window` as it stands now."""
    driver = before.driver
    known = {r.id for r in before.runs.values() if r.state not in OPEN_RUN}
    runs = tuple(r for r in window.runs.values() if r.id not in known)
    doubtful = {StepState.UNKNOWN, StepState.FAILED}
    undecided = tuple(s.title for s in window.direction if window.record(s.id).state in doubtful)
    bad, covered = _readiness(observed, left_at, now)
    return Interruption(
        since=left_at,
        deliberate=driver is not None and driver.left_at is not None,
        by=driver.actor.operator if driver else "",
        runs=runs,
        not_ready=bad,
        unread=max(0.0, now - left_at - covered),
        moved=_moved(observed, left_at),
        undecided=undecided,
    )


def _readiness(observed: Observed, since: float, now: float) -> tuple[float, float]:
    """Seconds not ready on the worst replica, and seconds covered by readings on the least covered."""
    bad: dict[str, float] = {}
    covered: dict[str, float] = {}
    for span in observed.ready_spans:
        length = max(0.0, min(span.last_at, now) - max(span.first_at, since))
        covered[span.replica] = covered.get(span.replica, 0.0) + length
        if state_of(span.reading_class) not in {ReadyState.READY, ReadyState.DEGRADED}:
            bad[span.replica] = bad.get(span.replica, 0.0) + length
    return max(bad.values(), default=0.0), min(covered.values(), default=0.0)


def _moved(observed: Observed, since: float) -> tuple[tuple[str, float, float], ...]:
    good = [r for r in observed.ops if r.reading_class is ReadingClass.OK and r.values]
    before = [r for r in good if r.at <= since] or good[:1]
    moved = []
    for metric in METRICS:
        if not good or not before:
            break
        old, new = (before[-1].values or {}).get(metric.key), (good[-1].values or {}).get(metric.key)
        if old is not None and new is not None and old != new:
            moved.append((metric.label, float(old), float(new)))
    return tuple(moved)
