"""An operator on the way back: the rollback screen, typed phrases, the restore, the message."""

import time
from typing import Any

from state.window import RESTORE, Window

from .operator_at_work import BACK, FOLLOW_UP, ONLY_WITH_RESTORE, Operator
from .terminal import until

#: Seconds between two keys of a phrase: a hand is no faster, and a paste is not taken.
_KEY = 0.045
#: Columns of a dialog, its frame included.
_DIALOG = 76
_RUNS = ("stop-release", "redeploy-previous", "migrate-baseline", "start-previous")


def type_by_hand(operator: Operator, phrase: str) -> None:
    """Key by key."""
    for letter in phrase:
        operator.terminal.type(letter)
        time.sleep(_KEY)  # not a wait: the pace of a hand


def turned(operator: Operator, depth: str) -> None:
    """From now on the checklist shows the way back."""
    operator.steps = {
        step: title for step, title in BACK.items() if depth == RESTORE or step not in ONLY_WITH_RESTORE
    }


def fill_in(operator: Operator, window: Window, depth: str) -> None:
    """The rollback screen, all typed: one key before the direction turns."""
    operator.terminal.send("b")
    operator.terminal.wait_for("Why, in your own words")
    # It opens on the first words to type, which decide nothing.
    assert isinstance(operator.settled_focus()[0], int)
    operator.terminal.type("Not ready since the deploy")
    operator.terminal.wait_for("Not ready since the deploy")
    operator.next_field()
    operator.terminal.type("C" if depth == RESTORE else "A")
    operator.terminal.send("Tab")
    _until_chosen(operator, "binaries only")
    if depth == RESTORE:
        operator.terminal.send("Enter")
        until(lambda: not _chosen(operator), "the choices do not open")
        operator.terminal.send("Down", "Enter")
        _until_chosen(operator, "binaries and the database (restore)")
    operator.terminal.send("Tab")
    operator.settled_focus()
    type_by_hand(operator, window.rollback_phrase)
    operator.next_field()
    if depth == RESTORE:
        type_by_hand(operator, window.restore_phrase)
        operator.next_field()
    assert operator.settled_focus() == ("Not now",)


def _chosen(operator: Operator) -> tuple[str, ...]:
    """How far back, while the choice has the focus."""
    return tuple(text for text in operator.terminal.reversed() if text.startswith("binaries"))


def _until_chosen(operator: Operator, words: str) -> None:
    until(lambda: words in _chosen(operator), f"{words} is not chosen:\n{operator.terminal.screen()}")


def turn(operator: Operator, window: Window, depth: str) -> None:
    """Turns the direction."""
    fill_in(operator, window, depth)
    operator.press("Roll back")
    operator.terminal.wait_until_gone("Why, in your own words")
    turned(operator, depth)


#: Where a restore may be started, and where it waits for a second operator.
PHRASE_WANTED, SECOND_WANTED = "type restore", "A second operator must confirm this"


def open_restore(operator: Operator, stands: str = PHRASE_WANTED) -> str:
    """The dialog before the restore, once the checks are made; what stands in it."""

    def opened() -> bool:
        return stands in operator.terminal.screen()

    operator.select("restore")
    operator.terminal.send("Enter")
    until(opened, f"the restore is not asked for:\n{operator.terminal.screen()}")
    assert operator.settled_focus() == ("Not now",)
    lines = operator.terminal.screen().splitlines()
    (column,) = [at for line in lines if (at := line.find("┌─ Restore the database")) >= 0]
    within = (line[column + 1 : column + _DIALOG - 1] for line in lines if line[column : column + 1] == "│")
    return " ".join(" ".join(within).split())


def type_restore(operator: Operator, window: Window) -> None:
    """The phrase of the restore, into its field, which is empty."""
    for _ in range(6):
        if isinstance(operator.settled_focus()[0], int):
            break
        operator.move_focus("BTab" if operator.focus() == ("Not now",) else "Tab")
    (row,) = operator.settled_focus()
    assert isinstance(row, int)
    # Empty: nothing of it is carried over.
    assert "restore" not in operator.terminal.screen().splitlines()[row]
    type_by_hand(operator, window.restore_phrase)
    until(
        lambda: window.restore_phrase in operator.terminal.screen().splitlines()[row],
        f"the phrase is not there:\n{operator.terminal.screen()}",
    )


def second_operator(operator: Operator, name: str = "lee") -> None:
    """Another person's name and phrase, at this keyboard, for the restore."""
    open_restore(operator, SECOND_WANTED)
    operator.press("Second operator…")
    operator.terminal.wait_for("─ Second operator ─")
    if "the second operator types" not in operator.terminal.screen():
        operator.press("Ask for it")
        operator.terminal.wait_for("the second operator types")
    assert isinstance(operator.settled_focus()[0], int)
    operator.terminal.type(name)
    operator.next_field()
    type_by_hand(operator, f"approve restore {operator.status()['environment']}")
    operator.press("Approve")
    operator.terminal.wait_for(f"restore APPROVED by {name} until")


def restore(operator: Operator, window: Window) -> None:
    """The restore, begun, with the word of a second operator."""
    second_operator(operator)
    open_restore(operator)
    type_restore(operator, window)
    operator.press("Restore")


def do_back(operator: Operator, step: str) -> None:
    """One step of the way back or of the follow-up, up to its end; not the restore."""
    match step:
        case _ if step in _RUNS or step == "drill":
            operator.start_run(step)
            operator.terminal.wait_until_gone(r"command    make")
        case "validate-health" | "validate-smoke":
            operator.select(step)
            operator.terminal.send("Enter")
        case "validate-backlog":
            operator.take_samples(step)
        case "communicate":
            operator.select(step)
            operator.terminal.send("Enter")
            operator.terminal.wait_for("was rolled back to")
            operator.terminal.send("Tab")
            operator.press("It is sent")
        case _:
            operator.attest(step, "OPS-77")
            return
    operator.terminal.send("1")
    operator.await_step(step, seconds=45)


def finish(operator: Operator) -> dict[str, Any]:
    """Declares, and does what follows up, until nothing is left; `status` then."""
    operator.terminal.send("d")
    operator.terminal.wait_for("─ Declare the outcome ─")
    operator.press("Declare rolled back")
    operator.terminal.wait_for("Root cause")
    operator.steps = dict(FOLLOW_UP)
    assert operator.status()["outcome"] == "rolled back"
    assert operator.status()["phase"] == "follow_up"
    for step in FOLLOW_UP:
        do_back(operator, step)
    return operator.status()
