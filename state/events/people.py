"""What has happened between the people at a window: who drives, who looks, who confirmed what."""

from state.events.event import Actor, Event


class OperatorSwitched(Event, frozen=True):
    """Somebody else sits at the driver's keyboard now: the record's actor; `before` did until then."""

    before: str


class ObserverJoined(Event, frozen=True):
    """A console that looks, and decides nothing; `observer` is the id of that console."""

    observer: str
    person: Actor


class ObserverLeft(Event, frozen=True):
    observer: str


class DriveAsked(Event, frozen=True):
    """An observer asked the driver for the drive; `ask` is the id of the question."""

    ask: str
    observer: str
    person: Actor


class DriveKept(Event, frozen=True):
    """The driver said no."""

    ask: str


class DriveHandedOver(Event, frozen=True):
    """The driver lets go, for this observer and nobody else to take."""

    observer: str
    person: Actor


class DriveTaken(Event, frozen=True):
    """The record's actor took the drive from a console that is gone or silent (`why`), typing its name."""

    previous: str
    why: str


class ApprovalRequested(Event, frozen=True):
    """A step waits for a second operator; the request's id is the sequence number of this record.

    `subject` is a step id or `rollback`. `given_for` is a digest of all that the approval is for:
    it counts for exactly that. `words` say it in lines, as the second operator reads it.
    """

    subject: str
    given_for: str
    words: tuple[str, ...]


class ApprovalGiven(Event, frozen=True):
    """A second operator confirmed. `how` is login or screen; `letter` names the letter that brought it."""

    request: int
    person: Actor
    how: str
    phrase: str
    letter: str = ""


class ApprovalRefused(Event, frozen=True):
    """Somebody tried to confirm who may not, or not this; `reason` is what they were told."""

    request: int
    person: Actor
    reason: str
    letter: str = ""


class ApprovalWithdrawn(Event, frozen=True):
    """The request does not stand any more."""

    request: int
