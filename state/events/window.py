"""What has happened to a window as a whole: opened, attended, judged by, declared."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from state.events.event import Event


@dataclass(frozen=True, slots=True)
class WindowOpened(Event):
    window: str
    environment: str
    release: str
    previous_release: str
    closes_at: float | None
    practice: bool = False
    after_rollback: bool = False


@dataclass(frozen=True, slots=True)
class ConsoleAttached(Event):
    """A console took the drive; its epoch is that of the record. `console` is its id among all that look."""

    pid: int
    console: str = ""


@dataclass(frozen=True, slots=True)
class ConsoleLeft(Event):
    """The driver left on purpose; runs and watch went on."""


@dataclass(frozen=True, slots=True)
class PolicyTaken(Event):
    """The settings by which the window is judged from now on, as `Policy.as_json` wrote them."""

    policy: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WindowDeclared(Event):
    """The outcome. `gates` are the verdicts that were on the screen, frozen."""

    outcome: str
    reason: str
    gates: tuple[Mapping[str, Any], ...]
