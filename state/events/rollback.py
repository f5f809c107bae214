"""What has happened around triggers, the way back and what follows it: frozen facts like all events."""

from collections.abc import Mapping
from typing import Any

from state.events.event import Event


class TriggerTripped(Event, frozen=True):
    """`trigger` is readiness, backlog, correctness or incident; `reason` says why, with numbers.

    `causes` name what it is about, without numbers: one that was waved off trips again for another.
    """

    trigger: str
    reason: str
    causes: tuple[str, ...] = ()


class TriggerWavedOff(Event, frozen=True):
    """An operator let a tripped trigger pass; it is armed again once it has cleared."""

    trigger: str
    reason: str


class TriggerCleared(Event, frozen=True):
    """What had tripped it is over for long enough."""

    trigger: str


class IncidentRaised(Event, frozen=True):
    """An unresolved P0, with its ticket."""

    ticket: str
    note: str


class IncidentResolved(Event, frozen=True):
    note: str


class CorrectnessRaised(Event, frozen=True):
    """Somebody saw that data is wrong."""

    note: str


class CorrectnessResolved(Event, frozen=True):
    note: str


class RollbackBegun(Event, frozen=True):
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


class RestoreChecked(Event, frozen=True):
    """The checks right before a restore: mappings with id, passed, words and, if passed over, reason.

    `loses`: the words on the screen, when the restore was confirmed, about what it loses.
    """

    checks: tuple[Mapping[str, Any], ...]
    loses: str = ""


class PostRequested(Event, frozen=True):
    """A message is about to be posted; MessageSent or StepFailed tells what came of it."""

    text: str


class MessageSent(Event, frozen=True):
    """A message to the channel. `how` is posted, or copied: an operator stated that it was sent by hand."""

    text: str
    how: str

    @property
    def way(self) -> str:
        """How it went, in words: what goes by hand is not seen from here, and is somebody's word."""
        return "posted" if self.how == "posted" else "sent by hand, as stated"


class DrillRecorded(Event, frozen=True):
    """The figures of a restore drill's report, in seconds."""

    run: int
    backup: float
    restore: float
    total: float
    passed: bool
    report: str
