"""The dialogs of triggers and of the way back."""

from state.intents import Check
from state.rules.restore import NEVER_OVERRIDDEN
from state.window import Window
from tui.dialogs.dialog import Answer, Dialog, Field, Submit, Values
from tui.dialogs.steps import CELLS
from tui.present import words
from tui.present.line import Line, Span, Tone, line, wrapped

RESTORE, SAFETY, REHEARSE, SECOND = "restore", "safety", "rehearse", "second"


def incident(window: Window, submit: Submit) -> Dialog:
    """Raises a P0, or resolves the one that is open."""
    if window.incident is None:
        body = wrapped("An unresolved P0 trips the incident trigger until it is resolved.", CELLS)
        asked = (Field("ticket", "Ticket"), Field("note", "What happens (optional)"))
        return Dialog("Incident", body, submit, (Answer("raise", "Raise", danger=True),), asked)
    open_one = window.incident
    body = wrapped(f"{open_one.ticket} is open since {words.clock(open_one.at)} UTC: {open_one.note}", CELLS)
    fields = (Field("note", "How it was resolved"),)
    return Dialog(f"Incident {open_one.ticket}", body, submit, (Answer("resolve", "Resolve"),), fields)


def correctness(window: Window, submit: Submit) -> Dialog:
    """Raises a problem with the data, or takes it back."""
    if window.correctness is None:
        body = wrapped("Wrong data trips the correctness trigger and speaks for a restore.", CELLS)
        fields = (Field("note", "What is wrong, and where it can be seen"),)
        return Dialog("Correctness problem", body, submit, (Answer("raise", "Raise", danger=True),), fields)
    raised = window.correctness
    body = wrapped(f"Raised at {words.clock(raised.at)} UTC by {raised.by}: {raised.text}", CELLS)
    fields = (Field("note", "Why it is none, or how it was mended"),)
    return Dialog("Correctness problem", body, submit, (Answer("resolve", "Take it back"),), fields)


def wave_off(window: Window, submit: Submit) -> Dialog:
    """Lets the tripped triggers pass, each with the same reason."""
    body: list[Line] = []
    for name, record in window.triggers.items():
        body += wrapped(f"{name}: {record.reason}", CELLS, Tone.BAD)
    body += [(), *wrapped("A trigger that is waved off is armed again once it has cleared.", CELLS)]
    answers = (Answer("wave", "Wave off", danger=True),)
    return Dialog("Wave the trigger off?", tuple(body), submit, answers, (Field("reason", "Reason"),))


def restore(window: Window, checks: tuple[Check, ...], loses: str, waits: bool, submit: Submit) -> Dialog:
    """The last question before the database is dropped, and what may be done before it.

    It `waits` where a second operator must confirm first: then there is no phrase to type yet.
    """
    body: list[Line] = []
    if window.may_be_empty:
        warning = "The database may be empty: a restore began and did not end well. Run it again now."
        body += [*wrapped(warning, CELLS, Tone.ALARM), ()]
    body += wrapped("make db-restore ends connections, DROPS the database, and loads the backup.", CELLS)
    backup = window.backup
    if backup is not None:
        body += wrapped(f"RESTORE_PATH={backup.path}", CELLS)
        body += wrapped(f"captured {words.day(backup.captured_at)} UTC, {words.size(backup.size)}", CELLS)
    body += [*wrapped(loses, CELLS, Tone.WATCH), ()]
    for check in checks:
        glyph, tone = ("✓", Tone.GOOD) if check.passed else ("✗", Tone.BAD)
        mend = "" if check.passed else f" {check.mend}"
        body += wrapped(f"{glyph} {check.words}.{mend}", CELLS, tone)
    body += _safety(window)
    if waits:
        body += wrapped("A second operator must confirm this before it can be started.", CELLS, Tone.WATCH)
        second = Answer(SECOND, "Second operator…")
        before = (Answer(SAFETY, "Safety backup"), Answer(REHEARSE, "Rehearse"), second)
        return Dialog("Restore the database", tuple(body), submit, before, opens_on="no")
    body += _confirmed(window)
    body.append(line("type ", Span(window.restore_phrase, Tone.STRONG)))
    fields = [
        Field(f"overrides-{check.id}", f"Pass over '{check.id}' all the same? A reason, kept as an exception")
        for check in checks
        if not check.passed and check.id not in NEVER_OVERRIDDEN
    ]
    fields.append(Field("phrase", "Phrase", phrase=True))
    answers = [
        Answer(SAFETY, "Safety backup"),
        Answer(REHEARSE, "Rehearse"),
        Answer(RESTORE, "Restore", danger=True),
    ]
    if window.may_be_empty:
        # There is nothing left to back up.
        answers = answers[2:]
    return Dialog("Restore the database", tuple(body), submit, tuple(answers), tuple(fields), opens_on="no")


def _confirmed(window: Window) -> list[Line]:
    second = window.approval.approved_by if window.approval else None
    if second is None:
        return []
    return [*wrapped(f"✓ confirmed by {second.seat}, login {second.login}", CELLS, Tone.GOOD)]


def _safety(window: Window) -> list[Line]:
    seen = window.safety_backup
    if window.may_be_empty:
        return [()]
    if seen is None:
        words_ = "No safety backup of the database as it is now: without one there is no way back from this."
        return [*wrapped(words_, CELLS, Tone.WATCH), ()]
    if seen.problem:
        return [*wrapped(f"The safety backup is not whole: {seen.problem}", CELLS, Tone.BAD), ()]
    return [*wrapped(f"✓ safety backup {words.size(seen.size)} in {seen.path}", CELLS, Tone.GOOD), ()]


def overrides(values: Values) -> dict[str, str]:
    """The reasons by check id, from the fields of the restore."""
    return {k.removeprefix("overrides-"): v for k, v in values.items() if k.startswith("overrides-")}
