"""A list of very many lines makes those in sight, and no others."""

from textual.app import App, ComposeResult

from tui.present.line import Line, line
from tui.widgets.long_list import LongList, Rows

MANY = 200_000


class Long(App[None]):
    CSS = "#long { height: 1fr; scrollbar-gutter: stable; }"

    def __init__(self) -> None:
        super().__init__()
        self.made: list[int] = []

    def compose(self) -> ComposeResult:
        yield LongList("long")

    def make(self, row: int) -> Line:
        self.made.append(row)
        return line(f"row {row}")


async def test_only_what_is_in_sight_is_made() -> None:
    app = Long()
    async with app.run_test(size=(80, 24)) as pilot:
        panel = app.query_one(LongList)
        panel.show_rows(Rows(app.make, MANY, {}), range(MANY))
        panel.focus()
        await pilot.pause()
        await pilot.press("end")
        await pilot.pause()
        assert panel.row == MANY - 1
        assert f"row {MANY - 1}" in panel.render_line(panel.scrollable_content_region.height - 1).text
        await pilot.press("pageup", "k", "pagedown")
        await pilot.pause()
        assert len(app.made) == len(set(app.made)) < 200
        await pilot.resize_terminal(80, 12)
        await pilot.pause()
        shown = [panel.render_line(y).text for y in range(panel.scrollable_content_region.height)]
        assert any(f"row {panel.row}" in text for text in shown)


def test_rows_are_a_sequence() -> None:
    rows = Rows(lambda row: line(f"row {row}"), 5, {})
    assert len(rows) == 5 and [each[0].text for each in rows] == [f"row {n}" for n in range(5)]
    assert [each[0].text for each in rows[1:3]] == ["row 1", "row 2"]
