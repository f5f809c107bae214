"""The rules of triggers, of turning back, and of what is said about it."""

from state.events import (
    CorrectnessRaised,
    CorrectnessResolved,
    IncidentRaised,
    IncidentResolved,
    MessageSent,
    PostRequested,
    RollbackBegun,
    TriggerWavedOff,
)
from state.intents import (
    COPIED,
    POSTED,
    BeginRollback,
    RaiseCorrectness,
    RaiseIncident,
    Refusal,
    ResolveCorrectness,
    ResolveIncident,
    SendMessage,
    WaveOff,
)
from state.rules.table import Decision, of_kind, on
from state.runbook import StepKind
from state.window import BINARIES, RESTORE, Window


@on(RaiseIncident)
def _(window: Window, intent: RaiseIncident, now: float) -> Decision:
    if window.incident is not None:
        return Refusal(f"{window.incident.ticket} is open already. Resolve it first, or note more on it.")
    if not intent.ticket.strip():
        return Refusal("An incident needs its ticket.", "ticket")
    return (IncidentRaised(intent.ticket, intent.note),)


@on(ResolveIncident)
def _(window: Window, intent: ResolveIncident, now: float) -> Decision:
    if window.incident is None:
        return Refusal("No incident is open.")
    if not intent.note.strip():
        return Refusal("Say how it was resolved.", "note")
    return (IncidentResolved(intent.note),)


@on(RaiseCorrectness)
def _(window: Window, intent: RaiseCorrectness, now: float) -> Decision:
    if window.correctness is not None:
        return Refusal("A correctness problem is raised already.")
    if not intent.note.strip():
        return Refusal("Say what is wrong with the data.", "note")
    return (CorrectnessRaised(intent.note),)


@on(ResolveCorrectness)
def _(window: Window, intent: ResolveCorrectness, now: float) -> Decision:
    if window.correctness is None:
        return Refusal("No correctness problem was raised by hand.")
    if not intent.note.strip():
        return Refusal("Say why it is none.", "note")
    return (CorrectnessResolved(intent.note),)


@on(WaveOff)
def _(window: Window, intent: WaveOff, now: float) -> Decision:
    record = window.triggers.get(intent.trigger)
    if record is None:
        return Refusal("Only a trigger that has tripped can be waved off.")
    if record.waved:
        return Refusal("It is waved off already; it is armed again once it has cleared.")
    if not intent.reason.strip():
        return Refusal("Waving a trigger off needs a reason.", "reason")
    return (TriggerWavedOff(intent.trigger, intent.reason),)


@on(BeginRollback)
def _(window: Window, intent: BeginRollback, now: float) -> Decision:
    if refusal := may_turn_back(window, intent):
        return refusal
    if not intent.why.strip():
        return Refusal("Say why, in your own words: it stands in the report.", "why")
    if intent.phrase != window.rollback_phrase:
        return Refusal(f"Type exactly: {window.rollback_phrase}", "phrase")
    if intent.depth == RESTORE:
        if window.backup is None:
            return Refusal("This window has no whole backup of its own: binaries only can be rolled back.")
        if intent.restore_phrase != window.restore_phrase:
            return Refusal(f"Type exactly: {window.restore_phrase}", "restore_phrase")
    reasons = tuple(f"{name}: {record.reason}" for name, record in window.triggers.items())
    phrase = intent.phrase if intent.depth == BINARIES else f"{intent.phrase}; {intent.restore_phrase}"
    begun = RollbackBegun(intent.depth, intent.why, intent.migration_class, reasons, intent.loses, phrase)
    return (begun,)


def may_turn_back(window: Window, intent: BeginRollback) -> Refusal | None:
    """Why the direction may not turn at all, whatever was typed for it."""
    if not window.is_open:
        return Refusal("The outcome of this window is declared. Open a new one to change anything.")
    if intent.depth not in {BINARIES, RESTORE}:
        return Refusal("A rollback goes back to the previous binaries only, or restores the database too.")
    if intent.migration_class not in {"", "A", "B", "C"}:
        return Refusal(
            "The class of the migrations is A, B, C, or left empty when nobody knows.", "migration_class"
        )
    if window.open_run is not None:
        return Refusal(f"{window.open_run.title} is running. Let it end, or stop it with x, then turn back.")
    if not window.change_begun:
        return Refusal("Nothing has been changed yet. Abandon the window with d: there is nothing to undo.")
    if window.rollback is not None and (window.rollback.restores or intent.depth == BINARIES):
        return Refusal("The window is rolling back already.")
    return None


@on(SendMessage)
def _(window: Window, intent: SendMessage, now: float) -> Decision:
    step = of_kind(window, "communicate", StepKind.MESSAGE)
    if isinstance(step, Refusal):
        return step
    if not intent.text.strip():
        return Refusal("There is nothing to send.", "text")
    if intent.how not in {COPIED, POSTED}:
        return Refusal(f"A message is {COPIED} or {POSTED}.")
    # Posted is only what the webhook took; until then it is asked for.
    return (PostRequested(intent.text) if intent.how == POSTED else MessageSent(intent.text, COPIED),)
