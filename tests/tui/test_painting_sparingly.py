"""Only the widgets that stand where something changed are asked, and the screen is the same as ever."""

import random

import pytest
from rich.console import RenderableType
from textual import screen as textual_screen
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.geometry import Region
from textual.screen import ModalScreen, Screen
from textual.strip import Strip
from textual.widgets import Static

from tui.painting import paint_what_changed

from .test_painting import COLUMNS, CONSOLE, ROWS, Seen


class Counted(Static):
    """Counts how often it is asked for its lines."""

    asked = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.asked += 1
        return super().render_lines(crop)


class Dialog(ModalScreen[None]):
    """Covers the middle."""

    CSS = "Dialog { align: center middle; } Static { width: 12; height: 2; border-left: solid; }"

    def compose(self) -> ComposeResult:
        yield Static("sure?", markup=False)


class Panels(App[None]):
    """Four panels in two columns; keeps what a terminal shows of it."""

    CSS = "#upper, #lower { height: 3; } Counted { width: 1fr; border-left: solid; } #long { height: 9; }"

    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()

    def compose(self) -> ComposeResult:
        with Horizontal(id="upper"):
            yield Counted("one", markup=False)
            yield Counted("two", markup=False)
        with Horizontal(id="lower"):
            with VerticalScroll():
                yield Counted("\n".join("a line of many" for _ in range(9)), id="long", markup=False)
            yield Counted("four", markup=False)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if isinstance(renderable, CompositorUpdate):
            self.seen.take(renderable.render_segments(CONSOLE))
        super()._display(screen, renderable)

    def whole(self) -> list[str]:
        """The lines of all of it, laid together by nothing but Textual."""
        compositor = textual_screen.Compositor()
        compositor.reflow(self.screen, self.size)
        return [strip.text for strip in compositor.render_strips()]


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Panels:
    """Its screens are painted sparingly; the next test's are not."""
    monkeypatch.setattr(textual_screen, "Compositor", textual_screen.Compositor)
    paint_what_changed()
    return Panels()


async def test_the_screen_is_right_after_any_change(app: Panels) -> None:
    chance = random.Random(11)
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        for number in range(120):
            match chance.randrange(6):
                case 0 if len(app.screen_stack) == 1:
                    app.push_screen(Dialog())
                case 0:
                    app.pop_screen()
                case 1:
                    app.screen_stack[0].query(Counted)[chance.randrange(2)].styles.width = chance.choice(
                        ("1fr", "2fr")
                    )
                case 2:
                    app.screen_stack[0].query_one(VerticalScroll).scroll_to(
                        y=chance.randrange(6), animate=False
                    )
                case _:
                    app.screen_stack[0].query(Counted)[chance.randrange(4)].update(f"change {number}")
            await pilot.pause()
            await pilot.pause()
            assert list(app.seen.screen.display) == app.whole()


async def test_what_stands_elsewhere_is_not_asked(app: Panels) -> None:
    async with app.run_test(size=(COLUMNS, ROWS)) as pilot:
        panels = list(app.query(Counted))
        await pilot.pause()
        before = [panel.asked for panel in panels]
        panels[1].update("changed")
        await pilot.pause()
        assert [panel.asked - was for panel, was in zip(panels, before, strict=True)] == [0, 1, 0, 0]
