"""What an operator does, in a process of a login of its own: the tests call these functions by name."""

import os
import pickle
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from state.console.approvals import for_run
from state.console.opening import join, open_window, policy_of
from state.console.session import Session
from state.deployment import runs
from state.events import Actor, ApprovalGiven, ApprovalRefused
from state.intents import AddNote, AttestStep, HandOver, OpenWindow, Refusal, SkipStep, StopRun
from state.journal import mail
from state.journal.readings import ReadingsReader
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
    return Actor(os.environ["USER"], os.environ["USER"], "bastion", "pts/1", "", os.getuid())


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


def refused(step: str) -> str:
    """Why the command of the step is not started."""
    session = _driving()
    plan = session.plan(session.window.runbook.step(step))
    assert plan is not None
    refusal = session.start(plan)
    assert refusal is not None, "it was started"
    return refusal.reason


def ask_for_second(step: str) -> None:
    """Asks for a second operator for the command of the step."""
    session = _driving()
    plan = session.plan(session.window.runbook.step(step))
    assert plan is not None
    assert session.do(for_run(session.window, plan, "")) is None


def hear_one_more() -> str:
    """Ticks until one more word about an approval is in the journal; its kind, and the reason of a no."""
    heard = len(_answers())

    def came() -> bool:
        _driving().tick()
        return len(_answers()) > heard

    _until(came)
    answer = _answers()[-1]
    return answer.reason if isinstance(answer, ApprovalRefused) else answer.kind()


def _answers() -> list[ApprovalGiven | ApprovalRefused]:
    events = (recorded.event for recorded in _driving().view.journal.after(0))
    return [event for event in events if isinstance(event, ApprovalGiven | ApprovalRefused)]


def look_on(config: Path, window: Path) -> bool:
    """Joins a window that somebody else drives; whether this console drives all the same."""
    settings = load(config)
    session = join(window, settings, policy_of(settings), _actor())
    _session[:] = [session]
    return session.drives


def ask_for_drive() -> None:
    """Asks the driver."""
    assert _driving().seat.ask_for_drive() is None


def until_asked() -> tuple[str, int]:
    """Ticks until somebody asks for the drive; login and user id as the operating system vouches for them."""

    def asked() -> bool:
        _driving().tick()
        return bool(_driving().window.asks)

    _until(asked)
    (ask,) = _driving().window.asks.values()
    return ask.person.login, ask.person.uid


def hand_over() -> None:
    """Hands the drive to the one that asks."""
    (observer,) = _driving().window.asks
    assert _driving().do(HandOver(observer)) is None


def until_driving() -> None:
    """Ticks until this console drives."""

    def drives() -> bool:
        _driving().tick()
        return _driving().drives

    _until(drives)


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
