"""How the events of the window as a whole are told, and what is noted on it."""

from state.events import (
    ConsoleAttached,
    ConsoleLeft,
    ExceptionGranted,
    NoteAdded,
    PolicyTaken,
    Recorded,
    WindowDeclared,
    WindowOpened,
)
from state.report.telling.told import Kind, because, clock, on, step_title
from state.window import Window


@on(WindowOpened, Kind.WINDOW, turning=True)
def _(window: Window, r: Recorded, e: WindowOpened) -> str:
    until = f", to close at {clock(e.closes_at)}" if e.closes_at else ""
    practice = ", for practice" if e.practice else ""
    return f"window opened: {e.previous_release} to {e.release} on {e.environment}{until}{practice}"


@on(PolicyTaken, Kind.WINDOW)
def _(window: Window, r: Recorded, e: PolicyTaken) -> str:
    return f"settings taken; alert thresholds: {e.policy.get('limits_source', 'built in')}"


@on(WindowDeclared, Kind.WINDOW, turning=True)
def _(window: Window, r: Recorded, e: WindowDeclared) -> str:
    gates = ", ".join(f"{gate.get('id')} {gate.get('state')}" for gate in e.gates)
    return f"declared: {e.outcome}{because(e.reason)}" + (f" (gates: {gates})" if gates else "")


@on(ConsoleAttached, Kind.PEOPLE)
def _(window: Window, r: Recorded, e: ConsoleAttached) -> str:
    return f"{r.actor.seat} drives (process {e.pid})"


@on(ConsoleLeft, Kind.PEOPLE)
def _(window: Window, r: Recorded, e: ConsoleLeft) -> str:
    return f"{r.actor.seat} left on purpose"


@on(NoteAdded, Kind.NOTES)
def _(window: Window, r: Recorded, e: NoteAdded) -> str:
    return f"note on {step_title(window, e.step)}: {e.text}"


@on(ExceptionGranted, Kind.NOTES, turning=True)
def _(window: Window, r: Recorded, e: ExceptionGranted) -> str:
    return f"EXCEPTION {e.subject}: {e.reason}"
