"""What all parts of the fold share: the table of events, and the ways in which a window changes."""

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from state.events import (
    Event,
    Recorded,
)
from state.window import (
    SETTLED,
    StepRecord,
    StepState,
    Window,
)

E = TypeVar("E", bound=Event)
Evolve = Callable[[Window, Recorded, Any], Window]
EVOLVE: dict[type[Event], Evolve] = {}


def on(kind: type[E]) -> Callable[[Callable[[Window, Recorded, E], Window]], Evolve]:
    def register(function: Callable[[Window, Recorded, E], Window]) -> Evolve:
        EVOLVE[kind] = function
        return function

    return register


def set_step(window: Window, step_id: str, **changes: Any) -> Window:
    record = replace(window.record(step_id), **changes)
    return replace(window, steps={**window.steps, step_id: record})


def enter(window: Window, r: Recorded, step_id: str, state: StepState, **changes: Any) -> Window:
    """The step comes into a state: who, when, and no trace of the problem of an earlier try."""
    fresh = {
        "by": r.actor.operator,
        "at": r.at,
        "problem": "",
        "detail": "",
        "attested": None,
        "backup": None,
    }
    return set_step(window, step_id, state=state, **{**fresh, **changes})


def set_run(window: Window, run_id: int, **changes: Any) -> Window:
    return replace(window, runs={**window.runs, run_id: replace(window.runs[run_id], **changes)})


def begin_disruption(window: Window, step_id: str, at: float) -> Window:
    """Not ready is expected from here on, and what was judged before counts no more."""
    step = window.runbook.step(step_id)
    window = replace(window, change_begun=window.change_begun or step.changes)
    # One that was begun by hand and is then run is one disruption: a second would never end.
    if step.disrupts and not (window.planned and window.planned[-1][1] is None):
        window = replace(window, planned=(*window.planned, (at, None)), disrupted_by=step.title)
    return reopen_after(window, step_id) if step.changes else window


def end_disruption(window: Window, step_id: str, at: float) -> Window:
    step = window.runbook.step(step_id)
    back = window.rollback is not None and step.phase == "rollback"
    # On the way back the service stays down from its stop until the step that starts it.
    up = step_id == window.starts_service if back else not step.keeps_down
    if step.disrupts and up and window.planned and window.planned[-1][1] is None:
        over = (*window.planned[:-1], (window.planned[-1][0], at))
        window = replace(window, planned=over, disrupted_by=step.title)
    return replace(window, changed_at=max(window.changed_at, at)) if step.changes else window


def reopen_after(window: Window, step_id: str) -> Window:
    """A change opens the finished steps after it again, but for other changes, which still stand."""
    steps = dict(window.steps)
    later = False
    for step in window.direction:
        if later and not step.changes and window.record(step.id).state in SETTLED | {StepState.BEGUN}:
            old = steps[step.id]
            steps[step.id] = StepRecord(problem="to be done again after a change", notes=old.notes)
        later = later or step.id == step_id
    kept = {k: v for k, v in window.snapshots.items() if k == "baseline"}
    return replace(window, steps=steps, snapshots=kept)
