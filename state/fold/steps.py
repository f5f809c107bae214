"""The fold of the window itself, its steps, notes and snapshots."""

from msgspec.structs import replace

from state.events import (
    ConsoleAttached,
    ConsoleLeft,
    ExceptionGranted,
    NoteAdded,
    PolicyTaken,
    Recorded,
    SamplingBegun,
    SnapshotRecorded,
    StepAttested,
    StepBegun,
    StepFailed,
    StepPassed,
    StepSkipped,
    WindowDeclared,
    WindowOpened,
)
from state.fold.table import begin_disruption, end_disruption, enter, on, set_step
from state.policy import Policy
from state.window import (
    ROLLED_BACK,
    Driver,
    Granted,
    Note,
    Sampling,
    StepState,
    Window,
)


@on(WindowOpened)
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


@on(ConsoleAttached)
def _(window: Window, r: Recorded, e: ConsoleAttached) -> Window:
    # Who drives now looks no more, and what was asked of the driver before is asked anew.
    observers = {k: v for k, v in window.observers.items() if k != e.console}
    driver = Driver(r.actor, e.pid, r.epoch, r.at)
    return replace(window, driver=driver, observers=observers, asks={}, handed_to="")


@on(ConsoleLeft)
def _(window: Window, r: Recorded, e: ConsoleLeft) -> Window:
    return replace(window, driver=replace(window.driver, left_at=r.at) if window.driver else None)


@on(PolicyTaken)
def _(window: Window, r: Recorded, e: PolicyTaken) -> Window:
    return replace(window, policy=Policy.from_json(e.policy))


@on(WindowDeclared)
def _(window: Window, r: Recorded, e: WindowDeclared) -> Window:
    if e.outcome != ROLLED_BACK:
        window = enter(window, r, "declare", StepState.DONE, detail=e.outcome)
    return replace(window, outcome=e.outcome, closed_at=r.at, approval=None)


@on(StepBegun)
def _(window: Window, r: Recorded, e: StepBegun) -> Window:
    return begin_disruption(enter(window, r, e.step, StepState.BEGUN), e.step, r.at)


@on(StepAttested)
def _(window: Window, r: Recorded, e: StepAttested) -> Window:
    if window.record(e.step).state is not StepState.BEGUN:
        window = begin_disruption(window, e.step, r.at)
    window = enter(window, r, e.step, StepState.DONE, attested=e, detail=e.reference)
    return end_disruption(window, e.step, r.at)


@on(StepPassed)
def _(window: Window, r: Recorded, e: StepPassed) -> Window:
    return enter(window, r, e.step, StepState.DONE, detail=e.detail)


@on(StepFailed)
def _(window: Window, r: Recorded, e: StepFailed) -> Window:
    return enter(window, r, e.step, StepState.FAILED, problem=e.problem)


@on(StepSkipped)
def _(window: Window, r: Recorded, e: StepSkipped) -> Window:
    sampling = None if window.sampling and window.sampling.step == e.step else window.sampling
    window = enter(window, r, e.step, StepState.SKIPPED, detail=e.reason)
    return end_disruption(replace(window, sampling=sampling), e.step, r.at)


@on(NoteAdded)
def _(window: Window, r: Recorded, e: NoteAdded) -> Window:
    note = Note(r.at, r.actor.operator, e.text)
    if not e.step:
        return replace(window, notes=(*window.notes, note))
    return set_step(window, e.step, notes=(*window.record(e.step).notes, note))


@on(ExceptionGranted)
def _(window: Window, r: Recorded, e: ExceptionGranted) -> Window:
    granted = Granted(e.subject, e.reason, r.actor.operator, r.at)
    return replace(window, exceptions=(*window.exceptions, granted))


@on(SamplingBegun)
def _(window: Window, r: Recorded, e: SamplingBegun) -> Window:
    window = enter(window, r, e.step, StepState.BEGUN)
    return replace(window, sampling=Sampling(e.step, e.wanted, r.at))


@on(SnapshotRecorded)
def _(window: Window, r: Recorded, e: SnapshotRecorded) -> Window:
    window = enter(window, r, e.step, StepState.DONE, by=window.record(e.step).by)
    return replace(window, sampling=None, snapshots={**window.snapshots, e.step: e})
