"""How the events between people are told."""

from state.events import (
    ApprovalGiven,
    ApprovalRefused,
    ApprovalRequested,
    ApprovalWithdrawn,
    DriveAsked,
    DriveHandedOver,
    DriveKept,
    DriveTaken,
    ObserverJoined,
    ObserverLeft,
    OperatorSwitched,
    Recorded,
)
from state.report.telling.told import Kind, because, on, step_title
from state.window import Window


@on(OperatorSwitched, Kind.PEOPLE)
def _(window: Window, r: Recorded, e: OperatorSwitched) -> str:
    return f"{r.actor.operator} sits at the keyboard now; before it was {e.before}"


@on(ObserverJoined, Kind.PEOPLE)
def _(window: Window, r: Recorded, e: ObserverJoined) -> str:
    return f"{e.person.seat} looks on"


@on(ObserverLeft, Kind.PEOPLE)
def _(window: Window, r: Recorded, e: ObserverLeft) -> str:
    return "an observer left"


@on(DriveAsked, Kind.PEOPLE)
def _(window: Window, r: Recorded, e: DriveAsked) -> str:
    return f"{e.person.seat} asked for the drive"


@on(DriveKept, Kind.PEOPLE)
def _(window: Window, r: Recorded, e: DriveKept) -> str:
    return f"{r.actor.operator} kept the drive"


@on(DriveHandedOver, Kind.PEOPLE)
def _(window: Window, r: Recorded, e: DriveHandedOver) -> str:
    return f"{r.actor.operator} handed the drive to {e.person.seat}"


@on(DriveTaken, Kind.PEOPLE)
def _(window: Window, r: Recorded, e: DriveTaken) -> str:
    return f"{r.actor.seat} took the drive from {e.previous or 'nobody'}{because(e.why)}"


@on(ApprovalRequested, Kind.PEOPLE)
def _(window: Window, r: Recorded, e: ApprovalRequested) -> str:
    return f"{step_title(window, e.subject)} waits for a second operator"


@on(ApprovalGiven, Kind.PEOPLE, turning=True)
def _(window: Window, r: Recorded, e: ApprovalGiven) -> str:
    way = "from a login of their own" if e.how == "login" else "at the driver's keyboard"
    return f"{e.person.seat} APPROVED as second operator {way} (request {e.request})"


@on(ApprovalRefused, Kind.PEOPLE)
def _(window: Window, r: Recorded, e: ApprovalRefused) -> str:
    return f"{e.person.seat} may not approve{because(e.reason)}"


@on(ApprovalWithdrawn, Kind.PEOPLE)
def _(window: Window, r: Recorded, e: ApprovalWithdrawn) -> str:
    return f"request {e.request} for a second operator withdrawn"
