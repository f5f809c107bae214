"""Which facts, found out by the console itself, still extend the window: each is recorded once."""

from state.events import (
    ApprovalGiven,
    ApprovalRefused,
    BackupExamined,
    DrillRecorded,
    DriveAsked,
    Event,
    LogSealed,
    MessageSent,
    MigrationsListed,
    ObserverJoined,
    ObserverLeft,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunSignalled,
    RunStarted,
    SnapshotRecorded,
    StepFailed,
    StepPassed,
    TriggerCleared,
    TriggerTripped,
)
from state.window import OPEN_RUN, RunState, StepState, Window


def admits(window: Window, fact: Event) -> bool:
    """Whether this fact is news to the window: its run, step or trigger still waits for just this."""
    if isinstance(fact, LogSealed):
        # Also when the window is closed: what the last run left running may end later.
        ended = window.runs.get(fact.run)
        return ended is not None and ended.state not in OPEN_RUN and not ended.sealed
    if not window.takes_decisions:
        return False
    match fact:
        case RunStarted():
            return fact.run in window.runs and window.runs[fact.run].state is RunState.REQUESTED
        case RunEnded() | RunLost() | RunNotStarted() | MigrationsListed():
            return fact.run in window.runs and window.runs[fact.run].state in OPEN_RUN
        case RunSignalled():
            run = window.runs.get(fact.run)
            if run is None or run.state not in OPEN_RUN:
                return False
            return fact.signal not in (sent for _, sent in run.signals)
        case BackupExamined():
            return _admits_backup(window, fact)
        case SnapshotRecorded():
            return window.sampling is not None and window.sampling.step == fact.step
        case StepPassed() | StepFailed():
            return window.record(fact.step).state is StepState.BEGUN
        case MessageSent():
            return window.posting is not None and window.record("communicate").state is StepState.BEGUN
        case ObserverJoined():
            return window.observers.get(fact.observer) != fact.person
        case ObserverLeft():
            return fact.observer in window.observers
        case DriveAsked():
            asked = window.asks.get(fact.observer)
            return fact.observer in window.observers and (asked is None or asked.id != fact.ask)
        case ApprovalGiven():
            waits = window.approval
            return waits is not None and waits.request == fact.request and waits.approved_at is None
        case ApprovalRefused():
            return True
        case TriggerTripped():
            before = window.triggers.get(fact.trigger)
            return window.is_open and (before is None or before.trips_again(fact.causes))
        case TriggerCleared():
            return window.is_open and fact.trigger in window.triggers
        case DrillRecorded():
            return fact.run in window.runs and all(drill.run != fact.run for drill in window.drills)
    return False


def _admits_backup(window: Window, fact: BackupExamined) -> bool:
    if not fact.run:
        return window.record(fact.step).state is StepState.BEGUN
    run = window.runs.get(fact.run)
    if run is not None and run.purpose:
        seen = window.safety_backup
        return run.state is RunState.ENDED and (seen is None or seen.run != fact.run)
    record = window.record(fact.step)
    return record.state is StepState.CHECKING and record.run == fact.run
