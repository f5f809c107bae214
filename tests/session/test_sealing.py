"""A session seals the log of every run that is over, whoever started it and however it ended."""

import json
import os
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from state.console import sealing
from state.console.session import Session
from state.deployment import runs
from state.deployment.sealing import Sealed
from state.events import LogSealed, RunLost
from state.host.locks import is_held
from state.intents import Declare, Refusal, SkipStep
from state.journal.directory import DRIVER_LOCK, JOURNAL, RUNS
from state.journal.events import JournalReader, JournalWriter
from state.watch.leftovers import Leftovers
from state.window import RunState, StepState

from .place import SAM, Place, attest_preconditions, must, run, settle, wait_for

# PGPASSWORD is in the settings, the token in a file; what the target makes of them has no look of its own.
MAKEFILE = r"""
deploy:
	@echo "logged in: $$PGPASSWORD"; cat ../token; echo token=abcdefgh
	@if [ -e left ]; then (while [ -e left ]; do sleep 0.02; done) & fi
	@while [ -e hold ]; do sleep 0.02; done
"""
SEALED = "logged in: ***\n***\ntoken=***\n"


def ready_to_deploy(place: Place) -> Session:
    (place.site / "Makefile").write_text(MAKEFILE)
    session = place.open()
    attest_preconditions(session)
    for step in ("backup", "baseline"):
        must(session, SkipStep(step, "not in this test"))
    return session


def sealed(session: Session) -> list[LogSealed]:
    with closing(JournalReader(session.directory / JOURNAL)) as reader:
        assert reader.problem() == ""
        return [one.event for one in reader.after(0) if isinstance(one.event, LogSealed)]


def log(session: Session, number: int) -> str:
    return (session.run_directory(number) / "log").read_text()


def await_seal(session: Session, number: int) -> None:
    wait_for(lambda: session.tick() is None or session.window.runs[number].sealed)


def go(session: Session) -> None:
    """Closes it without a word; a watch that it is about to start keeps its lock for a moment."""
    session.close()
    wait_for(lambda: not is_held(session.directory / DRIVER_LOCK))


def test_the_log_of_a_run_is_sealed_once_it_is_over(place: Place) -> None:
    session = ready_to_deploy(place)
    number = run(session, "deploy")
    assert not session.window.runs[number].sealed
    settle(session, "deploy")
    await_seal(session, number)
    for _ in range(5):
        session.tick()
    (fact,) = sealed(session)
    assert (fact.run, fact.size, log(session, number)) == (number, len(SEALED), SEALED)


