"""Two consoles on one window: one decides, the other sees it at once and has no key to decide with."""

import time
from collections.abc import Callable

import pytest

from state.events import ConsoleAttached, DriveHandedOver, DriveKept, OperatorSwitched, StepAttested
from state.rehearsal.practice import Practice
from tui.commands import COMMANDS, Command

from .operator_at_work import Operator
from .seats import ask, drive, drives, foot, look_on, looks, name_oneself, open_operators
from .terminal import until

pytestmark = pytest.mark.tmux

#: Seconds in which a change is on the other screen.
AT_ONCE = 0.5
DECIDING = tuple(command for command in COMMANDS if not command.looks)


def test_two_people_through_a_window(
    practise: Callable[..., Practice], sit_at: Callable[..., Operator]
) -> None:
    deployment = practise("smooth")
    sam, kim = sit_at(deployment), sit_at(deployment)
    drive(sam, "sam", (deployment.release, deployment.previous_release))
    card = look_on(kim, "kim")
    assert "drives this window. You look: no key here decides anything." in " ".join(card.split())
    looks(kim, "sam")
    sam.terminal.wait_for(r"driver sam@\S+ \(kim watching\)")
    assert [one["operator"] for one in sam.status()["observers"]] == ["kim"]
    an_observer_has_no_deciding_key(sam, kim)
    a_change_is_on_the_other_screen_at_once(sam, kim)
    the_drive_is_handed_over_asked_for_and_kept(sam, kim)


def pressed(command: Command) -> str:
    return {"enter": "Enter", "question_mark": "?"}.get(command.key, command.key)


def in_palette(command: Command) -> str:
    return f"{command.title} ({command.key})" if command.key else command.title


def an_observer_has_no_deciding_key(sam: Operator, kim: Operator) -> None:
    """No key of those that decide does anything, and none of them is named anywhere."""
    before = sam.recorded()
    shown = kim.terminal.screen()
    kim.terminal.send(*(pressed(command) for command in DECIDING if command.key))
    kim.terminal.send("?")
    # Below the last key: the frame is there a moment before what stands in it.
    kim.terminal.wait_for("In the header, from left to right")
    helped = kim.terminal.screen()
    # The scroll bar stands beside the words, not on them.
    assert "with a reason and an owner" in helped
    kim.terminal.send("Escape")
    kim.terminal.wait_until_gone("─ Help ─")
    # Nothing came up beneath the help either.
    assert foot(kim) == shown.rstrip("\n").splitlines()[-1]
    assert kim.terminal.reversed() != () and "Not now" not in kim.terminal.screen()
    kim.terminal.send("C-p")
    kim.terminal.wait_for(r"Leave \(q\)")
    offered = kim.terminal.screen()
    kim.terminal.send("Escape")
    kim.terminal.wait_until_gone(r"Leave \(q\)")
    for command in DECIDING:
        assert f"{command.title:<24}" not in helped
        assert in_palette(command) not in offered
        assert not command.footer or f"{command.key} {command.footer}" not in foot(kim)
    for command in COMMANDS:
        if command.looks:
            assert f"{command.title:<24}" in helped
            assert in_palette(command) in offered
    # Nothing of it reached the journal, nor the driver.
    assert sam.recorded() == before
    drives(sam)
    assert "enter do it" in foot(sam)


def a_change_is_on_the_other_screen_at_once(sam: Operator, kim: Operator) -> None:
    """Measured from the time in the journal; and each event carries who sits at the keyboard then."""
    took = []
    for name in ("lee", "sam"):
        open_operators(sam)
        name_oneself(sam, name)
        sam.press("That is me")
        took.append(seen(kim, f"driver {name}@") - last(sam, OperatorSwitched))
        sam.terminal.wait_until_gone("─ Operators ─")
    sam.enter("window-approved")
    sam.next_field()
    sam.terminal.type("CHG-1042")
    sam.press("Attest")
    took.append(seen(kim, "✓ Window approved") - last(sam, StepAttested))
    assert min(took) < AT_ONCE, took
    told = [(type(one.event), one.actor.operator) for one in sam.recorded()]
    assert told[-3:] == [(OperatorSwitched, name) for name in ("lee", "sam")] + [(StepAttested, "sam")]
    assert sam.step("window-approved")["by"] == kim.step("window-approved")["by"] == "sam"
    assert sam.status()["operators"] == ["root", "sam", "lee"]


def seen(operator: Operator, words: str) -> float:
    """When it was first seen on this screen, in seconds since the epoch."""
    until(lambda: words in operator.terminal.screen(), f"{words!r} does not come", every=0.0)
    return time.time()


def last(operator: Operator, kind: type) -> float:
    return [one.at for one in operator.recorded() if isinstance(one.event, kind)][-1]


def the_drive_is_handed_over_asked_for_and_kept(sam: Operator, kim: Operator) -> None:
    """By names, on both screens, and in the journal."""
    here = open_operators(sam)
    assert "looks: kim@" in here and "Ask for the drive" not in here
    sam.press("Hand over…")
    sam.terminal.wait_for("─ Hand over the drive ─")
    assert "kim@" in sam.terminal.screen()
    sam.press("Hand over")
    # A word on the line at the foot, and then what stands there always.
    kim.terminal.wait_for("You drive this window now.")
    looks(sam, "kim")
    drives(kim)
    kim.terminal.wait_for(r"driver kim@\S+ \(sam watching\)")
    told = [one for one in sam.recorded() if isinstance(one.event, DriveHandedOver | ConsoleAttached)]
    assert [(type(one.event), one.actor.operator) for one in told] == [
        (ConsoleAttached, "root"),
        (DriveHandedOver, "sam"),
        (ConsoleAttached, "kim"),
    ]
    assert sam.status()["driver"]["operator"] == "kim"
    assert [one["operator"] for one in sam.status()["observers"]] == ["sam"]

    # Asked for it back, kim keeps it.
    ask(sam, "kim")
    kim.terminal.wait_for(r"sam@\S+ asks for the drive: o answers, until")
    assert "Take the drive" not in open_operators(sam)
    sam.press("Not now")
    open_operators(kim)
    kim.press("Keep the drive")
    sam.terminal.wait_for("kim keeps the drive")
    kim.terminal.wait_until_gone("asks for the drive")
    assert len(sam.events(DriveKept)) == 1
    drives(kim)
    looks(sam, "kim")
    kim.do("backup-available")
    assert sam.agree(least=1)["driver"]["operator"] == "kim"
