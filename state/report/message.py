"""The status message after a rollback, made from the facts; the operator may change it before it goes."""

from datetime import UTC, datetime

from state.judgement.advice import rows_lost
from state.window import Window


def rollback_message(window: Window) -> str:
    """What was rolled back, since when, what was lost, and that the next window is still to be named."""
    begun = window.rollback
    if begun is None:
        return ""
    lines = [
        f"{window.environment}: {window.release} was rolled back to {window.previous_release}.",
        f"Begun {_clock(window.opened_at)} UTC, rolled back from {_clock(begun.begun_at)} UTC: {begun.why}",
    ]
    if begun.restores and window.backup is not None:
        captured = _clock(window.backup.captured_at)
        lines.append(f"The database was restored to {captured} UTC; what was written after that is lost.")
        # What the audit log said is an estimate from before the last writes.
        exactly = rows_lost(window.backup, window.safety_backup)
        lines.append(f"{exactly}." if exactly else f"As last known before the restore: {begun.loses}.")
    else:
        lines.append("The database was not touched.")
    lines.append("Next window: to be announced.")
    return "\n".join(lines)


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M")
