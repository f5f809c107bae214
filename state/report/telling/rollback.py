"""How the events around triggers and the way back are told."""

from state.events import (
    CorrectnessRaised,
    CorrectnessResolved,
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
from state.report.telling.told import Kind, because, on
from state.window import RESTORE, Window


@on(TriggerTripped, Kind.TRIGGERS, turning=True)
def _(window: Window, r: Recorded, e: TriggerTripped) -> str:
    return f"{e.trigger} TRIPPED: {e.reason}"


@on(TriggerWavedOff, Kind.TRIGGERS)
def _(window: Window, r: Recorded, e: TriggerWavedOff) -> str:
    return f"{e.trigger} waved off: {e.reason}"


@on(TriggerCleared, Kind.TRIGGERS)
def _(window: Window, r: Recorded, e: TriggerCleared) -> str:
    return f"{e.trigger} cleared"


@on(IncidentRaised, Kind.TRIGGERS, turning=True)
def _(window: Window, r: Recorded, e: IncidentRaised) -> str:
    return f"incident {e.ticket} raised{because(e.note)}"


@on(IncidentResolved, Kind.TRIGGERS)
def _(window: Window, r: Recorded, e: IncidentResolved) -> str:
    return f"incident resolved{because(e.note)}"


@on(CorrectnessRaised, Kind.TRIGGERS, turning=True)
def _(window: Window, r: Recorded, e: CorrectnessRaised) -> str:
    return f"correctness problem raised{because(e.note)}"


@on(CorrectnessResolved, Kind.TRIGGERS)
def _(window: Window, r: Recorded, e: CorrectnessResolved) -> str:
    return f"correctness problem taken back{because(e.note)}"


@on(RollbackBegun, Kind.ROLLBACK, turning=True)
def _(window: Window, r: Recorded, e: RollbackBegun) -> str:
    how = "with a restore" if e.depth == RESTORE else "binaries only"
    lost = f"; {e.loses}" if e.loses else ""
    return f"ROLLBACK begun, {how}{because(e.why)}{lost}"


@on(RestoreChecked, Kind.ROLLBACK)
def _(window: Window, r: Recorded, e: RestoreChecked) -> str:
    passed_over = [
        f"{check.get('words')} ({check.get('reason')})" for check in e.checks if check.get("reason")
    ]
    over = f"; passed over: {', '.join(passed_over)}" if passed_over else ""
    good = sum(bool(check.get("passed")) for check in e.checks)
    return f"restore checked: {good} of {len(e.checks)} checks passed{over}"


@on(PostRequested, Kind.ROLLBACK)
def _(window: Window, r: Recorded, e: PostRequested) -> str:
    return "message to the channel is being posted"


@on(MessageSent, Kind.ROLLBACK)
def _(window: Window, r: Recorded, e: MessageSent) -> str:
    return f"message to the channel {e.way}"
