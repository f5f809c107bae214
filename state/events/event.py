"""What an event is, who caused it, and its place in the journal."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct, to_builtins

#: The last moment that has a date: 9999-12-31, in seconds since the epoch.
LAST_MOMENT = 253402300799.0
#: Seconds since the epoch (UTC), of a year with four digits.
Moment = Annotated[float, Meta(ge=0, le=LAST_MOMENT)]


class Actor(Struct, frozen=True):
    """Who did it: the person as they named themselves, and what the host knows of them.

    `uid` is the user id that the operating system vouches for, -1 where nobody asked it.
    """

    operator: str
    login: str
    host: str
    terminal: str = ""
    ssh_origin: str = ""
    uid: int = -1

    @property
    def seat(self) -> str:
        """Where they sit, as operators say it: `sam@bastion`."""
        return f"{self.operator}@{self.host}"


class Event(Struct, frozen=True, forbid_unknown_fields=True):
    """The root of all events. `version` is raised when the fields of a kind change."""

    version: ClassVar[int] = 1

    @classmethod
    def kind(cls) -> str:
        """The name of the event in the journal."""
        return cls.__name__

    def to_body(self) -> dict[str, Any]:
        """The fields as JSON values."""
        body: dict[str, Any] = to_builtins(self)
        return body


class Recorded(Struct, frozen=True):
    """An event in its place in the journal. `at` is in seconds since the epoch (UTC)."""

    seq: int
    epoch: int
    at: float
    actor: Actor
    event: Event
