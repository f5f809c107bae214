"""The composer: a message to the channel, edited, then copied or posted."""

from collections.abc import Callable

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static, TextArea

from tui.dialogs.question import Problem, Question, wrong

COPY = "Copy"


class MessageDialog(ModalScreen[None], Question):
    """`send` gets the text and how it goes (copied or posted); what it returns is shown here."""

    def __init__(
        self, text: str, channel: str, can_post: bool, send: Callable[[str, str], Problem], copied: str = COPY
    ) -> None:
        """`text` is what stands there at first; `copied` labels the answer that it goes by hand.

        Where that is not to copy it, copying is an answer of its own, and `send` is told `copy`.
        """
        super().__init__()
        self._copied = copied
        self._text = text
        self._channel = channel
        self._can_post = can_post
        self._send = send

    def compose(self) -> ComposeResult:
        """The text, and where it may go."""
        with Vertical(id="dialog") as frame:
            frame.border_title = "Message" + (f" for {self._channel}" if self._channel else "")
            yield TextArea(self._text, id="text", compact=True, soft_wrap=True)
            yield wrong("text")
            with Vertical(id="dialog-foot"):
                yield Static("", id="dialog-problem")
                with Horizontal(id="dialog-answers"):
                    yield Button(Content("Not now"), id="no", compact=True)
                    if self._copied != COPY:
                        yield Button(Content(COPY), id="copy", classes="go", compact=True)
                    yield Button(Content(self._copied), id="copied", classes="go", compact=True)
                    if self._can_post:
                        yield Button(Content("Post"), id="posted", classes="danger", compact=True)

    def on_mount(self) -> None:
        """The text has the focus: tab goes on to the answers."""
        area = self.query_one(TextArea)
        area.tab_behavior = "focus"
        area.focus()

    def answer(self, answer: str) -> None:
        """Sends the text."""
        self.finish(self._send(self.query_one(TextArea).text, answer))
