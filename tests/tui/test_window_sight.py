"""What must be read on the window screen is in sight: under a banner, and behind no word in passing."""

import asyncio
import time
from collections.abc import Callable
from functools import partial

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets._toast import Toast

from state.console.session import Session
from state.intents import BeginRollback, RaiseCorrectness, RaiseIncident, SkipStep
from state.window import BINARIES, ROLLED_BACK, StepState
from tui import passing
from tui.dialogs.dialog import Dialog
from tui.present.line import line
from tui.screens.rollback import RollbackScreen
from tui.screens.window import WindowScreen
from tui.themes import LOOKS
from tui.widgets.line_panel import CursorPanel, LinePanel
from tui.widgets.run_pane import RunPane

from ..session.place import Place, must, run, settle, wait_for
from .rollback_app import STYLES


class Small(App[None]):
    CSS_PATH = STYLES

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def on_mount(self) -> None:
        self.push_screen(WindowScreen(self._session, time.time))


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await pilot.pause(0.02)


def trip(session: Session) -> None:
    must(session, RaiseIncident("OPS-1", ""))
    must(session, RaiseCorrectness("rows are missing: " + "the order of the words is of no matter " * 8))

    def tripped() -> bool:
        session.tick()
        return {"incident", "correctness"} <= set(session.window.triggers)

    wait_for(tripped)


