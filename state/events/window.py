"""What has happened to a window as a whole: opened, attended, judged by, declared."""

from collections.abc import Mapping
from typing import Any

from state.events.event import Event, Moment


class WindowOpened(Event, frozen=True):
    window: str
    environment: str
    release: str
    previous_release: str
    closes_at: Moment | None
    practice: bool = False
    after_rollback: bool = False


class ConsoleAttached(Event, frozen=True):
    """A console took the drive; its epoch is that of the record. `console` is its id among all that look."""

    pid: int
    console: str = ""


class ConsoleLeft(Event, frozen=True):
    """The driver left on purpose; runs and watch went on."""


class PolicyTaken(Event, frozen=True):
    """The settings by which the window is judged from now on, as `Policy.as_json` wrote them."""

    policy: Mapping[str, Any]


class WindowDeclared(Event, frozen=True):
    """The outcome. `gates` are the verdicts that were on the screen, frozen."""

    outcome: str
    reason: str
    gates: tuple[Mapping[str, Any], ...]
