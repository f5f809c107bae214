"""What has happened around triggers, the way back and what follows it: frozen facts like all events."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from state.events.event import Event


@dataclass(frozen=True, slots=True)
class TriggerTripped(Event):
    """`trigger` is readiness, backlog, correctness or incident; `reason` says why, with numbers.

    `causes` name what it is about, without numbers: one that was waved off trips again for another.
    """

    trigger: str
    reason: str
    causes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TriggerWavedOff(Event):
    """An operator let a tripped trigger pass; it is armed again once it has cleared."""

    trigger: str
    reason: str


@dataclass(frozen=True, slots=True)
class TriggerCleared(Event):
    """What had tripped it is over for long enough."""

    trigger: str


@dataclass(frozen=True, slots=True)
class IncidentRaised(Event):
    """An unresolved P0, with its ticket."""

    ticket: str
    note: str


@dataclass(frozen=True, slots=True)
class IncidentResolved(Event):
    note: str


@dataclass(frozen=True, slots=True)
class CorrectnessRaised(Event):
    """Somebody saw that data is wrong."""

    note: str


@dataclass(frozen=True, slots=True)
class CorrectnessResolved(Event):
    note: str


@dataclass(frozen=True, slots=True)
class RollbackBegun(Event):
    """The direction turns. `depth` is binaries or restore, `phrase` what was typed for it.

    `migration_class` is A, B, C or empty (nobody knows); `loses` the words on the screen about what
    a restore loses; `triggers` the reasons of those that had tripped.
    """

    depth: str
    why: str
    migration_class: str
    triggers: tuple[str, ...]
    loses: str
    phrase: str


@dataclass(frozen=True, slots=True)
class RestoreChecked(Event):
    """The checks right before a restore: mappings with id, passed, words and, if passed over, reason."""

    checks: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PostRequested(Event):
    """A message is about to be posted; MessageSent or StepFailed tells what came of it."""

    text: str


@dataclass(frozen=True, slots=True)
class MessageSent(Event):
    """A message to the channel. `how` is copied or posted."""

    text: str
    how: str


@dataclass(frozen=True, slots=True)
class DrillRecorded(Event):
    """The figures of a restore drill's report, in seconds."""

    run: int
    backup: float
    restore: float
    total: float
    passed: bool
    report: str
