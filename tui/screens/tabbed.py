"""Panels side by side where there is room, behind tabs where there is not; the keys that move among them."""

from abc import abstractmethod
from typing import ClassVar

from textual import events, on
from textual.screen import Screen

from tui.present.sizes import CLASSES, TAB_OF, TABS, classes
from tui.widgets.line_panel import LinePanel
from tui.widgets.run_pane import RunPane


class TabbedScreen(Screen[None]):
    """The panels of TABS, by their ids. What stands in them is drawn by `look`."""

    BINDINGS: ClassVar = [
        *((str(n + 1), f"turn({n})", name) for n, name in enumerate(TABS)),
        ("escape", "steps", "Steps"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._tab = 0

    @abstractmethod
    def look(self) -> None:
        """Draws what is different from what is on the screen."""

    @on(events.Resize)
    def _resized(self, event: events.Resize) -> None:
        self._arrange(event.size.width, event.size.height)
        self.call_after_refresh(self.look)

    def _arrange(self, width: int, height: int) -> None:
        wanted = classes(width, height, self._tab)
        for name in CLASSES:
            self.set_class(name in wanted, name)

    def action_turn(self, tab: int) -> None:
        """Turns to a tab where the panels stand behind tabs; focuses the panel otherwise."""
        self._tab = tab
        self._arrange(self.app.size.width, self.app.size.height)
        self._panel(TABS[tab]).focus()
        self.look()

    def _panel(self, tab: str) -> LinePanel | RunPane:
        if tab == "runs":
            return self.query_one(RunPane)
        return self.query_one("#checklist" if tab == "steps" else f"#{tab}", LinePanel)

    def action_next_panel(self) -> None:
        """The next panel, in reading order; the gates come after the triggers, whose tab they share."""
        board, judged = self._panel("triggers"), self.query_one("#gates", LinePanel)
        if self.focused is board:
            judged.focus()
        else:
            self.action_turn((self._tab + 1) % len(TABS))

    @on(events.DescendantFocus)
    def _focused(self, event: events.DescendantFocus) -> None:
        for ancestor in event.widget.ancestors_with_self:
            name = TAB_OF.get(ancestor.id or "", ancestor.id)
            if name in TABS and TABS.index(name) != self._tab:
                self._tab = TABS.index(name)
                self._arrange(self.app.size.width, self.app.size.height)

    def action_steps(self) -> None:
        """Back to the checklist, from wherever a run or a key has led."""
        if self.maximized is not None:
            self.action_zoom()
        else:
            self.action_turn(TABS.index("steps"))

    def action_zoom(self) -> None:
        """The focused panel takes the whole screen, and gives it back."""
        if self.maximized is not None:
            self.minimize()
        else:
            self.maximize(self._panel(TABS[self._tab]))
        self.call_after_refresh(self.look)
