"""The fold: each event moves the window to its next value, and nothing else ever does."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar

from state.events import (
    BackupExamined,
    ConsoleAttached,
    ConsoleLeft,
    CorrectnessRaised,
    CorrectnessResolved,
    DrillRecorded,
    Event,
    ExceptionGranted,
    IncidentRaised,
    IncidentResolved,
    MessageSent,
    MigrationsListed,
    NoteAdded,
    PolicyTaken,
    Recorded,
    RestoreChecked,
    RollbackBegun,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    RunSignalled,
    RunStarted,
    SamplingBegun,
    SnapshotRecorded,
    StepAttested,
    StepBegun,
    StepFailed,
    StepPassed,
    StepSkipped,
    TriggerCleared,
    TriggerTripped,
    TriggerWavedOff,
    UnknownEvent,
    WindowDeclared,
    WindowOpened,
)
from state.policy import Policy
from state.window import (
    ROLLED_BACK,
    SETTLED,
    Driver,
    Granted,
    Incident,
    Note,
    Rollback,
    Run,
    RunState,
    Sampling,
    StepRecord,
    StepState,
    TriggerRecord,
    Window,
)

E = TypeVar("E", bound=Event)
Evolve = Callable[[Window, Recorded, Any], Window]
_EVOLVE: dict[type[Event], Evolve] = {}


def _on(kind: type[E]) -> Callable[[Callable[[Window, Recorded, E], Window]], Evolve]:
    def register(function: Callable[[Window, Recorded, E], Window]) -> Evolve:
        _EVOLVE[kind] = function
        return function

    return register


def evolve(window: Window, recorded: Recorded) -> Window:
    """The window after one more event; raises UnknownEvent where it speaks of what is not there."""
    try:
        moved = _EVOLVE[type(recorded.event)](window, recorded, recorded.event)
    except KeyError as error:
        raise UnknownEvent(
            f"{recorded.event.kind()} number {recorded.seq} speaks of {error}, which this version does not "
            "know. Open the window with the Drawbridge that wrote it."
        ) from error
    return replace(moved, seq=recorded.seq, last_at=recorded.at)


def fold(records: Iterable[Recorded], window: Window | None = None) -> Window:
    """The window after all of these events, from the start or from a window already folded."""
    folded = window if window is not None else Window()
    for recorded in records:
        folded = evolve(folded, recorded)
    return folded


def _set_step(window: Window, step_id: str, **changes: Any) -> Window:
    record = replace(window.record(step_id), **changes)
    return replace(window, steps={**window.steps, step_id: record})


def _enter(window: Window, r: Recorded, step_id: str, state: StepState, **changes: Any) -> Window:
    """The step comes into a state: who, when, and no trace of the problem of an earlier try."""
    fresh = {
        "by": r.actor.operator,
        "at": r.at,
        "problem": "",
        "detail": "",
        "attested": None,
        "backup": None,
    }
    return _set_step(window, step_id, state=state, **{**fresh, **changes})


def _set_run(window: Window, run_id: int, **changes: Any) -> Window:
    return replace(window, runs={**window.runs, run_id: replace(window.runs[run_id], **changes)})


def _begin_disruption(window: Window, step_id: str, at: float) -> Window:
    """Not ready is expected from here on, and what was judged before counts no more."""
    step = window.runbook.step(step_id)
    window = replace(window, change_begun=window.change_begun or step.changes)
    # One that was begun by hand and is then run is one disruption: a second would never end.
    if step.disrupts and not (window.planned and window.planned[-1][1] is None):
        window = replace(window, planned=(*window.planned, (at, None)))
    return _reopen_after(window, step_id) if step.changes else window


def _end_disruption(window: Window, step_id: str, at: float) -> Window:
    step = window.runbook.step(step_id)
    back = window.rollback is not None and step.phase == "rollback"
    # On the way back the service stays down from its stop until the step that starts it.
    up = step_id == window.starts_service if back else not step.keeps_down
    if step.disrupts and up and window.planned and window.planned[-1][1] is None:
        window = replace(window, planned=(*window.planned[:-1], (window.planned[-1][0], at)))
    return replace(window, changed_at=max(window.changed_at, at)) if step.changes else window


def _reopen_after(window: Window, step_id: str) -> Window:
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


@_on(WindowOpened)
def _(window: Window, r: Recorded, e: WindowOpened) -> Window:
    return replace(
        window,
        id=e.window,
        environment=e.environment,
        release=e.release,
        previous_release=e.previous_release,
        closes_at=e.closes_at,
        practice=e.practice,
        after_rollback=e.after_rollback,
        opened_at=r.at,
        opened_by=r.actor.operator,
        changed_at=r.at,
    )


@_on(ConsoleAttached)
def _(window: Window, r: Recorded, e: ConsoleAttached) -> Window:
    return replace(window, driver=Driver(r.actor, e.pid, r.epoch, r.at))


@_on(ConsoleLeft)
def _(window: Window, r: Recorded, e: ConsoleLeft) -> Window:
    return replace(window, driver=replace(window.driver, left_at=r.at) if window.driver else None)


@_on(PolicyTaken)
def _(window: Window, r: Recorded, e: PolicyTaken) -> Window:
    return replace(window, policy=Policy.from_json(e.policy))


@_on(WindowDeclared)
def _(window: Window, r: Recorded, e: WindowDeclared) -> Window:
    if e.outcome != ROLLED_BACK:
        window = _enter(window, r, "declare", StepState.DONE, detail=e.outcome)
    return replace(window, outcome=e.outcome, closed_at=r.at)


@_on(StepBegun)
def _(window: Window, r: Recorded, e: StepBegun) -> Window:
    return _begin_disruption(_enter(window, r, e.step, StepState.BEGUN), e.step, r.at)


@_on(StepAttested)
def _(window: Window, r: Recorded, e: StepAttested) -> Window:
    if window.record(e.step).state is not StepState.BEGUN:
        window = _begin_disruption(window, e.step, r.at)
    window = _enter(window, r, e.step, StepState.DONE, attested=e, detail=e.reference)
    return _end_disruption(window, e.step, r.at)


@_on(StepPassed)
def _(window: Window, r: Recorded, e: StepPassed) -> Window:
    return _enter(window, r, e.step, StepState.DONE, detail=e.detail)


@_on(StepFailed)
def _(window: Window, r: Recorded, e: StepFailed) -> Window:
    return _enter(window, r, e.step, StepState.FAILED, problem=e.problem)


@_on(StepSkipped)
def _(window: Window, r: Recorded, e: StepSkipped) -> Window:
    sampling = None if window.sampling and window.sampling.step == e.step else window.sampling
    window = _enter(window, r, e.step, StepState.SKIPPED, detail=e.reason)
    return _end_disruption(replace(window, sampling=sampling), e.step, r.at)


@_on(NoteAdded)
def _(window: Window, r: Recorded, e: NoteAdded) -> Window:
    note = Note(r.at, r.actor.operator, e.text)
    if not e.step:
        return replace(window, notes=(*window.notes, note))
    return _set_step(window, e.step, notes=(*window.record(e.step).notes, note))


@_on(ExceptionGranted)
def _(window: Window, r: Recorded, e: ExceptionGranted) -> Window:
    granted = Granted(e.subject, e.reason, r.actor.operator, r.at)
    return replace(window, exceptions=(*window.exceptions, granted))


@_on(RunRequested)
def _(window: Window, r: Recorded, e: RunRequested) -> Window:
    run = Run(r.seq, e.step, e.argv, e.directory, e.variables, r.at, r.actor.operator, purpose=e.purpose)
    window = replace(window, runs={**window.runs, run.id: run})
    return window if run.purpose else _enter(window, r, e.step, StepState.RUNNING, run=run.id)


@_on(RunStarted)
def _(window: Window, r: Recorded, e: RunStarted) -> Window:
    return _set_run(_took_effect(window, e.run, r.at), e.run, state=RunState.RUNNING, started_at=r.at)


def _took_effect(window: Window, run_id: int, at: float) -> Window:
    """A run that really began: only now does it disturb, and undo what was judged before it."""
    run = window.runs[run_id]
    if run.purpose or run.state is not RunState.REQUESTED:
        return window
    return _begin_disruption(window, run.step, at)


@_on(RunNotStarted)
def _(window: Window, r: Recorded, e: RunNotStarted) -> Window:
    window = _set_run(window, e.run, state=RunState.NOT_STARTED, ended_at=r.at, last_line=e.reason)
    run = window.runs[e.run]
    if run.purpose:
        return window
    return _enter(window, r, run.step, StepState.FAILED, by=run.by, problem=e.reason, run=run.id)


@_on(RunLost)
def _(window: Window, r: Recorded, e: RunLost) -> Window:
    window = _took_effect(window, e.run, r.at)
    window = _set_run(window, e.run, state=RunState.LOST, ended_at=r.at, last_line=e.reason)
    return _finish(window, r, e.run, StepState.UNKNOWN, r.at, e.reason)


@_on(RunEnded)
def _(window: Window, r: Recorded, e: RunEnded) -> Window:
    window = _took_effect(window, e.run, r.at)
    run = window.runs[e.run]
    window = _set_run(
        window,
        e.run,
        state=RunState.ENDED,
        # A short run may have ended before its start was on disk.
        started_at=min(run.started_at or run.requested_at, e.ended_at),
        ended_at=e.ended_at,
        exit_code=e.exit_code,
        last_line=e.last_line,
        left_running=e.left_running,
    )
    if e.exit_code != 0:
        problem = e.last_line or f"exit status {e.exit_code}"
        return _finish(window, r, e.run, StepState.FAILED, e.ended_at, problem)
    if run.migrations is not None and not run.migrations.complete:
        problem = "exit 0, but it never said that the migrations are up to date"
        return _finish(window, r, e.run, StepState.FAILED, e.ended_at, problem)
    if run.step == "restore" and not run.purpose:
        window = replace(window, restored_at=e.ended_at)
    checked = window.runbook.step(run.step).writes_backup
    return _finish(window, r, e.run, StepState.CHECKING if checked else StepState.DONE, e.ended_at, "")


def _finish(window: Window, r: Recorded, run_id: int, state: StepState, at: float, problem: str) -> Window:
    run = window.runs[run_id]
    if run.purpose:
        return window
    window = _enter(window, r, run.step, state, by=run.by, problem=problem, run=run_id)
    return _end_disruption(window, run.step, at)


@_on(RunSignalled)
def _(window: Window, r: Recorded, e: RunSignalled) -> Window:
    return _set_run(window, e.run, signals=(*window.runs[e.run].signals, (r.at, e.signal)))


@_on(MigrationsListed)
def _(window: Window, r: Recorded, e: MigrationsListed) -> Window:
    return _set_run(window, e.run, migrations=e)


@_on(BackupExamined)
def _(window: Window, r: Recorded, e: BackupExamined) -> Window:
    if e.run and window.runs[e.run].purpose:
        return replace(window, safety_backup=e)
    step = window.runbook.step(e.step)
    by = window.record(e.step).by if step.writes_backup else r.actor.operator
    state = StepState.FAILED if e.problem else StepState.DONE
    before_changes = not window.change_begun
    window = _enter(window, r, e.step, state, by=by, problem=e.problem, run=e.run, backup=e)
    # A backup taken after a change is a safety copy: a rollback goes back to the one before it.
    kept = step.writes_backup and not e.problem and before_changes
    return replace(window, backup=e) if kept else window


@_on(SamplingBegun)
def _(window: Window, r: Recorded, e: SamplingBegun) -> Window:
    window = _enter(window, r, e.step, StepState.BEGUN)
    return replace(window, sampling=Sampling(e.step, e.wanted, r.at))


@_on(SnapshotRecorded)
def _(window: Window, r: Recorded, e: SnapshotRecorded) -> Window:
    window = _enter(window, r, e.step, StepState.DONE, by=window.record(e.step).by)
    return replace(window, sampling=None, snapshots={**window.snapshots, e.step: e})


@_on(TriggerTripped)
def _(window: Window, r: Recorded, e: TriggerTripped) -> Window:
    return replace(window, triggers={**window.triggers, e.trigger: TriggerRecord(e.reason, r.at)})


@_on(TriggerWavedOff)
def _(window: Window, r: Recorded, e: TriggerWavedOff) -> Window:
    waved = replace(window.triggers[e.trigger], waved=e.reason)
    return replace(window, triggers={**window.triggers, e.trigger: waved})


@_on(TriggerCleared)
def _(window: Window, r: Recorded, e: TriggerCleared) -> Window:
    return replace(window, triggers={k: v for k, v in window.triggers.items() if k != e.trigger})


@_on(IncidentRaised)
def _(window: Window, r: Recorded, e: IncidentRaised) -> Window:
    return replace(window, incident=Incident(e.ticket, e.note, r.actor.operator, r.at))


@_on(IncidentResolved)
def _(window: Window, r: Recorded, e: IncidentResolved) -> Window:
    return replace(window, incident=None)


@_on(CorrectnessRaised)
def _(window: Window, r: Recorded, e: CorrectnessRaised) -> Window:
    return replace(window, correctness=Note(r.at, r.actor.operator, e.note))


@_on(CorrectnessResolved)
def _(window: Window, r: Recorded, e: CorrectnessResolved) -> Window:
    return replace(window, correctness=None)


@_on(RollbackBegun)
def _(window: Window, r: Recorded, e: RollbackBegun) -> Window:
    begun = Rollback(e.depth, e.why, e.migration_class, e.loses, r.at, r.actor.operator)
    # Going further than before begins the way back anew: every step is confirmed for this depth.
    ids = {step.id for step in window.runbook.phase("rollback").steps}
    steps = {k: v for k, v in window.steps.items() if k not in ids}
    return replace(window, rollback=begun, steps=steps, sampling=None)


@_on(RestoreChecked)
def _(window: Window, r: Recorded, e: RestoreChecked) -> Window:
    return window


@_on(MessageSent)
def _(window: Window, r: Recorded, e: MessageSent) -> Window:
    window = replace(window, messages=(*window.messages, e))
    return _enter(window, r, "communicate", StepState.DONE, detail=e.how)


@_on(DrillRecorded)
def _(window: Window, r: Recorded, e: DrillRecorded) -> Window:
    return replace(window, drills=(*window.drills, e))
