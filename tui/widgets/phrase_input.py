"""An input for phrases that confirm what destroys: typed by hand, key by key, or not at all."""

from itertools import pairwise
from typing import Any

from textual import events
from textual.widgets import Input

#: What is said of a phrase that a machine typed.
NOT_BY_HAND = "Type the phrase by hand: pasted or repeated keys do not confirm."
#: Seconds that a hand takes for most of its keys, at the very least; a paste comes much faster.
_HAND = 0.03


class PhraseInput(Input):
    """Takes no paste, and knows whether what stands in it was typed by a hand."""

    def __init__(self, id: str, placeholder: str = "") -> None:
        """`id` as for any input."""
        super().__init__(placeholder=placeholder, id=id, compact=True, select_on_focus=False)
        self._times: list[float] = []

    def _on_paste(self, event: events.Paste) -> None:
        """A phrase is typed, so that it is read."""
        event.stop()
        event.prevent_default()
        self.notify("Type the phrase by hand; pasting does not confirm.", severity="warning")

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable:
            self._times.append(event.time)
        await super()._on_key(event)

    def action_paste(self) -> None:
        """The terminal's own clipboard neither."""

    @property
    def by_hand(self) -> bool:
        """Whether the keys came at the pace of a hand, one at least for each character."""
        count = len(self.value)
        if len(self._times) < count:
            return False
        last = self._times[-count:] if count else []
        # The one in the middle: a single slow key makes no hand of a paste.
        took = sorted(after - before for before, after in pairwise(last))
        return not took or took[len(took) // 2] >= _HAND

    def watch_value(self, value: Any) -> None:
        """An emptied field begins anew."""
        if not value:
            self._times.clear()
