"""A shared tmux changes size as people attach: dialogs keep what was typed, focus stays, nothing crashes."""

from collections.abc import Callable

import pytest

from state.events import StepAttested, WindowOpened

from .operator_at_work import Operator

pytestmark = pytest.mark.tmux

SIZES = [(80, 24), (50, 10), (200, 60), (40, 5), (120, 40)]


def resize_through(operator: Operator, typed: str) -> None:
    """Every size in turn; where a dialog has room the words stand in it."""
    for columns, rows in SIZES:
        operator.terminal.resize(columns, rows)
        if rows >= 24:
            operator.terminal.wait_for(typed)
        else:
            # The console has drawn for the new size once nothing is left of the old width.
            operator.terminal.wait_for(rf"(?m)^.{{{columns // 2},{columns}}}$")
        assert operator.terminal.status() is None


def test_dialogs_keep_what_was_typed(rehearse: Callable[..., Operator]) -> None:
    operator = rehearse()
    terminal = operator.terminal
    terminal.wait_for("New window")
    terminal.send("Enter")
    terminal.wait_for("New release: what")
    operator.next_field()
    operator.next_field()
    terminal.type(" of the night shift")
    terminal.wait_for("of the night shift")
    resize_through(operator, "of the night shift")
    terminal.type(", at last")
    terminal.wait_for("of the night shift, at last")
    operator.press("Open")
    terminal.wait_for("preconditions 0/4")
    assert len(operator.events(WindowOpened)) == 1
    driver = operator.status()["driver"]
    assert driver["operator"].endswith(" of the night shift, at last")

    operator.enter("window-approved")
    operator.next_field()
    terminal.type("CHG-1042")
    terminal.wait_for("CHG-1042")
    resize_through(operator, "CHG-1042")
    terminal.type("-b")
    terminal.wait_for("CHG-1042-b")
    operator.press("Attest")
    operator.await_step("window-approved")
    (attested,) = operator.events(StepAttested)
    assert attested.reference == "CHG-1042-b"
    operator.agree()


def test_the_window_is_readable_at_every_size(rehearse: Callable[..., Operator]) -> None:
    operator = rehearse()
    operator.open_window()
    operator.do("window-approved")
    for columns, rows, words in (
        (80, 24, r"✓ Window approved"),
        (60, 15, r"✓ Window approved"),
        (59, 15, r"60x15 at least, please · practice"),
        (60, 14, r"60x15 at least, please · practice"),
        (200, 60, r"✓ Window approved"),
        (120, 40, r"✓ Window approved"),
    ):
        operator.terminal.resize(columns, rows)
        operator.terminal.wait_for(words)
        if "please" in words:
            # Nothing else is drawn there.
            operator.terminal.wait_for(rf"\A{words} *\n\s*\Z")
        assert operator.terminal.status() is None
    operator.agree()
