"""What an operator does, in a process of a login of its own: the tests call these functions by name."""

import os
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from state.deployment import runs
from state.events import Actor
from state.intents import AddNote, AttestStep, OpenWindow, Refusal, SkipStep, StopRun
from state.journal import mail
from state.journal.readings import ReadingsReader
from state.opening import join, open_window, policy_of
from state.session import Session
from state.settings import load
from state.window import StepState

_session: list[Session] = []


def _until(true: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
    return value


def _driving() -> Session:
    return _session[0]


def _actor() -> Actor:
    return Actor(os.environ["USER"], os.environ["USER"], "bastion", "pts/1")


def _keep(found: Session | Refusal) -> str:
    if isinstance(found, Refusal):
        return found.reason
    _session[:] = [found]
    return ""


def open_a_window(config: Path) -> str:
    """Opens a window and drives it; the refusal's words, empty where there is none."""
    settings = load(config)
    assert settings.state is not None
    opening = OpenWindow("production", "2.0", "1.9")
    return _keep(open_window(settings.state, settings, policy_of(settings), _actor(), opening))


def take_the_drive(config: Path, window: Path, ahead: float = 0.0, typed: str = "") -> str:
    """Drives a window that is there, `ahead` seconds from now; the refusal's words, or none.

    `typed` is the name of a driver who is gone without a word.
    """
    settings = load(config)
    session = join(window, settings, policy_of(settings), _actor(), lambda: time.time() + ahead)
    refusal = None if session.drives else session.take_drive(typed)
    if refusal is not None:
        session.close()
    return _keep(refusal or session)


def leave() -> None:
    """Leaves the window on purpose."""
    _session.pop().leave()


def note(text: str) -> str:
    """Decides something; the refusal's words, empty where there is none."""
    refusal = _driving().do(AddNote("", text))
    return refusal.reason if refusal else ""


def attest(*steps: str) -> None:
    """Attests steps."""
    for step in steps:
        assert _driving().do(AttestStep(step, "kim", f"REF-{step}")) is None


def skip(step: str) -> None:
    """Passes a step over."""
    assert _driving().do(SkipStep(step, "not in this test")) is None


def start(step: str) -> int:
    """Starts the command of a step; the run."""
    session = _driving()
    plan = session.plan(session.window.runbook.step(step))
    assert plan is not None
    refusal = session.start(plan)
    assert refusal is None, refusal
    return session.window.record(step).run


def settle(step: str) -> str:
    """Ticks until the command of the step has ended; the step's state."""

    def ended() -> bool:
        _driving().tick()
        return _driving().window.record(step).state in (StepState.DONE, StepState.FAILED)

    _until(ended)
    return str(_driving().window.record(step).state)


def tick() -> str:
    """Takes in what is new; what the console has to tell."""
    _driving().tick()
    return _driving().observation.problem


def stop(run: int) -> str:
    """Stops a run; the refusal's words, empty where there is none."""
    refusal = _driving().do(StopRun(run))
    return refusal.reason if refusal else ""


def signal_run(run: Path, name: str) -> bool:
    """Signals a run past all rules."""
    return runs.send_signal(run, name)


def wait_for_line(log: Path, line: str) -> None:
    """Waits until the line stands in the log."""
    _until(lambda: line in read(log).splitlines())


def until_owner(process: int, user: int) -> None:
    """Waits until the process belongs to that user."""
    _until(lambda: Path(f"/proc/{process}").stat().st_uid == user)


def wait_for_watch(window: Path, after: int = 0) -> int:
    """Ticks until a watch of this login, not the process `after`, has written readings; its process."""
    reader = ReadingsReader(window / "readings.db")

    def observed() -> int:
        _driving().tick()
        watches = [watch for watch in reader.watches() if watch.ended_at is None]
        alive = reader.look(time.time()).watch_since is not None
        return watches[-1].pid if alive and watches and watches[-1].pid != after else 0

    return int(_until(observed))


def end_watch() -> None:
    """Asks the watch to end."""
    _driving().observation.end("the test wants another")


def send(window: Path, to: str, kind: str) -> None:
    """Leaves a letter."""
    mail.send(window / "mail", to, kind, {"from": os.environ["USER"]})


def collect(window: Path, to: str) -> list[tuple[str, int]]:
    """The letters that are there: kind and owner."""
    return [(letter.kind, letter.owner) for letter in mail.collect(window / "mail", to)]


def discard(window: Path, to: str) -> None:
    """Takes the letters out of the mailbox."""
    for letter in mail.collect(window / "mail", to):
        letter.discard()


def read(path: Path) -> str:
    """The text of a file, or how the system refuses it."""
    try:
        return path.read_text()
    except OSError as error:
        return str(error.strerror)


def main() -> None:
    """Does what it is told on standard input, and answers on standard output."""
    # Nothing that prints gets between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while True:
        try:
            name, args, more = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer = (True, globals()[name](*args, **more))
        except Exception as error:
            answer = (False, f"{type(error).__name__}: {error}")
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main()
