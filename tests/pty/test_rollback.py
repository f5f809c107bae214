"""The way back as an operator goes it, binaries only and with restore, and what it says it loses."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from state.deployment.backup import examine
from state.events import (
    BackupExamined,
    DrillRecorded,
    MessageSent,
    RestoreChecked,
    RollbackBegun,
    RunEnded,
    RunRequested,
)
from state.intents import SAFETY_BACKUP
from state.rehearsal.practice import Practice
from state.window import BINARIES, RESTORE, ROLLED_BACK, StepState

from . import headless
from .going_back import (
    SECOND_WANTED,
    do_back,
    finish,
    open_restore,
    second_operator,
    turn,
    type_restore,
)
from .headless import Headless, audit, hurry
from .operator_at_work import Operator
from .terminal import until

Started = Callable[..., tuple[Headless, Practice]]
Seat = Callable[..., Operator]


def at_the_console(hand: Headless, operator: Operator) -> None:
    """The session leaves, and the operator sits down at the console instead."""
    hand.session.leave()
    operator.resume()


@pytest.mark.tmux
def test_a_bad_release_goes_back_with_its_database(at_session: Started, sit_at: Seat) -> None:
    hand, practice = at_session("bad-release")
    hand.upgrade()
    window = hand.window
    backup = window.backup
    assert backup is not None
    operator = sit_at(practice)
    at_the_console(hand, operator)
    operator.terminal.wait_for("READINESS TRIPPED")

    before_screen = audit(practice)
    turn(operator, window, RESTORE)
    (begun,) = operator.events(RollbackBegun)
    assert begun.depth == RESTORE and begun.triggers[0].startswith("readiness: ")
    counted = re.search(r"is lost: (\d+) audit rows", begun.loses)
    assert counted, begun.loses
    written = sum(at > backup.captured_at for at in before_screen.values())
    # What the screen said was counted while it stood there.
    now = sum(at > backup.captured_at for at in audit(practice).values())
    assert 0 < written <= int(counted[1]) <= now
    assert operator.status()["rollback"]["loses"] == begun.loses

    do_back(operator, "stop-release")
    do_back(operator, "redeploy-previous")
    words = open_restore(operator, SECOND_WANTED)
    assert "No safety backup" in words
    operator.press("Safety backup")
    operator.terminal.wait_until_gone(SECOND_WANTED)
    (safety,) = [run for run in operator.recorded() if getattr(run.event, "purpose", "") == SAFETY_BACKUP]
    operator.await_exit(safety.seq)
    until(
        lambda: [one for one in operator.events(BackupExamined) if one.run == safety.seq],
        "the safety backup is not examined",
    )
    second_operator(operator)
    words = open_restore(operator)
    assert "✓ confirmed by lee@" in words
    said = re.search(r"Rows lost against the safety backup: .*?(\d+) of audit_log", words)
    assert said, words
    before = audit(practice)
    hurry(practice, 1.0)
    type_restore(operator, window)
    operator.press("Restore")
    operator.terminal.wait_for("may be empty", 10)
    assert operator.status()["database_may_be_empty"]
    assert "THE DATABASE MAY BE EMPTY" in operator.drawbridge("windows").stdout
    operator.terminal.send("1")
    operator.await_step("restore", seconds=30)
    assert not operator.status()["database_may_be_empty"]
    assert "MAY BE EMPTY" not in operator.drawbridge("windows").stdout
    hurry(practice, headless.PACE)

    assert_rows_gone(practice, before, backup.captured_at, int(said[1]))
    assert examine(Path(backup.path)).rows["public.audit_log"] == len(audit(practice))

    for step in ("migrate-baseline", "start-previous", "validate-health", "validate-smoke"):
        do_back(operator, step)
    operator.agree(least=9)
    do_back(operator, "validate-backlog")
    do_back(operator, "communicate")
    (message,) = operator.events(MessageSent)
    assert message.how == "copied"
    assert f"was rolled back to {practice.previous_release}" in message.text
    assert finish(operator)["phase"] == "closed"
    (drill,) = operator.events(DrillRecorded)
    assert drill.passed and Path(drill.report).is_file()
    (checked,) = operator.events(RestoreChecked)
    assert re.search(r"\((.+?)\) is lost. Rows lost against the safety backup", checked.loses)
    assert {end.exit_code for end in operator.events(RunEnded)} == {0}
    operator.terminal.wait_for("rolled back")


def assert_rows_gone(practice: Practice, before: dict[int, float], captured_at: float, said: int) -> None:
    """Exactly the rows that were written after the backup are gone, as many as had been said."""
    after = audit(practice)
    gone = {row: at for row, at in before.items() if row not in after}
    assert len(gone) == said > 0
    assert min(gone.values()) >= captured_at
    assert after == {row: at for row, at in before.items() if row in after}


@pytest.mark.tmux
def test_a_stuck_worker_goes_back_by_its_binaries_alone(at_session: Started, sit_at: Seat) -> None:
    hand, practice = at_session("stuck-worker")
    hand.upgrade()
    operator = sit_at(practice, columns=80, rows=24)
    at_the_console(hand, operator)
    before = audit(practice)
    turn(operator, hand.window, BINARIES)
    for step in list(operator.steps):
        do_back(operator, step)
    assert before.items() <= audit(practice).items()
    status = finish(operator)
    assert (status["outcome"], status["phase"], status["rollback"]["depth"]) == (
        "rolled back",
        "closed",
        "binaries",
    )
    assert [run.step for run in operator.events(RunRequested) if run.step == "restore"] == []
    assert operator.events(RollbackBegun)[0].loses == ""


@pytest.mark.parametrize("scenario", ["migration-fails", "truncated-backup"])
def test_the_database_goes_back_to_its_backup(at_session: Started, scenario: str) -> None:
    hand, practice = at_session(scenario)
    if scenario == "truncated-backup":
        hand.attest("window-approved")
        hand.look("backup-available")
        hand.attest("ci-green", "rollback-owner")
        # It ends with status 0, and is not taken for one.
        hand.run("backup", StepState.FAILED)
        assert hand.window.backup is None
        hand.run("backup")
        hand.sample("baseline")
        hand.run("deploy")
        hand.run("migrate")
    else:
        hand.upgrade(StepState.FAILED)
        hand.until(lambda: "correctness" in hand.window.triggers, "correctness does not trip")
        assert "db-migrate failed" in hand.window.triggers["correctness"].reason
        assert hand.session.view.advice("").depth == RESTORE
    hand.turn(RESTORE, "C")
    hand.stop_release()
    hand.safety_backup()
    said = re.search(r"(\d+) of audit_log", hand.session.view.losses(hand.session.now()))
    assert said
    before = audit(practice)
    assert hand.window.backup is not None
    hand.restore()
    assert_rows_gone(practice, before, hand.window.backup.captured_at, int(said[1]))
    hand.run("migrate-baseline")
    hand.run("start-previous")
    hand.validate()
    hand.declare(ROLLED_BACK)
    assert hand.window.outcome == ROLLED_BACK and hand.window.phase == "follow_up"
    if scenario == "migration-fails":
        assert_drill_comes_first(hand, practice)


def assert_drill_comes_first(hand: Headless, practice: Practice) -> None:
    """The next window of this environment waits for the drill."""
    following = headless.begin(practice.config, (practice.release, practice.previous_release))
    try:
        assert "drill-passed" in [step.id for step in following.window.checklist]
        following.attest("window-approved")
        following.look("backup-available")
        following.attest("ci-green", "rollback-owner")
        following.look("drill-passed", StepState.FAILED)
        assert "no restore drill has passed" in following.window.record("drill-passed").problem
        refusal = following.session.start(following.plan("backup"))
        assert refusal is not None and "Restore drill passed comes first" in refusal.reason
        hand.run("drill")
        hand.attest("root-cause", "risk-log")
        assert hand.window.phase == "closed"
        following.look("drill-passed")
        following.run("backup")
    finally:
        following.session.close()
