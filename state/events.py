"""What has happened: frozen facts in the past tense, and their form in the journal.

Every field is a JSON value, a tuple of them, or a frozen value of this module, so that an event
is written with `to_body` and read back with `from_body` without loss.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from state.event import Actor, Event, Recorded
from state.people_events import (
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
)
from state.rollback_events import (
    CorrectnessRaised,
    CorrectnessResolved,
    DrillRecorded,
    IncidentRaised,
    IncidentResolved,
    MessageSent,
    PostRequested,
    RestoreChecked,
    RollbackBegun,
    TriggerCleared,
    TriggerTripped,
    TriggerWavedOff,
)

__all__ = [
    "KINDS",
    "Actor",
    "ApprovalGiven",
    "ApprovalRefused",
    "ApprovalRequested",
    "ApprovalWithdrawn",
    "BackupExamined",
    "ConsoleAttached",
    "ConsoleLeft",
    "CorrectnessRaised",
    "CorrectnessResolved",
    "DrillRecorded",
    "DriveAsked",
    "DriveHandedOver",
    "DriveKept",
    "DriveTaken",
    "Event",
    "ExceptionGranted",
    "IncidentRaised",
    "IncidentResolved",
    "LogSealed",
    "MessageSent",
    "MetricSummary",
    "MigrationsListed",
    "NoteAdded",
    "ObserverJoined",
    "ObserverLeft",
    "OperatorSwitched",
    "PolicyTaken",
    "PostRequested",
    "Recorded",
    "RestoreChecked",
    "RollbackBegun",
    "RunEnded",
    "RunLost",
    "RunNotStarted",
    "RunRequested",
    "RunSignalled",
    "RunStarted",
    "SamplingBegun",
    "SnapshotRecorded",
    "StepAttested",
    "StepBegun",
    "StepFailed",
    "StepPassed",
    "StepSkipped",
    "TriggerCleared",
    "TriggerTripped",
    "TriggerWavedOff",
    "UnknownEvent",
    "WindowDeclared",
    "WindowOpened",
    "from_body",
]


# The window


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


# Steps


@dataclass(frozen=True, slots=True)
class StepBegun(Event):
    """Somebody is doing it outside, or the console waits for it (health)."""

    step: str


@dataclass(frozen=True, slots=True)
class StepAttested(Event):
    """Stated to be done, with evidence: who vouches, a reference, a link."""

    step: str
    who: str
    reference: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class StepPassed(Event):
    """The console saw that it is done; `detail` in a few words."""

    step: str
    detail: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepFailed(Event):
    """The console looked and found that it is not done; `problem` in a sentence."""

    step: str
    problem: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepSkipped(Event):
    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoteAdded(Event):
    """A note, on a step or (`step` empty) on the window."""

    step: str
    text: str


@dataclass(frozen=True, slots=True)
class ExceptionGranted(Event):
    """A gate or step was passed over; the record's actor owns it."""

    subject: str
    reason: str


# Runs: a run's id is the sequence number of its RunRequested


@dataclass(frozen=True, slots=True)
class RunRequested(Event):
    """A command is about to start. `variables` as shown: secrets are already hidden.

    `purpose` is empty for the step's own command, else what it is run for beside it: a safety
    backup, a rehearsal. `confirmed` is the phrase that the operator typed for this run and no other.
    """

    step: str
    argv: tuple[str, ...]
    directory: str
    variables: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""
    confirmed: str = ""


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    run: int


@dataclass(frozen=True, slots=True)
class RunNotStarted(Event):
    """It is certain that nothing of the run ever ran."""

    run: int
    reason: str


@dataclass(frozen=True, slots=True)
class RunEnded(Event):
    """`ended_at` in seconds since the epoch; `last_line` names make's own error where it gave one."""

    run: int
    exit_code: int
    ended_at: float
    last_line: str = ""
    left_running: bool = False


@dataclass(frozen=True, slots=True)
class RunLost(Event):
    """It ran and its exit status is unknown: nobody guesses."""

    run: int
    reason: str


