"""The composer: a message to the channel, edited, then copied or posted."""

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static, TextArea


class MessageDialog(ModalScreen[None]):
    """`send` gets the text and how it goes (copied or posted); what it returns is shown here."""

    BINDINGS: ClassVar = [Binding("escape", "no", "No")]

    def __init__(
        self, text: str, channel: str, can_post: bool, send: Callable[[str, str], str | None]
    ) -> None:
        """`text` is what stands there at first."""
        super().__init__()
        self._text = text
        self._channel = channel
        self._can_post = can_post
        self._send = send

    def compose(self) -> ComposeResult:
        """The text, and where it may go."""
        with Vertical(id="dialog") as frame:
            frame.border_title = "Message" + (f" for {self._channel}" if self._channel else "")
            yield TextArea(self._text, id="message", compact=True, soft_wrap=True)
            with Vertical(id="dialog-foot"):
                yield Static("", id="dialog-problem")
                with Horizontal(id="dialog-answers"):
                    yield Button(Content("Not now"), id="no", compact=True)
                    yield Button(Content("Copy"), id="copied", classes="go", compact=True)
                    if self._can_post:
                        yield Button(Content("Post"), id="posted", classes="danger", compact=True)

    def on_mount(self) -> None:
        """The text has the focus: tab goes on to the answers."""
        area = self.query_one(TextArea)
        area.tab_behavior = "focus"
        area.focus()

    @property
    def _gone(self) -> bool:
        """Whether it was answered already; keys that were queued before must not close what is beneath."""
        return self.app.screen is not self

    def action_no(self) -> None:
        """Nothing is sent."""
        if not self._gone:
            self.dismiss()

    @on(Button.Pressed)
    def _answered(self, event: Button.Pressed) -> None:
        event.stop()
        if self._gone:
            return
        if event.button.id == "no" or event.button.id is None:
            self.action_no()
            return
        problem = self._send(self.query_one(TextArea).text, event.button.id)
        if problem is None:
            self.dismiss()
        else:
            self.query_one("#dialog-problem", Static).update(Content(problem))
