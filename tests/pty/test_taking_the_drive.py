"""A driver who does not answer, is frozen, or is dead: the drive goes on, and the journal knows how."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from state.events import DriveTaken, StepAttested
from state.rehearsal.practice import Practice

from .operator_at_work import Operator
from .seats import IMPATIENT, ask, drive, drives, look_on, looks, open_operators, take
from .terminal import until

pytestmark = pytest.mark.tmux

#: tmux wakes what it started itself and finds stopped, but knows nothing of what a shell started.
FROM_A_SHELL = ("sh", "-c", '"$@"; exit $?', "sh", *IMPATIENT)

Practise = Callable[..., Practice]
SitAt = Callable[..., Operator]


def pair(practise: Practise, sit_at: SitAt) -> tuple[Practice, Operator, Operator]:
    """Sam drives, kim looks on, and a driver has but seconds to answer."""
    deployment = practise("smooth")
    sam, kim = sit_at(deployment, drawbridge=IMPATIENT), sit_at(deployment, drawbridge=FROM_A_SHELL)
    drive(sam, "sam", (deployment.release, deployment.previous_release))
    look_on(kim, "kim")
    looks(kim, "sam")
    return deployment, sam, kim


def freeze(operator: Operator) -> int:
    """As a stopped terminal does; answers the process that is frozen."""
    shell = operator.terminal.pid
    console = int(Path(f"/proc/{shell}/task/{shell}/children").read_text())
    os.kill(console, signal.SIGSTOP)
    stat = Path(f"/proc/{console}/stat")
    until(lambda: stat.read_text().rpartition(")")[2].split()[0] == "T", "it is not stopped")
    return console


def test_one_that_does_not_answer_or_is_frozen_is_taken_over_and_looks_on(
    practise: Practise, sit_at: SitAt
) -> None:
    _, sam, kim = pair(practise, sit_at)
    ask(kim, "sam")
    sam.terminal.wait_for(r"kim@\S+ asks for the drive: o answers, until")
    kim.terminal.wait_for("sam has not answered: o takes the drive")
    take(kim, "sam")
    # A word on the line at the foot, and then what stands there always.
    sam.terminal.wait_for("You look on; the drive has kim.")
    looks(sam, "kim")
    sam.terminal.wait_until_gone("asks for the drive")

    # Kim freezes with a dialog open, and words in it.
    kim.enter("window-approved")
    kim.next_field()
    kim.terminal.type("CHG-1042")
    kim.terminal.wait_for("CHG-1042")
    kim.go_to("Attest")
    console = freeze(kim)
    ask(sam, "kim")
    sam.terminal.wait_for("kim has not answered: o takes the drive")
    take(sam, "kim")
    # Pressed while nothing moved: it is there when she wakes.
    kim.terminal.send("Enter")
    sam.attest("window-approved", "CHG-7")
    sam.await_step("window-approved")
    os.kill(console, signal.SIGCONT)
    kim.terminal.wait_for("only looks")
    # What she had typed stands there still.
    assert "CHG-1042" in kim.terminal.screen()
    kim.terminal.send("Escape")
    looks(kim, "sam")
    kim.await_step("window-approved")
    assert [one.reference for one in kim.events(StepAttested)] == ["CHG-7"]
    assert kim.events(DriveTaken) == [DriveTaken("sam", "silent"), DriveTaken("kim", "silent")]
    drives(sam)
    assert [one["operator"] for one in kim.agree(least=1)["observers"]] == ["kim"]


def test_the_drive_of_a_dead_one_is_taken_but_not_by_one_that_only_looks(
    practise: Practise, sit_at: SitAt
) -> None:
    deployment, sam, kim = pair(practise, sit_at)
    lee = sit_at(deployment, "watch")
    card = look_on(lee, "lee")
    # It is offered no drive, neither now nor later.
    assert "`o` asks for the drive" not in card
    looks(lee, "sam")
    sam.terminal.wait_for(r"\((kim, lee|lee, kim) watching\)")
    sam.kill_console()
    for one in (kim, lee):
        one.terminal.wait_for("nobody drives")
    assert not {"Ask for the drive", "Take the drive…"} & set(offered(lee))
    kim.terminal.wait_for("Nobody drives this window: o takes the drive.")
    assert "drove, and is gone: sam@" in open_operators(kim)
    kim.press("Not now")
    kim.terminal.wait_until_gone("─ Operators ─")
    # The login is the one that drove: no name is asked for.
    take(kim)
    looks(lee, "kim")
    assert kim.events(DriveTaken) == []
    assert [one["operator"] for one in kim.status()["observers"]] == ["lee"]


def offered(operator: Operator) -> list[str]:
    """The buttons of the dialog of who is here."""
    found = open_operators(operator).splitlines()
    operator.press("Not now")
    operator.terminal.wait_until_gone("─ Operators ─")
    answers = next(line for line in found if "Not now" in line)
    return [word.strip() for word in answers.strip("│ ").split("   ") if word.strip()]
