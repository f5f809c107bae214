"""What every dialog shares: it is answered once, by a button, and `escape` is always no."""

from typing import ClassVar, TypeAlias

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Input, Static, TextArea

from state.intents import Refusal

#: What came of an answer: nothing stands against it, a refusal, or a sentence about none of the fields.
Problem: TypeAlias = Refusal | str | None


def wrong(field: str) -> Static:
    """The line below a field that says what was wrong with it; not there until something is."""
    said = Static("", id=f"{field}-wrong", classes="wrong")
    said.display = False
    return said


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

    def finish(self, problem: Problem) -> None:
        """Closes the question, or stays and says what was wrong."""
        if problem is None:
            self.dismiss()
        elif isinstance(problem, Refusal):
            self.refuse(self.field_of(problem.about), problem.reason)
        else:
            self.tell(problem)

    def field_of(self, about: str) -> str:
        """The id of the field that an intent's attribute comes from; where nothing else is said, its name."""
        return about

    def refuse(self, field: str, problem: str) -> None:
        """Puts the focus on a field and says below it what was wrong; without one, beside the answers."""
        said = self.query(f"#{field}-wrong").results(Static) if field else iter(())
        below = next(said, None)
        if below is None:
            self.tell(problem)
            return
        self.tell("")
        below.update(Content(f"✗ {problem}"))
        below.display = True
        # Without the scrolling of its own, which is a motion and would end where it began to go.
        self.set_focus(self.query_one(f"#{field}"), scroll_visible=False)
        self.call_after_refresh(self.keep_in_sight)

    def keep_in_sight(self) -> None:
        """Scrolls to where the focus is, and to what was wrong there."""
        if self.focused is None:
            return
        # Both at once: each motion of its own would be measured against where the other began.
        self.screen.scroll_to_widget(self.focused, animate=False, immediate=True)
        for below in self.query(f"#{self.focused.id}-wrong"):
            if below.display:
                self.screen.scroll_to_widget(below, animate=False, immediate=True)

    def tell(self, problem: str) -> None:
        """Says what was wrong, beside the answers."""
        for below in self.query(".wrong"):
            below.display = False
        self.query_one("#dialog-problem", Static).update(Content(problem))

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _mended(self, event: Input.Changed | TextArea.Changed) -> None:
        """What was wrong with a field is so no more once something is typed into it."""
        if isinstance(event, Input.Changed) and not event.value:
            return  # emptied: a phrase that was not typed by hand is
        for below in self.query(f"#{event.control.id}-wrong"):
            below.display = False
