"""What every part of the telling shares: the kinds of events as operators name them, and the table."""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from msgspec import Struct

from state.events import Event, Recorded
from state.window import Window

E = TypeVar("E", bound=Event)
#: The window has everything that happened, later events included: runs and steps are named by it.
Tell = Callable[[Window, Recorded, Any], str]


class Kind(StrEnum):
    """What an event is about, as the timeline is filtered by."""

    WINDOW = "window"
    STEPS = "steps"
    RUNS = "runs"
    TRIGGERS = "triggers"
    ROLLBACK = "rollback"
    PEOPLE = "people"
    NOTES = "notes"


class Telling(Struct, frozen=True):
    """How one kind of event is told. `turning`: a chart marks it with a line of its own."""

    kind: Kind
    turning: bool
    tell: Tell


TELLINGS: dict[type[Event], Telling] = {}


def on(event: type[E], kind: Kind, turning: bool = False) -> Callable[[Callable[..., str]], Tell]:
    """Registers how this kind of event is told."""

    def register(function: Callable[..., str]) -> Tell:
        TELLINGS[event] = Telling(kind, turning, function)
        return function

    return register


def step_title(window: Window, step: str) -> str:
    """A step by its title; by its id where the runbook has no such step."""
    try:
        return window.runbook.step(step).title
    except KeyError:
        return step or "the window"


def run_title(window: Window, run: int) -> str:
    """`run 12 (make db-migrate)`, with what it was for where it was not the step's own command."""
    known = window.runs.get(run)
    if known is None:
        return f"run {run}"
    purpose = f", {known.purpose.replace('-', ' ')}" if known.purpose else ""
    return f"run {run} ({' '.join(known.argv)}{purpose})"


def clock(at: float) -> str:
    """Time of day in UTC, to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M:%S")


def because(reason: str) -> str:
    """A reason after what it is for, where there is one."""
    return f": {reason}" if reason else ""


def plural(count: int, noun: str) -> str:
    """`1 sample`, `5 samples`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
