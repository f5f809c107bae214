"""What the screen of the window offers to whoever leads an operator through a dialog."""

from collections.abc import Callable
from typing import Literal, Protocol

from textual.screen import ModalScreen

Severity = Literal["information", "warning", "error"]


class Asking(Protocol):
    """Where dialogs are put and words are said."""

    def ask(self, dialog: ModalScreen[None]) -> None:
        """Puts a dialog before the operator."""

    def ask_next(self, then: Callable[[], None]) -> None:
        """Goes on to another dialog once the present one has gone."""

    def say(
        self, words: str, severity: Severity = "information", holds: Callable[[], bool] | None = None
    ) -> None:
        """Says something in passing, as long as it `holds`: by default until the window goes on."""

    def look(self) -> None:
        """Shows the window as it stands now."""


class Desk(Asking, Protocol):
    """The screen of the window, where an operator is led through its steps."""

    @property
    def is_asking(self) -> bool:
        """Whether a dialog is open."""

    def copy(self, text: str) -> None:
        """Puts text into the operator's clipboard, through the terminal."""

    def leave(self) -> None:
        """Ends the console; what it started goes on."""

    def go_on(self) -> None:
        """Moves on where the step under the cursor is settled."""

    def turned(self) -> None:
        """Goes to the step that comes next in a checklist that may be another one now."""

    def show_run(self, run: int) -> None:
        """Turns to the output of a run."""
