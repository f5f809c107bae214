"""The fold of triggers, of the way back, and of what follows it."""

from msgspec.structs import replace

from state.events import (
    CorrectnessRaised,
    CorrectnessResolved,
    DrillRecorded,
    IncidentRaised,
    IncidentResolved,
    MessageSent,
    PostRequested,
    Recorded,
    RestoreChecked,
    RollbackBegun,
    TriggerCleared,
    TriggerTripped,
    TriggerWavedOff,
)
from state.fold.table import enter, on
from state.window import (
    Incident,
    Note,
    Posting,
    Rollback,
    StepState,
    TriggerRecord,
    Window,
)


@on(TriggerTripped)
def _(window: Window, r: Recorded, e: TriggerTripped) -> Window:
    before = window.triggers.get(e.trigger)
    causes = frozenset(e.causes) | (before.causes if before else frozenset())
    tripped = TriggerRecord(e.reason, r.at, causes=causes)
    return replace(window, triggers={**window.triggers, e.trigger: tripped})


@on(TriggerWavedOff)
def _(window: Window, r: Recorded, e: TriggerWavedOff) -> Window:
    waved = replace(window.triggers[e.trigger], waved=e.reason)
    return replace(window, triggers={**window.triggers, e.trigger: waved})


@on(TriggerCleared)
def _(window: Window, r: Recorded, e: TriggerCleared) -> Window:
    return replace(window, triggers={k: v for k, v in window.triggers.items() if k != e.trigger})


@on(IncidentRaised)
def _(window: Window, r: Recorded, e: IncidentRaised) -> Window:
    return replace(window, incident=Incident(e.ticket, e.note, r.actor.operator, r.at))


@on(IncidentResolved)
def _(window: Window, r: Recorded, e: IncidentResolved) -> Window:
    return replace(window, incident=None)


@on(CorrectnessRaised)
def _(window: Window, r: Recorded, e: CorrectnessRaised) -> Window:
    return replace(window, correctness=Note(r.at, r.actor.operator, e.note))


@on(CorrectnessResolved)
def _(window: Window, r: Recorded, e: CorrectnessResolved) -> Window:
    return replace(window, correctness=None)


@on(RollbackBegun)
def _(window: Window, r: Recorded, e: RollbackBegun) -> Window:
    begun = Rollback(e.depth, e.why, e.migration_class, e.loses, r.at, r.actor.operator)
    # Going further than before begins the way back anew: every step is confirmed for this depth.
    ids = {step.id for step in window.runbook.phase("rollback").steps}
    steps = {k: v for k, v in window.steps.items() if k not in ids}
    return replace(window, rollback=begun, steps=steps, sampling=None, approval=None)


@on(RestoreChecked)
def _(window: Window, r: Recorded, e: RestoreChecked) -> Window:
    if window.rollback is None or not e.loses:
        return window
    # Between turning back and the restore more was written, and counted again.
    return replace(window, rollback=replace(window.rollback, loses=e.loses))


@on(PostRequested)
def _(window: Window, r: Recorded, e: PostRequested) -> Window:
    return replace(enter(window, r, "communicate", StepState.BEGUN), posting=Posting(r.seq, e.text))


@on(MessageSent)
def _(window: Window, r: Recorded, e: MessageSent) -> Window:
    window = replace(window, messages=(*window.messages, e), posting=None)
    return enter(window, r, "communicate", StepState.DONE, detail=e.way)


@on(DrillRecorded)
def _(window: Window, r: Recorded, e: DrillRecorded) -> Window:
    return replace(window, drills=(*window.drills, e))
