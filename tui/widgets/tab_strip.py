"""One line of tabs drawn as text: the selected one reversed and always in sight."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

DIVIDER = " │ "
#: Stands for the tabs that are left out before the first one drawn.
EARLIER = "… "


class TabStrip(Widget):
    """Shows labels and which one is selected; keys are its owner's."""

    DEFAULT_CSS = """
    TabStrip { height: 1; }
    TabStrip > .tab-strip--selected { text-style: reverse; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tab-strip--selected"}

    def __init__(self) -> None:
        super().__init__()
        self._labels: list[str] = []
        self._at = 0

    def show(self, labels: list[str], at: int) -> None:
        """Shows these printable labels with number `at` selected; repaints only when they changed."""
        if (labels, at) != (self._labels, self._at):
            self._labels, self._at = labels, at
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The labels from the first one in sight on, as many as there is room for."""
        style = self.get_visual_style().rich_style
        # get_visual_style would lose the reverse of a component.
        selected = self.get_component_rich_style("tab-strip--selected")
        width = self.size.width
        first = first_in_sight(self._labels, self._at, width)
        segments = [Segment(EARLIER, style)] if first else []
        for position, label in enumerate(self._labels[first:], first):
            if position > first:
                segments.append(Segment(DIVIDER, style))
            segments.append(Segment(label, selected if position == self._at else style))
        return Strip(segments).adjust_cell_length(width, style)


def first_in_sight(labels: list[str], at: int, width: int) -> int:
    """The first label to draw so that label `at` ends within `width` cells."""
    for first in range(at):
        shown = DIVIDER.join(labels[first : at + 1])
        if cell_len(shown) + (cell_len(EARLIER) if first else 0) <= width:
            return first
    return at
