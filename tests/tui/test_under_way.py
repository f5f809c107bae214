"""Enter on a step that goes on by itself says how far it is, and asks nothing."""

import re
import time
from collections.abc import Callable

import pytest
from textual.screen import ModalScreen

from state.console.session import Clock, Session
from state.events import StepBegun
from state.intents import AttestStep, BeginRollback, BeginStep, SendMessage, SkipStep
from state.window import BINARIES, StepState
from tui.screens.desk import Severity
from tui.screens.doing import Doing

from ..session.place import Place, must, ready_to_run, run, settle


class Desk:
    """Keeps what is asked and said, and which run is turned to."""

    def __init__(self) -> None:
        self.asked: list[ModalScreen[None]] = []
        self.said: list[tuple[str, Severity]] = []
        self.turned_to: list[int] = []

    def ask(self, dialog: ModalScreen[None]) -> None:
        self.asked.append(dialog)

    def say(
        self, words: str, severity: Severity = "information", holds: Callable[[], bool] | None = None
    ) -> None:
        self.said.append((words, severity))

    def show_run(self, run: int) -> None:
        self.turned_to.append(run)

    def look(self) -> None:
        """Nobody sees it."""

    def go_on(self) -> None:
        """There is no cursor."""


def enter(session: Session, step: str) -> Desk:
    desk = Desk()
    Doing(session, desk).step(session.window.runbook.step(step))  # type: ignore[arg-type]
    return desk


def back_to(place: Place, wanted: str, clock: Clock = time.time) -> Session:
    """Turned back to the previous binaries, with all steps before this one skipped."""
    session = ready_to_run(place, "migrate", clock=clock)
    must(session, AttestStep("migrate", "kim", "by hand"))
    must(session, BeginRollback(BINARIES, "errors", "A", session.window.rollback_phrase, "", ""))
    while (step := session.window.current) is not None and step.id != wanted:
        must(session, SkipStep(step.id, "not in this test"))
    return session


def sampling(place: Place) -> Session:
    session = ready_to_run(place, "baseline")
    assert session.take_samples(session.window.runbook.step("baseline"), 1000) is None
    return session


def waiting(place: Place) -> Session:
    session = ready_to_run(place, "health")
    must(session, BeginStep("health"))
    return session


def looking(place: Place) -> Session:
    session = place.open()
    must(session, AttestStep("window-approved", "kim", "CHG-1"))
    must(session, BeginStep("backup-available"))
    return session


def probing(place: Place) -> Session:
    session = back_to(place, "validate-smoke")
    must(session, BeginStep("validate-smoke"))
    return session


def posting(place: Place, clock: Clock = time.time) -> Session:
    session = back_to(place, "communicate", clock)
    must(session, SendMessage("We are back.", "posted"))
    return session


@pytest.mark.parametrize(
    ("begun", "step", "words"),
    [
        (
            sampling,
            "baseline",
            r"Record the baseline: \d+ of 1000 samples taken; the others come by themselves\.",
        ),
        (waiting, "health", r"Verify health: ready for 0:\d\d of 0:01; it passes by itself\."),
        (looking, "backup-available", r"Backup available is being looked at\."),
        (probing, "validate-smoke", r".+: the answers are awaited; they were asked for once more\."),
        (posting, "communicate", r"The message is being posted; the channel has not answered yet\."),
    ],
)
def test_it_says_how_far_it_is_and_asks_nothing(
    place: Place, begun: Callable[[Place], Session], step: str, words: str
) -> None:
    session = begun(place)
    assert session.window.record(step).state is StepState.BEGUN
    desk = enter(session, step)
    assert desk.asked == []
    ((said, severity),) = desk.said
    assert re.fullmatch(words, said) and severity == "information"
    assert session.window.record(step).state is StepState.BEGUN


def test_what_is_probed_is_asked_for_again(place: Place) -> None:
    session = probing(place)
    enter(session, "validate-smoke")
    begun = [r.event for r in session.view.journal.after(0) if isinstance(r.event, StepBegun)]
    assert [one.step for one in begun if one.step == "validate-smoke"] == ["validate-smoke"] * 2


def test_a_post_of_which_nothing_is_heard_can_be_put_right(place: Place) -> None:
    later = 0.0
    session = posting(place, lambda: time.time() + later)
    later = 60.0
    assert len(enter(session, "communicate").asked) == 1


def test_what_a_run_made_is_being_checked(place: Place) -> None:
    session = ready_to_run(place, "backup")
    made = run(session, "backup")
    settle(session, "backup", StepState.CHECKING)
    desk = enter(session, "backup")
    assert desk.asked == [] and desk.turned_to == [made]
    assert desk.said == [("Back up the database has run; what it made is being checked.", "information")]


def test_a_step_that_waits_for_the_operator_asks(place: Place) -> None:
    session = ready_to_run(place, "baseline")
    desk = enter(session, "baseline")
    assert len(desk.asked) == 1 and desk.said == []
