"""The second operator at a command line of their own: what waits, their word for it, and the answer."""

import signal
import sys
from contextlib import closing
from pathlib import Path

import click
from msgspec.structs import replace

from state.console import approvals
from state.console.operator_text import cleaned_actor
from state.events import Actor, ApprovalGiven
from state.text import printable
from state.view import View
from state.window import COUNTS_FOR
from tui.present import words

DONE, FAILED, REFUSED = 0, 1, 3


def approve(directory: Path, actor: Actor) -> tuple[int, str]:
    """Shows what waits, takes name and phrase, and waits for the driver's console; exit status and words.

    Raises JournalError or MailError.
    """
    with closing(View(directory)) as view:
        window = view.window
    asked = window.approval
    if asked is None or asked.approved_by is not None:
        return FAILED, f"nothing in {directory.name} waits for a second operator."
    click.echo(f"{window.id}: {window.environment}, {window.previous_release} -> {window.release}")
    click.echo(f"Asked by {asked.requested_by.seat} at {words.clock(asked.requested_at)} UTC:")
    for said in asked.words:
        click.echo(f"  {printable(said)}")
    name = click.prompt("Your name", default=actor.login)
    phrase = click.prompt(f"To confirm, type `{window.approval_phrase}`", default="", show_default=False)
    person = cleaned_actor(replace(actor, operator=name))
    for number in (signal.SIGHUP, signal.SIGTERM):
        # Whoever is cut off takes their word back as they go.
        signal.signal(number, lambda got, frame: sys.exit(128 + got))
    answer = approvals.ask_driver(directory, asked.request, person, phrase.strip())
    if answer is None:
        return FAILED, "no console took it in, and nothing was approved: somebody must drive the window."
    if not isinstance(answer.event, ApprovalGiven):
        return REFUSED, answer.event.reason
    until = words.clock(answer.at + COUNTS_FOR)
    return DONE, f"Approved: {asked.subject} of {window.environment}, until {until} UTC."
