"""Every kind of event by its name, and the way back from its form in the journal."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from state.events.event import (
    Actor,
    Event,
)
from state.events.people import (
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
from state.events.rollback import (
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
from state.events.runs import (
    BackupExamined,
    LogSealed,
    MigrationsListed,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    RunSignalled,
    RunStarted,
)
from state.events.steps import (
    ExceptionGranted,
    MetricSummary,
    NoteAdded,
    SamplingBegun,
    SnapshotRecorded,
    StepAttested,
    StepBegun,
    StepFailed,
    StepPassed,
    StepSkipped,
)
from state.events.window import (
    ConsoleAttached,
    ConsoleLeft,
    PolicyTaken,
    WindowDeclared,
    WindowOpened,
)

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
