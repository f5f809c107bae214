"""A panel of very many lines: each is made when it comes into sight, and the cursor moves by pages too."""

from collections.abc import Callable, Sequence
from typing import ClassVar, overload

from tui.present.line import Line
from tui.widgets.line_panel import CursorPanel


class Rows(Sequence[Line]):
    """The lines of a long list, each made when it comes into sight; `made` is what was made before."""

    def __init__(self, make: Callable[[int], Line], count: int, made: dict[int, Line]) -> None:
        self._make = make
        self._count = count
        self._made = made

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, row: int) -> Line: ...
    @overload
    def __getitem__(self, row: slice) -> Sequence[Line]: ...
    def __getitem__(self, row: int | slice) -> Line | Sequence[Line]:
        if isinstance(row, slice):
            return [self[number] for number in range(*row.indices(self._count))]
        if not 0 <= row < self._count:
            raise IndexError(row)
        if row not in self._made:
            self._made[row] = self._make(row)
        return self._made[row]


class LongList(CursorPanel):
    """Its lines are Rows."""

    BINDINGS: ClassVar = [("pageup", "page(-1)", "Page up"), ("pagedown", "page(1)", "Page down")]

    def action_page(self, by: int) -> None:
        """Moves the cursor by so many pages."""
        self.select(self.row + by * max(1, self.scrollable_content_region.height - 1))
