"""Every kind of event by its name, and the way back from its form in the journal."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from msgspec import MsgspecError
from msgspec.json import Decoder

from state.events.event import (
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


@cache
def _decoder(event: type[Event]) -> Decoder[Event]:
    return Decoder(event)


def from_body(kind: str, version: int, body: str) -> Event:
    """The event whose `to_body` stands in `body` as JSON.

    Raises UnknownEvent for a kind, version, field or type of field not known here.
    """
    event = KINDS.get(kind)
    if event is None or version != event.version:
        raise UnknownEvent(f"{kind} version {version}")
    try:
        return _decoder(event).decode(body)
    except MsgspecError as error:
        raise UnknownEvent(f"{kind} version {version} has other fields") from error
