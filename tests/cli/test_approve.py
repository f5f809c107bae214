"""`drawbridge approve` as a second operator types it, at a window that is driven, or that is not."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from state.console.approvals import for_run
from state.console.session import Session
from state.events import ApprovalGiven, ApprovalRefused
from state.intents import AttestStep, SkipStep
from state.journal.directory import MAIL

from ..pty.evidence import DRAWBRIDGE
from ..pty.headless import events_of
from ..pty.terminal import PATIENCE, until
from .conftest import CommandLine, assert_sentence

DONE, FAILED, REFUSED = 0, 1, 3
PHRASE = "approve deploy staging"
#: The command, where a driver has a moment instead of ten seconds to take the word in.
IMPATIENT = (
    *(sys.executable, "-P", "-c"),
    "from state.console import approvals; approvals.PATIENCE = 0.5; from tui.__main__ import main; main()",
)


def approve(
    line: CommandLine, typed: str, session: Session | None = None, command: tuple[str, ...] = DRAWBRIDGE
) -> tuple[int, str, str]:
    """Exit status and both outputs; `session` drives meanwhile."""
    process = begin(line, typed, command)

    def over() -> bool:
        if session is not None:
            session.tick()
        return process.poll() is not None

    until(over, "the command does not end")
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in out + err
    return process.returncode, out, err


def begin(line: CommandLine, typed: str, command: tuple[str, ...] = DRAWBRIDGE) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [*command, "--config", str(line.config), "approve"],
        env=line.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(typed)
    process.stdin.flush()
    return process


@pytest.fixture
def waiting(command_line: CommandLine) -> Session:
    """A window whose deploy waits for a second operator."""
    command_line.edit(
        "[make]",
        '[people]\nsecond_operator = "always"\n[steps.deploy]\ncommand = ["make", "db-smoke"]\n[make]',
    )
    session = command_line.open_window()
    for step in ("window-approved", "backup-available", "ci-green", "rollback-owner"):
        assert session.do(AttestStep(step, "kim", "CHG-1042")) is None
    for step in ("backup", "baseline"):
        assert session.do(SkipStep(step, "not in this test")) is None
    plan = session.plan(session.window.runbook.step("deploy"))
    assert plan is not None
    assert session.do(for_run(session.window, plan, "")) is None
    return session


def letters(session: Session) -> list[Path]:
    return list((session.directory / MAIL).glob("driver-*"))


def test_a_word_that_counts(command_line: CommandLine, waiting: Session) -> None:
    code, out, err = approve(command_line, f"kim\n{PHRASE}\n", waiting)
    assert (code, err) == (DONE, "")
    for words in ("v1.4.2 -> v1.5.0", "Asked by sam@bastion", "command    make db-smoke", f"type `{PHRASE}`"):
        assert words in out
    assert "Approved: deploy of staging, until " in out
    (given,) = events_of(waiting.directory, ApprovalGiven)
    assert given.person.operator == "kim"
    # It is there once, and `status` tells of it.
    code, _, err = approve(command_line, f"kim\n{PHRASE}\n", waiting)
    assert code == FAILED
    assert_sentence(err, "waits for a second operator.")
    assert '"approved_by"' in command_line.run("status", "--json")[1]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (f"Sam\n{PHRASE}\n", "Sam asked for it, and cannot be their own second operator."),
        ("kim\napprove deploy\n", f"Type exactly: {PHRASE}"),
        ("kim\n\n", f"Type exactly: {PHRASE}"),
    ],
)
def test_a_word_that_is_refused(command_line: CommandLine, waiting: Session, typed: str, said: str) -> None:
    code, _, err = approve(command_line, typed, waiting)
    assert (code, err) == (REFUSED, f"drawbridge: {said}\n")
    (told,) = events_of(waiting.directory, ApprovalRefused)
    assert told.reason == said
    assert letters(waiting) == []


def test_nothing_waits(command_line: CommandLine) -> None:
    session = command_line.open_window()
    code, out, err = approve(command_line, "", session)
    assert (code, out) == (FAILED, "")
    assert_sentence(err, "waits for a second operator.")


def test_nobody_drives(command_line: CommandLine, waiting: Session) -> None:
    waiting.leave()
    code, _, err = approve(command_line, f"kim\n{PHRASE}\n", command=IMPATIENT)
    assert code == FAILED
    assert_sentence(err, "no console took it in, and nothing was approved: somebody must drive the window.")
    assert letters(waiting) == []


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, FAILED), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_thinking_better_of_it(command_line: CommandLine, waiting: Session, number: int, status: int) -> None:
    process = begin(command_line, f"kim\n{PHRASE}\n")
    until(lambda: letters(waiting), "no word is left for the driver")
    process.send_signal(number)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == status
    assert "Traceback" not in err
    # Nobody finds it later.
    assert letters(waiting) == []


def test_giving_up_before_a_phrase_is_typed(command_line: CommandLine, waiting: Session) -> None:
    process = begin(command_line, "kim\n")
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(PATIENCE) == FAILED
    assert letters(waiting) == []
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()
