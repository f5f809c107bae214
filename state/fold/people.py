"""The fold of who drives, who looks, and who confirmed what."""

from msgspec.structs import replace

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
from state.fold.table import on
from state.window import Approval, Ask, Window


@on(OperatorSwitched)
def _(window: Window, r: Recorded, e: OperatorSwitched) -> Window:
    return replace(window, driver=replace(window.driver, actor=r.actor) if window.driver else None)


@on(ObserverJoined)
def _(window: Window, r: Recorded, e: ObserverJoined) -> Window:
    return replace(window, observers={**window.observers, e.observer: e.person})


@on(ObserverLeft)
def _(window: Window, r: Recorded, e: ObserverLeft) -> Window:
    observers = {k: v for k, v in window.observers.items() if k != e.observer}
    asks = {k: v for k, v in window.asks.items() if k != e.observer}
    return replace(window, observers=observers, asks=asks)


@on(DriveAsked)
def _(window: Window, r: Recorded, e: DriveAsked) -> Window:
    return replace(window, asks={**window.asks, e.observer: Ask(e.ask, e.observer, e.person, r.at)})


@on(DriveKept)
def _(window: Window, r: Recorded, e: DriveKept) -> Window:
    asks = {k: replace(v, kept=True) if v.id == e.ask else v for k, v in window.asks.items()}
    return replace(window, asks=asks)


@on(DriveHandedOver)
def _(window: Window, r: Recorded, e: DriveHandedOver) -> Window:
    driver = replace(window.driver, left_at=r.at) if window.driver else None
    return replace(window, driver=driver, handed_to=e.observer)


@on(DriveTaken)
def _(window: Window, r: Recorded, e: DriveTaken) -> Window:
    return window


@on(ApprovalRequested)
def _(window: Window, r: Recorded, e: ApprovalRequested) -> Window:
    asked = Approval(r.seq, e.subject, e.given_for, e.words, r.at, r.actor)
    return replace(window, approval=asked)


@on(ApprovalGiven)
def _(window: Window, r: Recorded, e: ApprovalGiven) -> Window:
    if window.approval is None or window.approval.request != e.request:
        return window
    given = replace(window.approval, approved_at=r.at, approved_by=e.person, how=e.how)
    return replace(window, approval=given)


@on(ApprovalRefused)
def _(window: Window, r: Recorded, e: ApprovalRefused) -> Window:
    return window


@on(ApprovalWithdrawn)
def _(window: Window, r: Recorded, e: ApprovalWithdrawn) -> Window:
    return replace(window, approval=None)
