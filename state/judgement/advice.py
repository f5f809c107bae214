"""Rollback advice: how far to go back, how long that takes, what it loses, and what is typed for it."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from state.events import BackupExamined
from state.judgement.phrases import line
from state.readings import Reading, ReadingClass
from state.window import BINARIES, RESTORE

#: The audit action that every poll of the ops summary writes.
POLLS_ACTION = "ops.summary.read"

#: Seconds by which the moment that an audit count began at may differ from the backup's: what is
#: lost where a time is written as text.
_SAME_MOMENT = 0.001


class Advice(Struct, frozen=True):
    """How far to go back: `depth` is binaries or restore. `reason` in sentences.

    `ask_class`: migrations were applied and nobody has said of which class (A, B, C) they are.
    """

    depth: str
    reason: str
    ask_class: bool


def advise(
    *, applied: tuple[str, ...], migration_class: str, correctness: bool, backup: BackupExamined | None
) -> Advice:
    """The advice of the design: it destroys nothing that need not be destroyed.

    `applied` are the migrations that this window applied, one that stopped half-way included;
    `correctness`: that trigger has tripped; `backup` is the window's own, if it has one.
    """
    if not applied:
        reason = "No migration was applied in this window: there is nothing to restore."
        if correctness:
            reason += " Data that is wrong stays wrong, though: only a restore takes it back."
        return Advice(BINARIES, reason, False)
    ask = migration_class not in {"A", "B", "C"}
    if correctness or migration_class == "C":
        reason = f"{_why_restore(applied, migration_class)} {_from_backup(backup, migration_class)}"
        return Advice(RESTORE, reason, ask)
    if ask:
        reason = (
            f"Ask of which class {_named(applied)} {_is(applied)}: with A or B the previous binaries are"
            " usually enough, with C the database must be restored. Binaries only destroys nothing, and a"
            " restore can still follow."
        )
        return Advice(BINARIES, reason, True)
    return Advice(BINARIES, f"{_why_binaries(applied, migration_class)} Nothing is lost.", False)


def _why_restore(applied: tuple[str, ...], migration_class: str) -> str:
    if migration_class == "C":
        return f"The previous binaries do not work with {_named(applied)} (class C, contracting)."
    return f"Correctness is in doubt, and only a restore undoes {_named(applied)}."


def _why_binaries(applied: tuple[str, ...], migration_class: str) -> str:
    if migration_class == "A":
        return f"The previous binaries still work with {_named(applied)} (class A, expand only)."
    return f"The previous binaries usually work with {_named(applied)} (class B, expand and backfill)."


def _from_backup(backup: BackupExamined | None, migration_class: str) -> str:
    """From which backup; or that there is none, and what then."""
    if backup is not None and not backup.problem:
        return f"Restore the backup of {_clock(backup.captured_at)} UTC."
    why = f" ({backup.problem})" if backup is not None else ""
    binaries = (
        "Binaries only would start what cannot work with this schema"
        if migration_class == "C"
        else "Binaries only stops what writes wrong data, if the new release does, but mends none"
    )
    return (
        f"But this window has no whole backup of its own{why}, so it cannot restore. {binaries}. Mend the"
        " new release forwards, or have an older backup restored by hand, outside this window."
    )


def _named(applied: tuple[str, ...]) -> str:
    return applied[0] if len(applied) == 1 else f"{applied[0]} and {len(applied) - 1} more"


def _is(applied: tuple[str, ...]) -> str:
    return "is" if len(applied) == 1 else "are"


def time_to_roll_back(
    depth: str, restore_seconds: float | None, other_runs: Mapping[str, float], ready_for: float
) -> float | None:
    """Seconds until the way back is done and validated; None where what matters was never measured.

    `restore_seconds` is the last measured restore (drill or rehearsal), `other_runs` what the other
    steps on the way back took last time, by step id, `ready_for` how long readiness must be stable.
    Steps that were never measured count nothing: it takes at least this long.
    """
    others = math.fsum(other_runs.values()) + ready_for
    if depth == RESTORE:
        return None if restore_seconds is None else restore_seconds + others
    return others if other_runs else None


def last_safe_decision(closes_at: float | None, needed: float | None) -> float | None:
    """The last moment to turn back and be done when the window closes; None where one is not known."""
    return None if closes_at is None or needed is None else closes_at - needed


def losses(captured_at: float, now: float, audit: Reading | None, polls_action: str = POLLS_ACTION) -> str:
    """What a restore of the backup captured at `captured_at` loses, in words for the confirmation.

    `audit` is the last count of audit rows; it speaks only for the moment it began at.
    """
    since = time_lost(captured_at, now)
    why = _uncounted(audit, captured_at)
    if why or audit is None:
        return f"{since}; how many rows that is could not be read ({why})"
    return f"{since}: {_rows(audit, polls_action)} (counted at {_clock(audit.at, now)} UTC)"


def time_lost(captured_at: float, now: float) -> str:
    """What a restore loses, as a stretch of time."""
    return f"everything written since {_clock(captured_at, now)} UTC ({_length(now - captured_at)}) is lost"


def _uncounted(audit: Reading | None, captured_at: float) -> str:
    """Why the reading is no count of what was written since then; empty where it is one."""
    if audit is None:
        return "the audit log has not been read"
    if audit.reading_class is not ReadingClass.OK:
        return line(audit)
    values = audit.values or {}
    since, count = values.get("since"), values.get("count")
    if not isinstance(since, int | float) or not isinstance(count, int):
        return "the answer is no count"
    if abs(since - captured_at) > _SAME_MOMENT:
        return f"they were counted since {_clock(since, captured_at)}, another backup"
    return ""


def _rows(audit: Reading, polls_action: str) -> str:
    values = audit.values or {}
    count, own = values["count"], values.get("actions", {}).get(polls_action, 0)
    least = "" if values.get("complete") else "at least "
    rows = f"{least}{count} audit row{'' if count == 1 else 's'}"
    if not own:
        return rows
    return f"{rows}, {least}{own} of them this console's own {'summary' if own == 1 else 'summaries'}"


def _clock(at: float, beside: float | None = None) -> str:
    """The time of day in UTC, with the date where it is another day than `beside`."""
    moment = datetime.fromtimestamp(at, UTC)
    same_day = beside is None or moment.date() == datetime.fromtimestamp(beside, UTC).date()
    return f"{moment:%H:%M:%S}" if same_day else f"{moment:%Y-%m-%d %H:%M:%S}"


def _length(seconds: float) -> str:
    """`42 s`, `12 min`, `1 h 42 min`, `2 d 3 h`: rounded down, never below zero."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes = whole // 60
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"


def rows_lost(backup: BackupExamined, present: BackupExamined | None) -> str:
    """What the database as it is now holds beyond the backup, table by table; empty where nobody knows.

    `present` is a safety backup, taken when nothing wrote any more: its rows are counted, not guessed.
    """
    if present is None or present.problem or not present.rows:
        return ""
    names = sorted(set(backup.rows) | set(present.rows))
    more = {name: present.rows.get(name, 0) - backup.rows.get(name, 0) for name in names}
    gone = [f"{count} of {_table(name)}" for name, count in more.items() if count > 0]
    back = [f"{-count} of {_table(name)}" for name, count in more.items() if count < 0]
    said = f"Rows lost against the safety backup: {', '.join(gone) or 'none'}"
    return said + (f"; rows that come back: {', '.join(back)}" if back else "")


def _table(name: str) -> str:
    return name.removeprefix("public.")
