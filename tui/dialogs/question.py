"""What every dialog shares: it is answered once, by a button, and `escape` is always no."""

from typing import ClassVar

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Static


class Question(Screen[None]):
    """A screen with a line for what was wrong (`dialog-problem`) and buttons, of which `no` does nothing."""

    #: The first button would have the focus for a moment, and a key that comes then would move from there.
    AUTO_FOCUS: ClassVar[str | None] = ""
    BINDINGS: ClassVar = [Binding("escape", "no", "No")]

    @property
    def _gone(self) -> bool:
        """Whether it was answered already; keys that were queued before must not close what is beneath."""
        return self.app.screen is not self

    def action_no(self) -> None:
        """Nothing happens."""
        if not self._gone:
            self.dismiss()

    @on(Button.Pressed)
    def _answered(self, event: Button.Pressed) -> None:
        event.stop()
        if self._gone or event.button.id is None:
            return
        if event.button.id == "no":
            self.action_no()
        else:
            self.answer(event.button.id)

    def answer(self, answer: str) -> None:
        """What a button other than no leads to: every question says so, and ends with `finish`."""

    def finish(self, problem: str | None) -> None:
        """Closes the question, or stays and says what was wrong."""
        if problem is None:
            self.dismiss()
        else:
            self.tell(problem)

    def tell(self, problem: str) -> None:
        """Says what was wrong, beside the answers."""
        self.query_one("#dialog-problem", Static).update(Content(problem))
