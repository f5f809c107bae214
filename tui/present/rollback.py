"""The rollback screen in words: why, how far, and what must be typed."""

from collections.abc import Sequence

from state.judgement.advice import Advice
from state.window import BINARIES, RESTORE, Window
from tui.present import words
from tui.present.line import Line, Span, Tone, line, wrapped

DEPTHS = {BINARIES: "binaries only", RESTORE: "binaries and the database (restore)"}


def why(window: Window, cells: int) -> tuple[Line, ...]:
    """The tripped triggers with their numbers."""
    lines: list[Line] = [line(Span("1 Why", Tone.STRONG))]
    for name, record in window.triggers.items():
        lines += wrapped(f"✗ {name}: {record.reason}", cells, Tone.BAD)
    if not window.triggers:
        lines += wrapped("No trigger has tripped: it is your own judgement.", cells, Tone.DIM)
    return tuple(lines)


def how_far(
    window: Window, advice: Advice, loses: str, needed: float | None, safe_until: float | None, cells: int
) -> tuple[Line, ...]:
    """The advice and its reason, the migrations, the backup, what is lost, how long it takes."""
    lines: list[Line] = [line(Span("2 How far", Tone.STRONG))]
    lines += wrapped(f"Advice: {DEPTHS[advice.depth]}. {advice.reason}", cells)
    applied = ", ".join(window.applied) or "none"
    lines += wrapped(f"migrations applied by this window: {applied}", cells, Tone.DIM)
    lines += _backup(window, cells)
    if window.backup is not None:
        lines += wrapped(f"A restore: {loses}", cells, Tone.WATCH)
    lines += wrapped(_how_long(needed, safe_until), cells, Tone.DIM)
    return tuple(lines)


#: What the author of the migrations says of them, and how far back it leads.
_CLASSES = (
    "A adds: the old binaries do not notice",
    "B adds and fills in: the old binaries usually still work",
    "C takes away what the old binaries need: only a restore goes all the way back",
)


def classes(cells: int) -> tuple[Line, ...]:
    """What the classes of migrations mean, a line each."""
    return tuple(line for said in _CLASSES for line in wrapped(said, cells, Tone.DIM))


def _backup(window: Window, cells: int) -> Sequence[Line]:
    backup = window.backup
    if backup is None:
        return wrapped("This window has no whole backup of its own to restore.", cells, Tone.WATCH)
    return wrapped(
        f"backup {backup.path}, {words.size(backup.size)}, captured {words.clock(backup.captured_at)} UTC, "
        f"SHA-256 {backup.sha256[:16]}…, whole at capture; checked again right before a restore",
        cells,
        Tone.DIM,
    )


def _how_long(needed: float | None, safe_until: float | None) -> str:
    if needed is None:
        return "How long a restore takes was never measured here: run the restore drill."
    until = (
        f"; begun after {words.clock(safe_until)} UTC, one with restore no longer ends in the window"
        if safe_until is not None
        else ""
    )
    return f"Rolling back takes about {words.duration(needed)}{until}."


def confirm(window: Window, depth: str) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """What must be typed, each above its field; the second is empty without a restore."""
    turn = (line(Span("3 Confirm", Tone.STRONG)), line("type ", Span(window.rollback_phrase, Tone.STRONG)))
    if depth != RESTORE:
        return turn, ()
    return turn, (line("and type ", Span(window.restore_phrase, Tone.STRONG)),)
