"""Who was at the window, and who confirmed what."""

from typing import Literal

from pydantic import Field

from state.report.document.part import Part, Text


class Person(Part):
    """Somebody at the window, from one login. `events` counts what stands in the journal in their name."""

    operator: Text
    login: Text
    host: Text
    terminal: Text
    ssh_origin: Text
    roles: tuple[Literal["driver", "observer", "second operator"], ...]
    first: str
    last: str
    events: int


class Seat(Part):
    """Who sat at the driver's keyboard, from when to when; `until` null: still there at the last event."""

    operator: Text
    login: Text
    host: Text
    terminal: Text
    since: str
    until: str | None
    ended: str = Field(description="left, handed over, another operator, taken over, or empty")


class Approval(Part):
    """What waited for a second operator, and what came of it: approved, refused, withdrawn, waiting."""

    request: int
    subject: Text
    requested: str
    requested_by: Text
    state: Text
    by: Text
    at: str | None
    how: Text
    words: tuple[Text, ...]
    refusals: tuple[Text, ...]
