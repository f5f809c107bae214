"""Keys that come in one burst: those behind the key that opened a field are for that field."""

from textual.app import App
from textual.events import Key

from tui.dialogs.question import Question


class TypesAhead(App[None]):
    """An app over a slow line, where several keys arrive at once.

    Textual gives each of them to whatever has the focus at that moment, before the first has moved it;
    what a field would have taken and comes back from another widget is given to the field.
    """

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
