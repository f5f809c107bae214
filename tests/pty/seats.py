"""People at several consoles of one window: who sits where, who drives, and how the drive changes hands."""

import sys

from .going_back import type_by_hand
from .operator_at_work import Operator
from .terminal import until

#: The console with a driver's time to answer cut down: nothing else is different.
ANSWER_WITHIN = 4.0
IMPATIENT = (
    *(sys.executable, "-P", "-c"),
    f"from state.rules import drive; drive.ANSWER_WITHIN = {ANSWER_WITHIN}; "
    "from tui.__main__ import main; main()",
)


def to_field(operator: Operator) -> None:
    """Moves the focus of a dialog back to its last field."""
    for _ in range(6):
        if isinstance(operator.settled_focus()[0], int):
            return
        operator.move_focus("BTab")
    raise AssertionError(f"no field in the dialog:\n{operator.terminal.screen()}")


def name_oneself(operator: Operator, name: str) -> None:
    """Another name in the field of a dialog that stands on the harmless answer."""
    to_field(operator)
    operator.terminal.send("C-u")
    # A key that is bound goes the long way round, and those that are typed would overtake it.
    operator.terminal.wait_for("▌ {20}")
    operator.terminal.type(name)
    operator.terminal.wait_for(f"▌ ?{name} ")


def drive(operator: Operator, name: str, releases: tuple[str, str]) -> None:
    """The first console opens the window, and somebody of this name sits at it."""
    operator.sit_down()
    operator.open_window(releases)
    sit_down_as(operator, name)


def sit_down_as(operator: Operator, name: str) -> None:
    """`o`: somebody else is at the keyboard now."""
    open_operators(operator)
    name_oneself(operator, name)
    operator.press("That is me")
    operator.terminal.wait_until_gone("─ Operators ─")


def look_on(operator: Operator, name: str) -> str:
    """The next console looks on; what it said before it did."""
    operator.sit_down()
    operator.terminal.wait_for("─ Look on ─")
    card = operator.terminal.screen()
    # It opens on the name, and two enters look on under the one that stands there.
    (row,) = operator.settled_focus()
    assert isinstance(row, int)
    name_oneself(operator, name)
    operator.press("Look on")
    operator.terminal.wait_until_gone("─ Look on ─")
    return card


def open_operators(operator: Operator) -> str:
    """The dialog of who is here."""
    operator.terminal.send("o")
    operator.terminal.wait_for("─ Operators ─")
    assert operator.settled_focus() == ("Not now",)
    return operator.terminal.screen()


def ask(operator: Operator, driver: str) -> None:
    """Asks for the drive."""
    open_operators(operator)
    operator.press("Ask for the drive")
    operator.terminal.wait_for(f"{driver} was asked for the drive, and answers until")


def take(operator: Operator, typed: str = "") -> None:
    """Takes the drive; `typed` is the name of whoever had it, where that is asked for."""
    open_operators(operator)
    operator.press("Take the drive…")
    operator.terminal.wait_for("─ Take the drive ─")
    assert operator.settled_focus() == ("Not now",)
    assert ("did not give it up" in operator.terminal.screen()) == bool(typed)
    if typed:
        to_field(operator)
        type_by_hand(operator, typed)
    operator.press("Take the drive")
    operator.terminal.wait_until_gone("─ Take the drive ─")
    drives(operator)


def foot(operator: Operator) -> str:
    """The last line."""
    return operator.terminal.screen().rstrip("\n").splitlines()[-1]


def drives(operator: Operator) -> None:
    """This console decides, and shows it."""
    until(
        lambda: foot(operator).startswith(" driver ") and "enter do it" in foot(operator),
        f"it does not drive:\n{operator.terminal.screen()}",
    )
    operator.terminal.wait_until_gone("LOOKING ON")


def looks(operator: Operator, driver: str) -> None:
    """This console looks while somebody else drives, and shows both."""
    operator.terminal.wait_for("LOOKING ON")
    until(
        lambda: foot(operator).startswith(f" you look · driver {driver}@"),
        f"it does not look:\n{operator.terminal.screen()}",
    )
