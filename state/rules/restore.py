"""The rules of the one command that destroys: nothing reaches `db-restore` but through here."""

from state.events import Event, ExceptionGranted, RestoreChecked, RunRequested
from state.intents import REHEARSAL, REHEARSAL_SUFFIX, SAFETY_BACKUP, Refusal, StartRun
from state.window import Window

#: The checks that a restore needs, each made again right before it.
REQUIRED_CHECKS = ("backup", "disk", "stopped")
#: A backup that is not whole, or not the one that was captured, is never loaded.
NEVER_OVERRIDDEN = frozenset({"backup"})
#: Seconds for which a check counts: what was seen longer ago may have changed.
CHECK_COUNTS_FOR = 60.0

_RESTORE = "db-restore"


def forbids(intent: StartRun) -> Refusal | None:
    """Why this command may not be run for this step at all; None where nothing destroys."""
    if intent.step != "restore":
        if intent.purpose:
            return Refusal("Only the restore has commands beside its own.")
        if any(_RESTORE in word for word in intent.argv):
            return Refusal("A restore is only done by the restore step of a rollback.")
    return None


def begin_restore(window: Window, intent: StartRun, now: float) -> tuple[Event, ...] | Refusal:
    """The events that start a command of the restore step, or why not."""
    if window.rollback is None or not window.rollback.restores:
        return Refusal("This rollback goes back to the previous binaries only. Begin a restore with b.")
    if intent.purpose == SAFETY_BACKUP:
        return _run(intent) if intent.argv == ("make", "db-backup") else _not_that_way()
    if intent.argv != ("make", _RESTORE):
        return _not_that_way()
    backup = window.backup
    if backup is None:
        return Refusal("This window has no whole backup of its own: there is nothing to restore from.")
    if intent.variables.get("RESTORE_PATH") != backup.path:
        return Refusal(f"A restore of this window loads its own backup, {backup.path}, and no other.")
    if intent.purpose == REHEARSAL:
        target = intent.variables.get("TARGET_DB", "")
        if not target.endswith(REHEARSAL_SUFFIX) or target == intent.variables.get("POSTGRES_DB"):
            return Refusal(
                f"A rehearsal loads into a database whose name ends with {REHEARSAL_SUFFIX}. "
                "It is never the real one."
            )
        return _run(intent)
    if intent.purpose or intent.variables.get("TARGET_DB"):
        return _not_that_way()
    if intent.phrase != window.restore_phrase:
        return Refusal(f"Type exactly: {window.restore_phrase}", "phrase")
    return _checked(window, intent, now)


def _checked(window: Window, intent: StartRun, now: float) -> tuple[Event, ...] | Refusal:
    by_id = {check.id: check for check in intent.checks}
    if set(by_id) != set(REQUIRED_CHECKS) or len(by_id) != len(intent.checks):
        return Refusal("The checks before the restore have not all been made. Open the step again.")
    kept: list[dict[str, object]] = []
    granted: list[Event] = []
    for check in intent.checks:
        if not 0 <= now - check.at <= CHECK_COUNTS_FOR:
            return Refusal("The checks are older than a minute. Open the step again: they are made anew.")
        reason = intent.overrides.get(check.id, "").strip() if not check.passed else ""
        if not check.passed and (not reason or check.id in NEVER_OVERRIDDEN):
            return Refusal(f"{check.words}. {check.mend}", f"overrides-{check.id}")
        if reason:
            granted.append(ExceptionGranted(f"restore:{check.id}", reason))
        kept.append({"id": check.id, "passed": check.passed, "words": check.words, "reason": reason})
    return (*granted, RestoreChecked(tuple(kept), intent.loses), *_run(intent))


def _run(intent: StartRun) -> tuple[Event, ...]:
    return (
        RunRequested(
            intent.step, intent.argv, intent.directory, intent.variables, intent.purpose, intent.phrase
        ),
    )


def _not_that_way() -> Refusal:
    return Refusal("The restore step runs make db-restore from this window's backup, and nothing else.")
