"""What a second operator is asked to confirm, in the lines that they will read, and how they answer."""

import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict

from state.console.company import APPROVE, DRIVER
from state.console.operator_text import cleaned
from state.console.plans import RunPlan
from state.events import Actor, ApprovalGiven, ApprovalRefused
from state.intents import BeginRollback, Refusal, RequestApproval, StartRun
from state.journal import mail
from state.journal.directory import JOURNAL, MAIL
from state.journal.events import JournalReader
from state.rules.approval import given_for, standing
from state.window import RESTORE, Window

#: Seconds in which a driver's console takes a letter in; it looks four times a second.
PATIENCE = 10.0


def run_wanted(plan: RunPlan) -> StartRun:
    """The intent to run a plan, without phrase and checks."""
    return StartRun(plan.step.id, plan.argv, str(plan.directory), plan.shown, plan.purpose)


def waits(window: Window, wanted: StartRun | BeginRollback, now: float) -> Refusal | None:
    """Why this waits for a second operator; None where nobody has to confirm it, or somebody has."""
    return standing(window, cleaned(wanted), now)


def is_asked_for(window: Window, request: RequestApproval) -> bool:
    """Whether this very thing waits for a second operator already."""
    asked = window.approval
    wanted = cleaned(request).wanted
    return asked is not None and asked.approved_at is None and asked.given_for == given_for(window, wanted)


def for_run(window: Window, plan: RunPlan, loses: str) -> RequestApproval:
    """The request for a command; `loses` says what a restore loses."""
    words = [plan.step.title, f"command    {' '.join(plan.argv)}", f"directory  {plan.directory}"]
    words += [f"{name}={value}" for name, value in plan.shown.items()]
    if plan.step.id == "restore":
        words += ["ends connections, DROPS the database, and loads the backup", *_backup(window), loses]
    return RequestApproval(run_wanted(plan), tuple(words))


def for_rollback(window: Window, wanted: BeginRollback) -> RequestApproval:
    """The request to turn back."""
    words = [
        f"Roll back {window.environment} from {window.release} to {window.previous_release}",
        "with a restore of the database" if wanted.depth == RESTORE else "binaries only",
        f"why: {wanted.why}",
        *(f"tripped: {name}: {record.reason}" for name, record in window.triggers.items()),
    ]
    if wanted.depth == RESTORE:
        words += [*_backup(window), wanted.loses]
    return RequestApproval(wanted, tuple(words))


def _backup(window: Window) -> list[str]:
    backup = window.backup
    if backup is None:
        return []
    captured = datetime.fromtimestamp(backup.captured_at, UTC)
    return [f"backup {backup.path}", f"captured {captured:%Y-%m-%d %H:%M:%S} UTC, SHA-256 {backup.sha256}"]


class Answer(Struct, frozen=True):
    """What the driver's console made of a second operator's word, at `at` (seconds since the epoch)."""

    event: ApprovalGiven | ApprovalRefused
    at: float


def ask_driver(directory: Path, request: int, person: Actor, phrase: str) -> Answer | None:
    """Leaves a second operator's word for the driver, and waits for what comes of it.

    None where no console took it in; then it is taken back. Raises MailError or JournalError.
    """
    with closing(JournalReader(directory / JOURNAL)) as reader:
        body = {"request": request, "person": asdict(person), "phrase": phrase}
        letter = mail.send(directory / MAIL, DRIVER, APPROVE, body)
        try:
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline:
                if (answer := _answer(reader, request, letter)) is not None:
                    return answer
                time.sleep(0.1)
        finally:
            # Also where whoever gave it thinks better of it: no driver shall find it an hour later.
            (directory / MAIL / f"{letter}.json").unlink(missing_ok=True)
        return _answer(reader, request, letter)


def _answer(reader: JournalReader, request: int, letter: str) -> Answer | None:
    for recorded in reader.after(request):
        event = recorded.event
        if isinstance(event, ApprovalGiven | ApprovalRefused) and event.letter == letter:
            return Answer(event, recorded.at)
    return None
