"""What has fallen silent is said: a run that prints nothing, a watch that keeps nothing."""

import os
import signal
from contextlib import closing

import pytest

from state.console import silence
from state.console.session import Session
from state.intents import SkipStep
from state.report.status import as_json
from state.view import View

from .place import KIM, Place, attest_preconditions, must, run, settle, wait_for, watches

MAKEFILE = r"""
deploy:
	@echo begun; while [ -e hold ]; do sleep 0.02; done
	@echo going on; while [ -e still ]; do sleep 0.02; done
"""


def problem(session: Session) -> str:
    session.tick()
    return session.observation.problem


def silent_seconds(session: Session) -> int | None:
    with closing(View(session.directory)) as view:
        view.refresh(session.now())
        silent = as_json(view)["run"]["silent_seconds"]
        assert silent is None or isinstance(silent, int)
        return silent


def test_a_run_that_prints_nothing_is_reported_until_it_does(place: Place) -> None:
    place.edit('directory = "site"\n', 'directory = "site"\nsilent_after = "1s"\n')
    (place.site / "Makefile").write_text(MAKEFILE)
    for name in ("hold", "still"):
        (place.site / name).touch()
    session = place.open()
    attest_preconditions(session)
    for step in ("backup", "baseline"):
        must(session, SkipStep(step, "not in this test"))
    number = run(session, "deploy")
    wait_for(lambda: "make deploy has printed nothing for 00:01, and still runs." in problem(session))
    assert "or stop it (x)." in problem(session)
    assert (silent_seconds(session) or 0) >= 1
    # A console that looks has no such key.
    looks = place.join(KIM)
    wait_for(lambda: "printed nothing" in problem(looks))
    assert "(x)" not in problem(looks) and "whoever drives can stop it." in problem(looks)
    (place.site / "hold").unlink()
    wait_for(lambda: "printed nothing" not in problem(session))
    # Silent again: the time counts from its last word.
    wait_for(lambda: "printed nothing" in problem(session))
    (place.site / "still").unlink()
    settle(session, "deploy")
    assert "printed nothing" not in problem(session)
    assert silent_seconds(session) is None
    assert session.window.runs[number].exit_code == 0


def test_a_watch_that_keeps_nothing_is_reported_until_it_does(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silence, "_SLACK", 0.5)
    session = place.open()
    wait_for(lambda: session.tick() is None or session.view.observed.latest)
    (watch,) = watches(session.directory)
    os.kill(watch, signal.SIGSTOP)
    try:
        wait_for(lambda: "The watch has kept no reading for 00:01: its words are in " in problem(session))
    finally:
        os.kill(watch, signal.SIGCONT)
    wait_for(lambda: "kept no reading" not in problem(session))
