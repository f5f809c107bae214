"""Who was at the window: drivers, observers, second operators, and who sat at the keyboard."""

from collections.abc import Iterable

from msgspec import Struct, field

from state.events import (
    Actor,
    ApprovalGiven,
    ApprovalRefused,
    ApprovalRequested,
    ApprovalWithdrawn,
    ConsoleAttached,
    ConsoleLeft,
    DriveAsked,
    DriveHandedOver,
    DriveTaken,
    ObserverJoined,
    OperatorSwitched,
    Recorded,
)
from state.report.document.people import Approval, Person, Seat
from state.report.moments import moment

_ROLES = ("driver", "observer", "second operator")


class _Known(Struct):
    actor: Actor
    first: float
    last: float
    roles: set[str] = field(default_factory=set)
    events: int = 0


def people(records: Iterable[Recorded]) -> tuple[Person, ...]:
    """Everybody, in the order in which they came."""
    known: dict[tuple[str, str, str], _Known] = {}

    def saw(actor: Actor, at: float, role: str, events: int = 0) -> None:
        one = known.setdefault((actor.operator, actor.login, actor.host), _Known(actor, at, at))
        one.last = at
        one.roles.add(role)
        one.events += events

    for recorded in records:
        saw(recorded.actor, recorded.at, "driver", 1)
        match recorded.event:
            case ObserverJoined(person=person) | DriveAsked(person=person):
                saw(person, recorded.at, "observer")
            case ApprovalGiven(person=person):
                saw(person, recorded.at, "second operator")
    return tuple(_person(one) for one in known.values())


def _person(one: _Known) -> Person:
    actor = one.actor
    return Person(
        operator=actor.operator,
        login=actor.login,
        host=actor.host,
        terminal=actor.terminal,
        ssh_origin=actor.ssh_origin,
        roles=tuple(role for role in _ROLES if role in one.roles),
        first=moment(one.first),
        last=moment(one.last),
        events=one.events,
    )


def seats(records: Iterable[Recorded]) -> tuple[Seat, ...]:
    """Who sat at the driver's keyboard, one after another."""
    seated: list[Seat] = []
    open_, last = False, 0.0

    def rise(at: float, how: str) -> None:
        nonlocal open_
        if open_:
            seated[-1] = seated[-1].model_copy(update={"until": moment(at), "ended": how})
        open_ = False

    def sit(actor: Actor, at: float) -> None:
        nonlocal open_
        seated.append(_seat(actor, at))
        open_ = True

    for recorded in records:
        match recorded.event:
            case ConsoleAttached():
                # Of a console that died the last that is known is its last event.
                rise(last, "gone without a word")
                sit(recorded.actor, recorded.at)
            case DriveTaken():
                rise(recorded.at, "taken over")
            case OperatorSwitched():
                rise(recorded.at, "another operator")
                sit(recorded.actor, recorded.at)
            case DriveHandedOver():
                rise(recorded.at, "handed over")
            case ConsoleLeft():
                rise(recorded.at, "left")
        last = recorded.at
    return tuple(seated)


def _seat(actor: Actor, at: float) -> Seat:
    return Seat(
        operator=actor.operator,
        login=actor.login,
        host=actor.host,
        terminal=actor.terminal,
        since=moment(at),
        until=None,
        ended="",
    )


def approvals(records: Iterable[Recorded]) -> tuple[Approval, ...]:
    """Every request for a second operator, and what came of it."""
    asked: dict[int, Approval] = {}

    def change(request: int, **changes: object) -> None:
        if request in asked:
            asked[request] = asked[request].model_copy(update=changes)

    for recorded in records:
        match recorded.event:
            case ApprovalRequested() as event:
                asked[recorded.seq] = _asked(recorded, event)
            case ApprovalGiven() as given:
                at = moment(recorded.at)
                change(given.request, state="approved", by=given.person.seat, at=at, how=given.how)
            case ApprovalRefused() as refused if refused.request in asked:
                said = f"{refused.person.seat}: {refused.reason}"
                change(refused.request, refusals=(*asked[refused.request].refusals, said))
            case ApprovalWithdrawn() as withdrawn:
                change(withdrawn.request, state="withdrawn", at=moment(recorded.at))
    # Once more through the model, which cleans what was taken in on the way.
    return tuple(Approval.model_validate(one.model_dump()) for one in asked.values())


def _asked(recorded: Recorded, event: ApprovalRequested) -> Approval:
    return Approval(
        request=recorded.seq,
        subject=event.subject,
        requested=moment(recorded.at),
        requested_by=recorded.actor.seat,
        state="waiting",
        by="",
        at=None,
        how="",
        words=event.words,
        refusals=(),
    )
