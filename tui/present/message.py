"""The message that says where a window stands, for the channel; the operator may change it before it goes."""

from state.judgement.readiness import ReadyState
from state.judgement.verdicts import Verdicts
from state.window import Window
from tui.present import words
from tui.present.header import where


def standing(window: Window, verdicts: Verdicts, now: float) -> str:
    """Release, phase and step, readiness, triggers, the planned end."""
    change = f"{window.previous_release} → {window.release}"
    lines = [f"{window.environment}: {change}, {where(window)} ({words.clock(now)[:5]} UTC)."]
    readiness = verdicts.readiness
    if readiness.worst is ReadyState.READY:
        lines.append(f"Ready for {words.duration(readiness.ready_for)}.")
    else:
        lines.append(f"Readiness: {readiness.worst.replace('_', ' ')}.")
    tripped = sorted(name for name, record in window.triggers.items() if not record.waved)
    if tripped:
        lines.append(f"Rollback triggers tripped: {', '.join(tripped)}.")
    if window.closes_at is not None:
        lines.append(f"Planned end {words.clock(window.closes_at)[:5]} UTC.")
    return "\n".join(lines)
