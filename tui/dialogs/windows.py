"""The dialogs around windows as a whole: opening one, resuming one, looking back at one."""

from collections.abc import Sequence
from pathlib import Path

from state.console.interruption import Interruption
from state.doctor.check import Check
from state.window import Window
from tui.dialogs.dialog import Answer, Dialog, Field, Submit
from tui.dialogs.steps import CELLS
from tui.present import words
from tui.present.line import Line, Span, Tone, left, line, wrapped
from tui.present.resume import resume_card
from tui.typed import command


def opening(
    environment: str, operator: str, releases: tuple[str, str], length: float, submit: Submit
) -> Dialog:
    """A new window: the release that comes, the one that runs now, who, and until when."""
    body = wrapped(f"A new deployment window of {environment}.", CELLS)
    fields = (
        Field("release", "New release: what this window deploys", releases[0]),
        Field("previous_release", "Running now: what a rollback returns to", releases[1]),
        Field("operator", "Your name", operator),
        Field(
            "closes_at", "Closes at (HH:MM UTC) or in (2h, 90m); empty: no end", words.short_duration(length)
        ),
    )
    return Dialog("Open a window", body, submit, (Answer("open", "Open"),), fields)


def examined(found: Sequence[Check]) -> Dialog:
    """What keeps a window from being opened, worst first, each with its mend."""
    doctor = f"Mend what FAILs, then open it. `{command(elsewhere=True)} doctor` shows all of it."
    lines = [*wrapped(doctor, CELLS)]
    for verdict, tone in (("FAIL", Tone.BAD), ("warn", Tone.WATCH)):
        for check in (check for check in found if check.verdict == verdict):
            lines += wrapped(f"{verdict} {check.subject}: {check.words}", CELLS, tone)
            lines += wrapped(f"→ {check.mend}" if check.mend else "", CELLS)
    return Dialog("No window yet", tuple(lines), lambda answer, values: None, (), no="Close")


def resume(facts: Interruption, name: str, now: float) -> Dialog:
    """What happened while nobody watched, and as whom it goes on; `enter` goes on."""
    seated = wrapped(f"You go on as {name}; o names somebody else.", CELLS, Tone.DIM)
    body = (*resume_card(facts, now, CELLS), *seated)
    return Dialog("Resumed", body, lambda answer, values: None, (), opens_on="no", no="Go on")


def elsewhere(window: Window, here: Path, there: Path | None, submit: Submit) -> Dialog:
    """A window of another environment than that of the settings `here`; `there` are its own, if known."""
    way = command(there, elsewhere=True) if there else f"{command(elsewhere=True)} --config SETTINGS"
    body = (
        *wrapped(f"{window.id} belongs to {window.environment}, and this console to {here}.", CELLS),
        *wrapped(f"To drive it: {way}", CELLS, Tone.STRONG),
        *wrapped("Here it can only be looked at: no key decides anything.", CELLS),
    )
    return Dialog("Another environment", body, submit, (Answer("look", "Look on"),), opens_on="no")


#: What a look back at a closed window leads on to.
TIMELINE, REPORT = "timeline", "report"


def past(window: Window, submit: Submit) -> Dialog:
    """A closed window: its outcome, its steps, its exceptions, and the ways to all the rest."""
    lines: list[Line] = [
        line(Span(f"{window.previous_release} → {window.release}: {window.outcome}", Tone.STRONG)),
        line(f"opened {words.day(window.opened_at)} UTC by {window.opened_by}"),
        line(f"closed {words.day(window.closed_at or window.last_at)} UTC"),
        (),
    ]
    for step in window.checklist:
        record = window.record(step.id)
        state = f"{words.STEP_GLYPHS[record.state]} {record.state}"
        lines.append(line(left(state, 12), left(step.title, 28), Span(record.by, Tone.DIM)))
    for granted in window.exceptions:
        lines += wrapped(f"! {granted.subject}: {granted.reason} ({granted.owner})", CELLS, Tone.WATCH)
    answers = (Answer(TIMELINE, "Timeline"), Answer(REPORT, "Report"))
    return Dialog(window.id, tuple(lines), submit, answers, opens_on=TIMELINE, no="Close")
