"""The README's first rollback, gone through key by key as it is written there."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from state.events import RollbackBegun
from state.window import RESTORE, Window

from .going_back import type_by_hand
from .operator_at_work import ANSWERS, BACK, STEPS, Operator
from .terminal import until

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## Your first rollback, rehearsed\n")[2].partition("\n## ")[0]
#: What is named in the section and is neither a step nor a button.
FIELDS = {"New window", "Why", "How far back", "A first window"}


def test_it_names_what_is_on_the_screen() -> None:
    named = {" ".join(name.split()) for name in re.findall(r"\*([^*]+)\*", SECTION)}
    assert len(named) > 15
    titles = {*STEPS.values(), *BACK.values(), *FIELDS, *ANSWERS}
    short = {title.removeprefix("Validate ") for title in BACK.values()}
    assert named <= titles | short, named - titles - short
    assert len(SECTION.strip().splitlines()) <= 22
    first = Window(environment="practice", release="v1.5.0")
    assert f"`{first.rollback_phrase}`" in SECTION and "`approve restore practice`" in SECTION


class Newcomer:
    """Presses what the README says, and looks where it says to look."""

    def __init__(self, operator: Operator) -> None:
        self.operator = operator
        self.terminal = operator.terminal

    def press(self, *keys: str) -> None:
        """Each once what stands there has come to rest: nobody's hand is faster."""
        for key in keys:
            self._at_rest()
            self.terminal.send(key)

    def type(self, words: str) -> None:
        """Words, once the field has the focus."""
        self._at_rest()
        self.terminal.type(words)

    def _at_rest(self) -> None:
        seen: list[str] = []

        def rests() -> bool:
            seen.append("\n".join(self.terminal.reversed()) + str(self.operator.focus()))
            return len(seen) >= 3 and len(set(seen[-3:])) == 1

        until(rests, "the screen never comes to rest", every=0.05)

    def tab_to(self, words: str) -> None:
        """Tab until the button or the choice of that name has the focus, or the field below that label."""
        for _ in range(14):
            self._at_rest()
            lines = self.terminal.screen().splitlines()
            for one in self.operator.focus():
                if one == words or (isinstance(one, int) and words in lines[one - 1]):
                    return
            if words in self.terminal.reversed():
                return
            self.terminal.send("Tab")
        raise AssertionError(f"tab does not lead to {words}:\n{self.terminal.screen()}")

    def done(self, title: str) -> None:
        """The tick before a step, on a small terminal after `1` as well."""
        until(lambda: self._is_done(title), f"no tick before {title}:\n{self.terminal.screen()}", 45)

    def _is_done(self, title: str) -> bool:
        self.terminal.send("1")
        return re.search(rf"✓ {re.escape(title)}", self.terminal.screen()) is not None

    def ran(self, title: str) -> None:
        """Its tick, with the cursor on the step after it by itself."""
        self.done(title)
        self.press("1")

    def vouch(self, title: str) -> None:
        """Evidence for a step."""
        self.press("Enter")
        self.terminal.wait_for(f"─ {title} ─")
        # One that is still being put together has no focus yet.
        self.operator.settled_focus()
        self.press("Enter")
        self.type("CHG-1")
        self.terminal.wait_for("CHG-1")
        self.press("Enter", "Enter", "Enter")
        self.done(title)

    def change(self, title: str) -> None:
        """A command that changes the deployment."""
        self.press("Enter")
        self.terminal.wait_for(f"─ {title} ─")
        self.operator.settled_focus()
        self.press("Tab", "Enter")
        self.ran(title)


@pytest.mark.tmux
@pytest.mark.parametrize(("columns", "rows"), [(120, 40), (80, 24)])
def test_it_leads_from_nothing_to_a_restored_database(
    rehearse: Callable[..., Operator], columns: int, rows: int
) -> None:
    operator = rehearse("bad-release", columns, rows)
    hand, terminal = Newcomer(operator), operator.terminal
    terminal.wait_for("New window")
    hand.press("Enter")
    terminal.wait_for("Running now")
    hand.press(*["Enter"] * 5)
    terminal.wait_for("preconditions 0/4")
    hand.vouch("Window approved")
    hand.press("Enter")
    hand.done("Backup available")
    hand.press("Enter", "Enter")
    hand.ran("CI green")
    hand.vouch("Rollback owner")
    for title in ("Back up the database", "Record the baseline"):
        hand.press("Enter", "Enter")
        hand.ran(title)
    for title in ("Deploy the binaries", "Apply the migrations"):
        hand.change(title)
    terminal.wait_for("READINESS TRIPPED", 45)
    turn_back(hand)
    for title in ("Stop the release", "Install the previous binaries"):
        hand.change(title)
    restore(hand)
    for title in ("Check the migrations of the backup", "Start the previous release"):
        hand.change(title)
    for title in ("Validate health", "Validate the core actions"):
        hand.press("Enter")
        hand.ran(title)
    hand.press("Enter", "Enter")
    hand.ran("Validate the backlog")
    hand.press("Enter")
    terminal.wait_for("was rolled back to")
    hand.tab_to("It is sent")
    hand.press("Enter", "d")
    terminal.wait_for("─ Declare the outcome ─")
    hand.tab_to("Declare rolled back")
    hand.press("Enter")
    terminal.wait_for("Root cause")
    (begun,) = operator.events(RollbackBegun)
    assert begun.depth == RESTORE
    assert operator.status()["outcome"] == "rolled back"
    assert operator.status()["rollback"]["restored"] is not None


def shown_phrase(hand: Newcomer) -> str:
    """The phrase of the restore, as it stands on the screen."""
    return hand.terminal.wait_for(r"restore practice from \d\d:\d\d")[0]


def turn_back(hand: Newcomer) -> None:
    hand.press("b")
    hand.tab_to("Why, in your own words")
    hand.type("not ready")
    hand.tab_to("binaries only")
    hand.press("Enter", "Down", "Enter", "Tab")
    hand.operator.settled_focus()
    type_by_hand(hand.operator, "roll back practice")
    hand.press("Tab")
    hand.operator.settled_focus()
    type_by_hand(hand.operator, shown_phrase(hand))
    hand.tab_to("Roll back")
    hand.press("Enter")
    hand.terminal.wait_for("rollback 0/9")


def restore(hand: Newcomer) -> None:
    hand.press("Enter")
    hand.terminal.wait_for("─ Restore the database ─")
    hand.tab_to("Second operator…")
    hand.press("Enter")
    hand.terminal.wait_for("Ask for it")
    hand.press("Enter")
    hand.terminal.wait_for("Approve")
    hand.tab_to("Second operator's name")
    hand.type("lee")
    hand.press("Tab")
    hand.operator.settled_focus()
    type_by_hand(hand.operator, "approve restore practice")
    hand.tab_to("Approve")
    hand.press("Enter")
    hand.terminal.wait_for("APPROVED by lee")
    hand.press("Enter")
    hand.terminal.wait_for("─ Restore the database ─")
    hand.press("BTab")
    hand.operator.settled_focus()
    type_by_hand(hand.operator, shown_phrase(hand))
    hand.tab_to("Restore")
    hand.press("Enter")
    hand.ran("Restore the database")