def test_it_waits_for_what_the_run_left_behind(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_STILL_HELD", 0.05)
    (place.site / "left").touch()
    session = ready_to_deploy(place)
    number = run(session, "deploy")
    settle(session, "deploy")
    assert session.window.runs[number].left_running
    begun = time.monotonic()
    while time.monotonic() - begun < 0.3:
        session.tick()
    assert sealed(session) == [] and "hunter2" in log(session, number)
    # The window may be closed by then.
    must(session, Declare("abandoned", (), {}, "no time left"))
    (place.site / "left").unlink()
    await_seal(session, number)
    assert log(session, number) == SEALED


def lose(place: Place, session: Session) -> int:
    """A run that is killed together with its keeper."""
    (place.site / "hold").touch()
    number = run(session, "deploy")
    wait_for(lambda: len(runs.log_tail(session.run_directory(number), 5)) == 3)
    os.killpg(int((session.run_directory(number) / "pid").read_text()), signal.SIGKILL)
    wait_for(lambda: runs.probe(session.run_directory(number), time.time()).standing is runs.Standing.KILLED)
    return number


def test_a_lost_run_is_sealed(place: Place) -> None:
    session = ready_to_deploy(place)
    number = lose(place, session)
    settle(session, "deploy", StepState.UNKNOWN)
    await_seal(session, number)
    assert log(session, number) == SEALED


def test_after_a_reboot_the_next_console_seals(place: Place) -> None:
    session = ready_to_deploy(place)
    number = lose(place, session)
    about = session.run_directory(number) / "command.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), "boot": "another"}))
    go(session)
    session = place.resume()
    await_seal(session, number)
    assert session.window.runs[number].state is RunState.LOST
    with closing(JournalReader(session.directory / JOURNAL)) as reader:
        (lost,) = [one.event for one in reader.after(0) if isinstance(one.event, RunLost)]
    assert "rebooted" in lost.reason
    assert log(session, number) == SEALED


def test_what_a_console_left_unsealed_the_next_one_seals(place: Place) -> None:
    session = ready_to_deploy(place)
    number = run(session, "deploy")
    settle(session, "deploy")
    go(session)
    session = place.resume()
    await_seal(session, number)
    assert len(sealed(session)) == 1 and log(session, number) == SEALED


def test_without_a_console_the_watch_seals(place: Place) -> None:
    session = ready_to_deploy(place)
    wait_for(lambda: session.tick() is None or session.view.observed.latest)
    (place.site / "hold").touch()
    number = run(session, "deploy")
    wait_for(lambda: len(runs.log_tail(session.run_directory(number), 5)) == 3)
    session.close()
    (place.site / "hold").unlink()
    wait_for(lambda: log(session, number) == SEALED)
    # The next console sees the end, and journals what it finds.
    session = place.resume()
    await_seal(session, number)
    (fact,) = sealed(session)
    assert (fact.size, log(session, number)) == (len(SEALED), SEALED)


def test_what_a_driver_has_sealed_the_watch_lets_be(tmp_path: Path) -> None:
    """It may know more secrets than that console did: another digest would look like a forgery."""
    run_directory = tmp_path / RUNS / "2"
    run_directory.mkdir(parents=True)
    (run_directory / "log").write_text("said tok-0123456789\n")
    (run_directory / "lock").touch()
    with closing(JournalWriter(tmp_path / JOURNAL, SAM, 1.0)) as journal:
        journal.append([LogSealed(2, 20, "0" * 64)], 2.0)
    leftovers = Leftovers(tmp_path, ("tok-0123456789",), pytest.fail)
    leftovers.seal()
    assert (run_directory / "log").read_text() == "said tok-0123456789\n"


@pytest.mark.parametrize("content", [b"", b"no database"])
def test_beside_a_journal_that_cannot_be_read_nothing_is_touched(tmp_path: Path, content: bytes) -> None:
    run_directory = tmp_path / RUNS / "2"
    run_directory.mkdir(parents=True)
    (run_directory / "log").write_text("said tok-0123456789\n")
    (tmp_path / JOURNAL).write_bytes(content)
    Leftovers(tmp_path, ("tok-0123456789",), pytest.fail).seal()
    assert (run_directory / "log").read_text() == "said tok-0123456789\n"


def test_a_log_that_cannot_be_sealed_is_told_and_tried_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_REFUSED", 0.05)
    session = ready_to_deploy(place)
    number = run(session, "deploy")
    in_the_way = session.run_directory(number) / "log.sealing"
    wait_for(session.run_directory(number).is_dir)
    in_the_way.mkdir()
    wait_for(lambda: session.tick() is None or "seal" in session.observation.problem)
    assert f"The log of run {number} keeps the secrets in it" in session.observation.problem
    assert sealed(session) == []
    in_the_way.rmdir()
    await_seal(session, number)
    assert "seal" not in session.observation.problem


def test_a_run_that_never_started_is_looked_at_once(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Path] = []

    def seal(directory: Path, secrets: tuple[str, ...]) -> Sealed | None:
        looked.append(directory)
        return really(directory, secrets)

    really = sealing.seal
    monkeypatch.setattr(sealing, "seal", seal)
    session = ready_to_deploy(place)
    plan = session.plan(session.window.runbook.step("deploy"))
    assert plan is not None
    (session.directory / "runs").rmdir()
    assert isinstance(session.start(plan), Refusal)
    (session.directory / "runs").mkdir(mode=0o700)
    never = session.window.seq - 1
    assert session.window.runs[never].state is RunState.NOT_STARTED
    number = run(session, "deploy")
    await_seal(session, number)
    session.tick()
    assert looked == [session.run_directory(never), session.run_directory(number)]
    assert "seal" not in session.observation.problem