@pytest.mark.parametrize("size", [(110, 30), (120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_end_of_the_output_stays_in_sight(session: Session, size: tuple[int, int]) -> None:
    trip(session)
    app = Small(session)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: bool(app.screen.query("#foot")) and app.screen.has_class("-wide"))
        panels = app.screen.query_one("#panels")
        await until(
            pilot, lambda: app.screen.query_one("#banner").region.height >= 2 and panels.size.height > 0
        )
        for name in ("runs", "judged", "checklist", "backlog"):
            region = app.screen.query_one(f"#{name}").region
            assert region.height >= 3
            assert region in panels.region, name


def laid_out(panel: LinePanel, scrolls: bool) -> bool:
    return panel.size.width > 0 and panel.show_vertical_scrollbar is scrolls


@pytest.mark.parametrize("name", ["health", "backlog"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_columns_stand_still_as_lines_come_and_go(
    session: Session, size: tuple[int, int], name: str
) -> None:
    app = Small(session)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        await pilot.press("tab", "2" if name == "health" else "3")
        panel = app.screen.query_one(f"#{name}", LinePanel)
        widths = []
        for lines, scrolls in ((3, False), (90, True), (3, False)):
            panel.show(tuple(line(f"reason {number}") for number in range(lines)))
            await until(pilot, partial(laid_out, panel, scrolls))
            widths.append(panel.scrollable_content_region.width)
        assert len(set(widths)) == 1


async def test_moving_the_cursor_lays_nothing_out_anew(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Small(session)
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        screen = app.screen
        assert isinstance(screen, WindowScreen)
        await pilot.press("home")
        await pilot.pause(0.1)
        laid_out: list[object] = []
        monkeypatch.setattr(screen, "_refresh_layout", lambda *size, **how: laid_out.append((size, how)))
        below = screen.query_one("#step", LinePanel)
        for _ in range(6):
            await pilot.press("j")
            title = screen.selected.title
            await until(pilot, lambda title=title: below.render_line(0).text.strip() == title)
        assert not laid_out


async def test_no_word_in_passing_lies_on_the_rollback_screen(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        app.notify("readiness tripped", timeout=60)
        await until(pilot, lambda: len(app._notifications) == 1)
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, RollbackScreen))
        assert len(app._notifications) == 0
        assert "tab" in str(app.screen.query_one("#questions").border_subtitle)


async def test_after_a_rollback_is_declared_the_cursor_stands_on_what_comes_next(session: Session) -> None:
    must(session, BeginRollback(BINARIES, "errors", "A", session.window.rollback_phrase, "", ""))
    while (step := session.window.current) is not None:
        must(session, SkipStep(step.id, "not in this test"))
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        screen = app.screen
        assert isinstance(screen, WindowScreen)
        await pilot.press(*("j" * 10))
        assert screen.selected.id == "communicate"
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, Dialog) and app.screen.focused is not None)
        # Enter that is held down says no.
        assert app.screen.focused is not None
        assert app.screen.focused.id == "no"
        await pilot.press("tab", "enter")
        await until(pilot, lambda: session.window.outcome == ROLLED_BACK and app.screen is screen)
        await until(pilot, lambda: screen.selected.id == "root-cause")


def shown(app: App[None], name: str) -> str:
    """What of a panel stands on the screen, line by line, without its frame."""
    panel = app.screen.query_one(f"#{name}", LinePanel)
    return "\n".join(
        panel.render_line(y).text.rstrip() for y in range(panel.scrollable_content_region.height)
    )


@pytest.mark.parametrize("size", [(120, 40), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_gates_and_budget_stay_in_sight_while_triggers_stand(
    session: Session, size: tuple[int, int]
) -> None:
    trip(session)
    app = Small(session)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: bool(app.screen.query("#foot")) and app.screen.has_class("-wide"))
        for name, last in (("gates", "backlog growth"), ("triggers", "Incident"), ("health", "budget ")):
            await until(pilot, lambda name=name, last=last: last in shown(app, name))
        gates = app.screen.query_one("#gates", LinePanel)
        assert gates.virtual_size.height <= gates.scrollable_content_region.height


def fail(place: Place, session: Session) -> None:
    """The migrations fail, for a reason that is told in many words."""
    said = "psql:<stdin>:12: ERROR: UNIQUE constraint failed: package_versions.package_id, and more of it"
    (place.site / "migrations.txt").write_text(f"Applying 0002.sql...\n{said}\n")
    (place.site / "status").write_text("3")
    run(session, "migrate")
    settle(session, "migrate", StepState.FAILED)


@pytest.mark.parametrize("size", [(80, 24), (110, 30), (120, 40), (200, 60)], ids=str)
async def test_why_a_step_has_failed_is_in_sight(
    place: Place, session: Session, size: tuple[int, int]
) -> None:
    trip(session)
    fail(place, session)
    app = Small(session)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        screen = app.screen
        assert isinstance(screen, WindowScreen)
        wide = size[0] >= 110

        def looks() -> str:
            screen.look()
            return shown(app, "step")

        await until(pilot, lambda: looks().startswith("✗ Apply the migrations: failed"))
        await until(pilot, lambda: "psql:<stdin>:12: ERROR: UNIQUE" in looks() and "constraint" in looks())
        # What is under the cursor is in sight above it, and the output below.
        panel = screen.query_one(CursorPanel)

        def listed() -> str:
            return "".join(panel.render_line(y).text for y in range(panel.scrollable_content_region.height))

        await until(pilot, lambda: "✗ Apply the migrations" in listed())
        assert screen.query_one("#step").region in screen.query_one("#panels").region
        if wide:
            assert screen.query_one(RunPane).view.size.height >= 6
        # Looking on, and moving the cursor, moves no frame.
        frames = [widget.region for widget in screen.query("#checklist, #step, #lower, #triggers, #gates")]
        await pilot.press("k", "k")
        screen.look()
        await pilot.pause(0.1)
        assert [
            each.region for each in screen.query("#checklist, #step, #lower, #triggers, #gates")
        ] == frames


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=str)
@pytest.mark.parametrize(("key", "names"), [("1", ("checklist", "step")), ("5", ("triggers", "gates"))])
async def test_what_is_zoomed_has_the_whole_width(
    place: Place, session: Session, size: tuple[int, int], key: str, names: tuple[str, ...]
) -> None:
    fail(place, session)
    app = Small(session)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        await pilot.press(key, "z")
        panels = [app.screen.query_one(f"#{name}", LinePanel) for name in names]
        await until(pilot, lambda: all(panel.region.width == size[0] for panel in panels))
        await until(pilot, lambda: sum(panel.region.height for panel in panels) == size[1])
        screen = app.screen
        assert isinstance(screen, WindowScreen)
        screen.look()
        assert not any(": " in str(panel.border_subtitle) for panel in panels)
        if size[1] == 40:
            await until(pilot, lambda: not any("more" in str(panel.border_subtitle) for panel in panels))
        if key == "1":
            assert "ERROR: UNIQUE constraint failed: package_versions" in " ".join(shown(app, "step").split())
        await pilot.press("z")
        await until(pilot, lambda: screen.maximized is None and panels[0].region.width <= size[0])


async def test_a_frame_says_how_many_lines_are_out_of_sight(session: Session) -> None:
    trip(session)
    app = Small(session)
    async with app.run_test(size=(110, 30)) as pilot:
        await until(pilot, lambda: bool(app.screen.query("#foot")) and app.screen.has_class("-wide"))
        panel = app.screen.query_one("#backlog", LinePanel)

        def below() -> int:
            return panel.virtual_size.height - panel.scrollable_content_region.height

        await until(pilot, lambda: below() > 0 and f"+{below()} more: 3 z" in str(panel.border_subtitle))
        await pilot.press("3")
        await pilot.press(*["down"] * below())
        await until(pilot, lambda: "more" not in str(panel.border_subtitle))
        await pilot.press("z")
        await until(pilot, lambda: below() <= 0)
        assert "policy timeouts" in shown(app, "backlog")


async def test_the_cursor_goes_with_what_comes_next_unless_it_was_moved(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        screen = app.screen
        assert isinstance(screen, WindowScreen)
        assert screen.selected.id == "migrate"
        must(session, SkipStep("migrate", "not in this test"))
        screen.look()
        assert screen.selected.id == "health"
        await pilot.press("j", "j")
        assert screen.selected.id == "compare"
        must(session, SkipStep("health", "not in this test"))
        screen.look()
        assert screen.selected.id == "compare"


async def test_one_key_leads_back_from_a_run_and_the_screen_names_it(session: Session) -> None:
    app = Small(session)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        screen = app.screen
        assert isinstance(screen, WindowScreen)
        await until(pilot, lambda: "enter do it" in shown(app, "foot"))
        assert "escape" not in shown(app, "foot")
        screen.show_run(max(session.window.runs))
        runs, checklist = screen.query_one("#runs"), screen.query_one("#checklist")
        await until(pilot, lambda: runs.has_focus_within and "escape steps" in shown(app, "foot"))
        await pilot.press("escape")
        await until(pilot, lambda: checklist.has_focus and "escape" not in shown(app, "foot"))
        assert screen.has_class("-tab-steps")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_a_word_in_passing_covers_the_keys_and_nothing_else(
    session: Session, size: tuple[int, int]
) -> None:
    app = Small(session)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        screen = app.screen
        assert isinstance(screen, WindowScreen)
        screen.say("Nothing runs that could be stopped.")
        await until(pilot, lambda: bool(screen.query(Toast)) and screen.query_one(Toast).size.height > 0)
        assert screen.query_one(Toast).region == screen.query_one("#foot").region
        # Another takes its place, over a dialog too, of whatever height.
        app.push_screen(Dialog("Long", tuple(line(str(n)) for n in range(99)), lambda *_: None, ()))
        await until(pilot, lambda: isinstance(app.screen, Dialog) and bool(app.screen.query("#no")))
        screen.say("Something has tripped.", "error", lambda: True)

        def words() -> list[str]:
            return [str(toast.render()) for toast in app.screen.query(Toast) if toast.size.height]

        await until(pilot, lambda: words() == ["! Something has tripped."])
        toast, dialog = app.screen.query_one(Toast).region, app.screen.query_one("#dialog").region
        assert dialog.height == size[1] - 1
        assert not toast.overlaps(dialog)


async def test_a_word_in_passing_goes_once_what_it_says_is_over(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It would not go by itself.
    monkeypatch.setattr(passing, "_LASTS", 600.0)
    app = Small(session)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        screen = app.screen
        assert isinstance(screen, WindowScreen)
        screen.say("This is over at once.")
        screen.say("Apply the migrations comes first.", "warning")
        await until(pilot, lambda: len(app._notifications) == 1)
        screen.look()
        await pilot.pause()
        (word,) = app._notifications
        assert word.message == "! Apply the migrations comes first."
        must(session, SkipStep("migrate", "not in this test"))
        screen.look()
        await until(pilot, lambda: len(app._notifications) == 0)


@pytest.mark.parametrize("theme", LOOKS)
async def test_what_is_under_the_cursor_stands_in_one_rendition(session: Session, theme: str) -> None:
    app = Small(session)
    async with app.run_test(size=(120, 40)) as pilot:
        for look in LOOKS.values():
            app.register_theme(look.theme)
        app.theme = theme
        await until(pilot, lambda: isinstance(app.screen, WindowScreen) and bool(app.screen.query("#foot")))
        panel = app.screen.query_one(CursorPanel)
        await pilot.press("home")
        # Done: its glyph is green, and what it says at the right is dim, which cannot be read reversed.
        row = next(strip for y in range(9) if "Window approved" in (strip := panel.render_line(y)).text)
        assert len({style for _, style, _ in row}) == 1
        assert all(style is not None and style.reverse and not style.dim for _, style, _ in row)
