"""Keys that come in one burst: each one is for what has the focus when those before it are done."""

from textual import on
from textual.app import App
from textual.events import Event, Key, Paste
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

from tui.dialogs.question import Question

#: What may lead from one field to the next.
_ONWARD = {"enter", "tab", "shift+tab"}
#: Seconds for which keys wait at most: a field that was taken away never says that it is done.
_AT_MOST = 0.5


class _Through(Message):
    """Follows a key through its field and up to the app, and once `again`, what the key led to.

    `waiting` is what came behind that key.
    """

    def __init__(self, field: Widget, waiting: list[Event], again: bool) -> None:
        self.field = field
        self.waiting = waiting
        self.again = again
        super().__init__()


class TypesAhead(App[None]):
    """An app over a slow line, where several keys arrive at once.

    Textual gives each of them to whatever has the focus at that moment, before the first has moved it.
    Here what is typed behind a key that leaves a field waits until that has been done; and what a field
    would have taken and comes back from another widget is given to the field.
    """

    _waiting: list[Event] | None = None

    async def on_event(self, event: Event) -> None:
        """Keys and pastes as they come from the terminal, or back from a widget that did not want them."""
        if not isinstance(event, Key | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._waiting is not None:
            self._waiting.append(event)
            return
        field = self.focused
        await super().on_event(event)
        leaves = isinstance(event, Key) and event.key in _ONWARD
        if leaves and isinstance(field, Input | TextArea) and isinstance(self.screen, Question):
            waiting: list[Event] = []
            self._waiting = waiting
            field.post_message(_Through(field, waiting, again=True))
            self.set_timer(_AT_MOST, lambda: self._go_on(waiting))

    @on(_Through)
    async def _went_through(self, message: _Through) -> None:
        message.stop()
        # A field acts on a key when that has come up to here, by a message of its own: once more behind that.
        behind = _Through(message.field, message.waiting, again=False)
        if not (message.again and message.field.post_message(behind)):
            await self._go_on(message.waiting)

    async def _go_on(self, waiting: list[Event]) -> None:
        if waiting is not self._waiting:
            return  # done already
        self._waiting = None
        for event in waiting:
            await self.on_event(event)

    def on_key(self, event: Key) -> None:
        """A key that no widget has stopped: a field that had got it would have."""
        field = self.focused
        if field is None and isinstance(self.screen, Question):
            # It is still being put together; what it opens on is known behind that.
            self.screen.call_later(self._give, event.key, event.character)
            return
        self._give(event.key, event.character)

    def _give(self, key: str, character: str | None) -> None:
        field = self.focused
        if field is not None and field.check_consume_key(key, character):
            field.post_message(Key(key, character))
