"""What would make a restore fail half-way is refused before anything is dropped, in words."""

from collections.abc import Callable
from pathlib import Path

from state.events import ExceptionGranted, RestoreChecked, RunRequested
from state.intents import Check, Refusal
from state.rehearsal.practice import Practice
from state.window import BINARIES, RESTORE

from .headless import Headless, audit, tables

Started = Callable[..., tuple[Headless, Practice]]


def before_the_restore(at_session: Started) -> tuple[Headless, Practice]:
    """Right before the restore of a window that has changed the deployment."""
    hand, practice = at_session("smooth")
    hand.prepare()
    hand.run("deploy")
    hand.turn(RESTORE)
    hand.stop_release()
    return hand, practice


def assert_nothing_dropped(hand: Headless, practice: Practice, before: dict[int, float]) -> None:
    assert audit(practice) == before
    assert "package_versions" in tables(practice)
    assert hand.events(RestoreChecked) == []
    assert [run.step for run in hand.events(RunRequested) if run.step == "restore"] == []
    assert not hand.window.may_be_empty


def backup_of(checks: tuple[Check, ...]) -> Check:
    (found,) = [check for check in checks if check.id == "backup"]
    return found


def test_a_backup_that_is_not_what_was_captured_is_refused(at_session: Started) -> None:
    hand, practice = before_the_restore(at_session)
    before = audit(practice)
    assert hand.window.backup is not None
    path = Path(hand.window.backup.path)
    whole = path.read_bytes()
    hand.passed_checks()
    at = whole.index(b"ops@practice")
    wrong = {
        "cut short": whole[: int(len(whole) * 0.6)],
        "digest differs": whole[:at] + b"OPS@practice" + whole[at + 12 :],
        "is empty": b"",
        "is not there": None,
    }
    for words, content in wrong.items():
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        made = hand.checks()
        assert not backup_of(made).passed and words in backup_of(made).words
        refusal = hand.ask_restore(checks=made)
        assert isinstance(refusal, Refusal) and words in refusal.reason
        assert "Bring back the file" in refusal.reason
        # Not even with a reason: such a backup is never loaded.
        plan, phrase = hand.plan("restore"), hand.window.restore_phrase
        refusal = hand.session.start(plan, phrase, made, {"backup": "it will do"})
        assert isinstance(refusal, Refusal) and words in refusal.reason
        assert_nothing_dropped(hand, practice, before)
        path.write_bytes(whole)
    # The very file again: now it goes through.
    hand.restore()
    assert len(audit(practice)) < len(before)


def test_an_api_that_runs_refuses_the_restore(at_session: Started) -> None:
    hand, practice = at_session("smooth")
    hand.prepare()
    hand.run("deploy")
    hand.turn(RESTORE)
    hand.attest("stop-release", "redeploy-previous")
    before = len(audit(practice))
    made = hand.checks()
    (stopped,) = [check for check in made if check.id == "stopped"]
    # Even where the last reading is of the moment before it came up.
    assert not stopped.passed and "is not refused: " in stopped.words
    refusal = hand.ask_restore(checks=made)
    assert isinstance(refusal, Refusal)
    assert "is not refused" in refusal.reason and "Stop API and worker on every host" in refusal.reason
    assert hand.events(RestoreChecked) == [] and len(audit(practice)) >= before
    assert hand.events(ExceptionGranted) == []


def test_a_phrase_that_is_not_exact_is_refused(at_session: Started) -> None:
    hand, practice = before_the_restore(at_session)
    exact, before = hand.window.restore_phrase, audit(practice)
    checks = hand.passed_checks()
    for typed in ("", "restore", exact.upper(), exact[:-1], f"x{exact}", hand.window.rollback_phrase):
        refusal = hand.ask_restore(typed, checks)
        assert isinstance(refusal, Refusal) and refusal.reason == f"Type exactly: {exact}"
        assert_nothing_dropped(hand, practice, before)


def test_binaries_only_has_no_restore(at_session: Started) -> None:
    hand, practice = at_session("smooth")
    hand.prepare()
    hand.run("deploy")
    hand.turn(BINARIES)
    hand.stop_release()
    plan = hand.session.plan(hand.window.runbook.step("restore"))
    assert plan is not None
    refusal = hand.session.start(plan, hand.window.restore_phrase, hand.checks())
    assert isinstance(refusal, Refusal)
    assert "package_versions" in tables(practice) and not hand.window.may_be_empty