@dataclass(frozen=True, slots=True)
class RunSignalled(Event):
    """An operator asked to stop the run, or the console went on to the next harder signal."""

    run: int
    signal: str


@dataclass(frozen=True, slots=True)
class LogSealed(Event):
    """The log of a run that is over was rewritten without secrets: `size` in bytes, as it is from now on."""

    run: int
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class MigrationsListed(Event):
    """What a `db-migrate` said of itself. `interrupted` names the migration it stopped in."""

    run: int
    applied: tuple[str, ...]
    skipped: int
    complete: bool
    interrupted: str = ""


@dataclass(frozen=True, slots=True)
class BackupExamined(Event):
    """One look at a backup file. `captured_at` and `age` in seconds; `problem` empty when whole.

    `rows` counts those of each table in the dump.
    """

    step: str
    path: str
    size: int
    sha256: str
    captured_at: float
    age: float
    problem: str
    run: int = 0
    rows: Mapping[str, int] = field(default_factory=dict)


# Snapshots


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """One metric over a series of samples; `slope` in units per second."""

    median: float
    minimum: float
    maximum: float
    slope: float
    count: int


@dataclass(frozen=True, slots=True)
class SamplingBegun(Event):
    """A series of `wanted` ops summaries is being taken from here on."""

    step: str
    wanted: int


@dataclass(frozen=True, slots=True)
class SnapshotRecorded(Event):
    """A series of ops summaries, frozen as evidence, with what it was taken under.

    `verdicts` are the backlog rows at that time (for the comparison), as JSON values;
    `missing_blobs` the missing blob references, None where nobody could tell.
    """

    step: str
    first_at: float
    last_at: float
    samples: int
    metrics: Mapping[str, MetricSummary]
    base: str
    subject: str
    ready: str
    skew: float | None
    verdicts: tuple[Mapping[str, Any], ...] = ()
    missing_blobs: int | None = None


#: Every kind that a journal of this version may hold.
KINDS: Mapping[str, type[Event]] = MappingProxyType(
    {
        event.kind(): event
        for event in (
            WindowOpened,
            ConsoleAttached,
            ConsoleLeft,
            PolicyTaken,
            WindowDeclared,
            StepBegun,
            StepAttested,
            StepPassed,
            StepFailed,
            StepSkipped,
            NoteAdded,
            ExceptionGranted,
            RunRequested,
            RunStarted,
            RunNotStarted,
            RunEnded,
            RunLost,
            RunSignalled,
            LogSealed,
            MigrationsListed,
            BackupExamined,
            SamplingBegun,
            SnapshotRecorded,
            TriggerTripped,
            TriggerWavedOff,
            TriggerCleared,
            IncidentRaised,
            IncidentResolved,
            CorrectnessRaised,
            CorrectnessResolved,
            RollbackBegun,
            RestoreChecked,
            MessageSent,
            PostRequested,
            DrillRecorded,
            OperatorSwitched,
            ObserverJoined,
            ObserverLeft,
            DriveAsked,
            DriveKept,
            DriveHandedOver,
            DriveTaken,
            ApprovalRequested,
            ApprovalGiven,
            ApprovalRefused,
            ApprovalWithdrawn,
        )
    }
)


class UnknownEvent(ValueError):
    """The journal holds an event that this version does not know: a newer one wrote it."""


def from_body(kind: str, version: int, body: Mapping[str, Any]) -> Event:
    """The event that `to_body` wrote; raises UnknownEvent for a kind, version or field not known here."""
    event = KINDS.get(kind)
    if event is None or version != event.version:
        raise UnknownEvent(f"{kind} version {version}")
    names = {f.name for f in fields(event)}
    try:
        if not names.issuperset(body):
            raise KeyError(*(set(body) - names))
        values: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in body.items()}
        if event is SnapshotRecorded:
            values["metrics"] = {k: MetricSummary(**v) for k, v in values["metrics"].items()}
        if "person" in values:
            values["person"] = Actor(**values["person"])
        return event(**values)
    except (TypeError, KeyError, AttributeError) as error:
        raise UnknownEvent(f"{kind} version {version} has other fields") from error
