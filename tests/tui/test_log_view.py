"""The run pane over real files: what its lines say, what moves it, and what must not."""

import asyncio
import re
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.app import ComposeResult
from textual.events import Key
from textual.pilot import Pilot

from state.text import redact
from tui import log_reader
from tui.log_file import LogFile
from tui.typed_ahead import TypesAhead
from tui.widgets import log_view
from tui.widgets.log_view import LogView
from tui.widgets.run_pane import NO_RUNS, RunPane, RunTab, changed_cells, size_text, spread

Running = Pilot[None]


class Screen(TypesAhead):
    BINDINGS = [("n", "note", "Note")]  # noqa: RUF012 (textual's own way to declare them)

    def __init__(self) -> None:
        super().__init__()
        self.notes = 0

    def compose(self) -> ComposeResult:
        yield RunPane()

    def on_mount(self) -> None:
        self.pane.focus()

    @property
    def pane(self) -> RunPane:
        return self.query_one(RunPane)

    def action_note(self) -> None:
        self.notes += 1


def run_tab(log: Path, number: int = 1, **changed: str) -> RunTab:
    words = {"title": "make db-migrate", "state": "running", "glyph": "▶", "elapsed": "0:12", **changed}
    return RunTab(id=number, log=log, secrets=("s3cr3t-value",), **words)


def numbered(path: Path, count: int) -> Path:
    path.write_text("".join(f"line {number}\n" for number in range(1, count + 1)))
    return path


def drawn(view: LogView) -> list[str]:
    return [view.render_line(y).text.rstrip() for y in range(view.size.height)]


def heading(app: Screen) -> str:
    strips = app.screen._compositor.render_strips(app.screen.size)
    return strips[app.pane.region.y].text


async def until(pilot: Running, holds: Callable[[], bool], seconds: float = 8.0) -> None:
    """Waits for a state; what does not come within the bound fails the test."""
    async with asyncio.timeout(seconds):
        while not holds():
            await pilot.pause(0.02)


async def shown(pilot: Running, app: Screen, *tabs: RunTab, last: str) -> LogView:
    app.pane.show(tabs)
    view = app.pane.view
    await until(pilot, lambda: last in drawn(view))
    return view


async def test_a_pane_without_runs_says_so_and_takes_every_key() -> None:
    app = Screen()
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.press("up", "end", "left", "slash", "escape", "n", "N", "home", "pagedown")
        assert drawn(app.pane.view)[0] == NO_RUNS
        assert app.notes == 1


async def test_a_log_that_does_not_exist_yet_is_followed_from_its_first_byte(tmp_path: Path) -> None:
    app = Screen()
    async with app.run_test(size=(80, 10)) as pilot:
        view = await shown(pilot, app, run_tab(tmp_path / "log"), last="no output yet")
        (tmp_path / "log").write_text("first\nhalf a li")
        await until(pilot, lambda: drawn(view)[:3] == ["first", "half a li", ""])
        with (tmp_path / "log").open("a") as out:
            out.write("ne\n")
        await until(pilot, lambda: drawn(view)[:3] == ["first", "half a line", ""])


async def test_home_is_the_first_line_also_while_lines_are_still_being_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Screen()
    async with app.run_test(size=(80, 10)) as pilot:
        view = await shown(pilot, app, run_tab(numbered(tmp_path / "log", 5000)), last="line 5000")
        counted = iter(range(1000, 5000, 500))
        monkeypatch.setattr(LogFile, "line_count", property(lambda log: next(counted, 5000)))
        await pilot.press("home")
        await until(pilot, lambda: drawn(view)[0] == "line 1")


async def test_the_end_of_a_huge_log_is_there_before_its_lines_are_numbered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_view, "BEHIND", 1000)
    at_work = threading.Event()
    advance = LogFile.advance

    def a_little(log: LogFile, budget_bytes: int = 100) -> bool:
        if log.scanned:
            at_work.wait(10)
        return advance(log, budget_bytes)

    monkeypatch.setattr(LogFile, "advance", a_little)
    app = Screen()
    async with app.run_test(size=(80, 12)) as pilot:
        view = await shown(pilot, app, run_tab(numbered(tmp_path / "log", 1000)), last="line 1000")
        assert drawn(view) == [f"line {number}" for number in range(991, 1001)]
        assert "reading" in heading(app)
        # Nobody knows yet which line is the one above.
        await pilot.press("up")
        assert drawn(view)[-1] == "line 1000"
        await pilot.press("home")
        assert drawn(view)[0] == "line 1"
        await pilot.press("end")
        at_work.set()
        await until(pilot, lambda: "following" in heading(app))
        assert drawn(view) == [f"line {number}" for number in range(991, 1001)]
        await pilot.press("up")
        assert drawn(view)[-1] == "line 999"


async def test_what_does_not_stand_as_typed_is_found_in_either_case(tmp_path: Path) -> None:
    app = Screen()
    log = tmp_path / "log"
    log.write_text("".join(f"{ {20: 'ERROR', 60: 'error'}.get(n, 'line') } {n}\n" for n in range(1, 101)))
    async with app.run_test(size=(80, 12)) as pilot:
        await shown(pilot, app, run_tab(log), last="line 100")
        for typed, number in (("error", 60), ("ERROR", 20), ("Error", 20), ("LINE 7", 7)):
            await pilot.press("home", "slash", *typed, "enter")
            await until(pilot, lambda n=number: f"on line {n} " in heading(app))
        await pilot.press("slash", *"errors", "enter")
        await until(pilot, lambda: "no “errors”" in heading(app))


async def test_it_follows_until_somebody_scrolls_and_follows_again_at_the_end(tmp_path: Path) -> None:
    app = Screen()
    log = numbered(tmp_path / "log", 100)
    async with app.run_test(size=(80, 12)) as pilot:
        view = await shown(pilot, app, run_tab(log), last="line 100")
        assert drawn(view) == [f"line {number}" for number in range(91, 101)]
        assert heading(app).endswith(" following ─┐")
        await pilot.press("up", "up", "up")
        before = drawn(view)
        assert before[-1] == "line 97" and "line 88 of 100 · scrolled · end follows" in heading(app)
        numbered(log, 200)
        await until(pilot, lambda: "of 200" in heading(app))
        assert drawn(view) == before
        await pilot.press("home")
        assert drawn(view)[0] == "line 1"
        await pilot.press("pagedown")
        assert drawn(view)[0] == "line 10"
        await pilot.press("end")
        assert drawn(view)[-1] == "line 200" and "following" in heading(app)
        await pilot.press("pageup", "pagedown")
        numbered(log, 300)
        await until(pilot, lambda: drawn(view)[-1] == "line 300")


async def test_a_log_shorter_than_the_pane_goes_on_being_followed(tmp_path: Path) -> None:
    app = Screen()
    async with app.run_test(size=(80, 12)) as pilot:
        view = await shown(pilot, app, run_tab(numbered(tmp_path / "log", 3)), last="line 3")
        await pilot.press("up", "home", "pageup")
        numbered(tmp_path / "log", 30)
        await until(pilot, lambda: drawn(view)[-1] == "line 30")


async def test_scrolling_survives_another_size(tmp_path: Path) -> None:
    app = Screen()
    async with app.run_test(size=(80, 12)) as pilot:
        view = await shown(pilot, app, run_tab(numbered(tmp_path / "log", 100)), last="line 100")
        await pilot.press("home", "down", "down")
        await pilot.resize_terminal(40, 7)
        await until(pilot, lambda: drawn(view) == [f"line {number}" for number in range(3, 8)])
        await pilot.press("end")
        await pilot.resize_terminal(80, 20)
        await until(pilot, lambda: drawn(view) == [f"line {number}" for number in range(83, 101)])


async def test_search_goes_to_hits_both_ways_and_round_the_end(tmp_path: Path) -> None:
    app = Screen()
    log = tmp_path / "log"
    log.write_text("".join(f"{'ERROR' if n in (20, 50) else 'line'} {n}\n" for n in range(1, 101)))
    async with app.run_test(size=(80, 12)) as pilot:
        view = await shown(pilot, app, run_tab(log), last="line 100")

        def hit() -> str:
            rows = [view.render_line(y) for y in range(view.size.height)]
            return " ".join(row.text.strip() for row in rows if any(s.style and s.style.reverse for s in row))

        def holds_hit(line: str) -> bool:
            return hit() == line

        await pilot.press("n")
        assert app.notes == 1, "without a search, n belongs to the window"
        await pilot.press("slash", *"error", "enter")
        await until(pilot, lambda: hit() == "ERROR 20")
        assert "“error” on line 20" in heading(app)
        for key, line in (("n", "ERROR 50"), ("n", "ERROR 20"), ("N", "ERROR 50"), ("N", "ERROR 20")):
            await pilot.press(key)
            await until(pilot, partial(holds_hit, line))
        await pilot.press("slash", *"x" * 3, "enter")
        await until(pilot, lambda: "no “" in heading(app))
        await pilot.press("end")
        assert "following" in heading(app) and app.notes == 1


async def test_escape_closes_the_search_line_and_gives_the_focus_back(tmp_path: Path) -> None:
    app = Screen()
    async with app.run_test(size=(80, 12)) as pilot:
        view = await shown(pilot, app, run_tab(numbered(tmp_path / "log", 50)), last="line 50")
        rows = view.size.height
        await pilot.press("slash", "q")
        assert view.size.height == rows - 1
        await pilot.press("escape", "up")
        assert view.has_focus and view.size.height == rows and drawn(view)[-1] == "line 49"


async def test_a_value_that_becomes_known_is_hidden_at_once(tmp_path: Path) -> None:
    app = Screen()
    log = tmp_path / "log"
    log.write_text("using tok-0123456789 now\nlast\n")
    async with app.run_test(size=(80, 12)) as pilot:
        view = await shown(pilot, app, run_tab(log), last="last")
        assert "using tok-0123456789 now" in drawn(view)
        app.pane.show((replace(run_tab(log), secrets=("tok-0123456789",)),))
        await until(pilot, lambda: "using *** now" in drawn(view))


async def test_what_is_typed_at_once_is_searched_for(tmp_path: Path) -> None:
    """Over a slow line keys come in bursts: those behind the slash are no commands."""
    app = Screen()
    async with app.run_test(size=(80, 12)) as pilot:
        view = await shown(pilot, app, run_tab(numbered(tmp_path / "log", 50)), last="line 50")
        for key, character in (("slash", "/"), ("n", "n"), ("e", "e"), ("space", " "), ("7", "7")):
            app.post_message(Key(key, character))
        await pilot.press("enter")
        await until(pilot, lambda: "line 7" in drawn(view))
        assert app.notes == 0


async def test_four_lines_are_enough(tmp_path: Path) -> None:
    app = Screen()
    log = numbered(tmp_path / "log", 50)
    async with app.run_test(size=(60, 4)) as pilot:
        view = await shown(pilot, app, run_tab(log), run_tab(log, 2), last="line 50")
        assert drawn(view) == ["line 50"]
        await pilot.press("slash", *"line 7", "enter")
        await until(pilot, lambda: drawn(view) == ["line 7"])


async def test_no_size_is_too_small(tmp_path: Path) -> None:
    app = Screen()
    log = numbered(tmp_path / "log", 50)
    async with app.run_test(size=(80, 12)) as pilot:
        view = await shown(pilot, app, run_tab(log), run_tab(log, 2), last="line 50")
        for width, height in ((1, 1), (2, 3), (5, 4), (9, 2), (17, 5)):
            await pilot.resize_terminal(width, height)
            await pilot.press("slash", "escape", "up", "end")
        await pilot.resize_terminal(80, 12)
        assert drawn(view)[-1] == "line 50"


async def test_nothing_of_the_output_is_markup_or_reaches_the_terminal(tmp_path: Path) -> None:
    app = Screen()
    log = tmp_path / "log"
    log.write_bytes(
        b"[/x] [red]WARN[/red]\n\x1b]52;c;ZXZpbA==\x07osc\n\x1bc\x9b31mc1\n"
        b"\xe2\x80\xaertl\nkey s3cr3t-value\n"
    )
    evil = run_tab(log, 1, title="make [/x]\x1b]0;title\x07", elapsed="\x1b[2J0:01")
    async with app.run_test(size=(80, 9)) as pilot:
        view = await shown(pilot, app, evil, run_tab(log, 2, title="\x1b[31m[b]"), last="key ***")
        await pilot.press("left")
        assert drawn(view)[:2] == ["[/x] [red]WARN[/red]", "osc"]
        assert "make [/x] · run 1" in heading(app)
        whole = "".join(s.text for s in app.screen._compositor.render_strips(app.screen.size))
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", whole)


async def test_a_log_that_is_sealed_keeps_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Each look draws what little it has read of the 20 MB.
    monkeypatch.setattr(log_reader, "LOOK_EVERY", 0.001)
    app = Screen()
    log, sealed = tmp_path / "log", tmp_path / "log.sealing"
    line = "INSERT 0 1 into artifacts " + "x" * 70
    lines = [f"{line} {number}\n" for number in range(200_000)]
    lines[10] = "export GITHUB_TOKEN ghp_abcdefghijklmnopqrstuvwxyz\n"
    lines[150_000] = "token=abcdefgh is here\n"
    log.write_text("".join(lines))
    async with app.run_test(size=(120, 12)) as pilot:
        view = await shown(pilot, app, run_tab(log), last=f"{line} 199999")
        await pilot.press("slash", *"is here", "enter")
        await until(pilot, lambda: "token=*** is here" in drawn(view))
        await until(pilot, lambda: view.place is not None and view.place.hit == 150_000)
        before, version = drawn(view), view.place.log.version if view.place else 0
        sealed.write_text(redact("".join(lines)))
        sealed.rename(log)
        await until(pilot, lambda: view.place is not None and view.place.log.version > version)
        await until(pilot, lambda: view.place is not None and view.place.log.scanned == log.stat().st_size)
        await until(pilot, lambda: drawn(view) == before)
        assert view.place is not None and view.place.log.line_count == 200_000
        await pilot.press("end")
        assert drawn(view)[-1] == f"{line} 199999"


async def test_wide_characters_fill_the_line_exactly(tmp_path: Path) -> None:
    app = Screen()
    (tmp_path / "log").write_text("移行" * 40 + "\nx" + "移行" * 40 + "\nshort\n")
    async with app.run_test(size=(42, 8)) as pilot:
        view = await shown(pilot, app, run_tab(tmp_path / "log"), last="short")
        assert view.size.width == 40
        assert [view.render_line(y).cell_length for y in range(view.size.height)] == [40] * view.size.height
        assert drawn(view)[0] == "移行" * 9 + "移 …" and drawn(view)[1] == "x" + "移行" * 9 + "移…"


async def test_tabs_keep_their_place_and_a_new_run_is_turned_to_only_while_following(tmp_path: Path) -> None:
    app = Screen()
    first, second, third = (numbered(tmp_path / name, 50 + i) for i, name in enumerate("abc"))
    old = run_tab(first, 1, title="make db-backup", state="done", glyph="✓", elapsed="0:41")
    async with app.run_test(size=(80, 12)) as pilot:
        view = await shown(pilot, app, old, last="line 50")
        await pilot.press("home")
        app.pane.show((old, run_tab(second, 3)))
        assert app.pane.selected == 1 and drawn(view)[0] == "line 1"
        await pilot.press("right")
        await until(pilot, lambda: "line 51" in drawn(view))
        assert app.pane.selected == 3
        app.pane.show((old, run_tab(second, 3, elapsed="0:13"), run_tab(third, 4)))
        await until(pilot, lambda: "line 52" in drawn(view))
        assert app.pane.selected == 4
        await pilot.press("[", "[", "[")
        assert app.pane.selected == 1 and drawn(view)[0] == "line 1"
        app.pane.show((old, run_tab(second, 3), run_tab(third, 4)), selected=3)
        assert app.pane.selected == 3


async def test_the_frame_says_what_is_shown_and_where_the_log_lies(tmp_path: Path) -> None:
    app = Screen()
    log = numbered(tmp_path / "log", 500)
    done = run_tab(log, 1, title="make db-backup", state="failed", glyph="✗", elapsed="0:41")
    async with app.run_test(size=(150, 10)) as pilot:
        await shown(pilot, app, done, run_tab(log, 3), last="line 500")
        await until(pilot, lambda: "KB" in heading(app))
        rows = [strip.text for strip in app.screen._compositor.render_strips(app.screen.size)]
        assert re.fullmatch(r"┌─ make db-migrate · run 3 · 0:12 · 4\.4 KB ─+ following ─┐", rows[0])
        assert rows[1].startswith("│1 db-backup ✗ 0:41 │ 3 db-migrate ▶ 0:12 ")
        assert f" {log} " in rows[-1]
        await pilot.press("left")
        assert heading(app).startswith("┌─ make db-backup · run 1 · failed · 0:41 · ")
        app.pane.show((done, run_tab(log, 3, elapsed="0:14")))
        await pilot.pause()
        rows = [strip.text for strip in app.screen._compositor.render_strips(app.screen.size)]
        assert "3 db-migrate ▶ 0:14" in rows[1]


async def test_the_selected_tab_stays_in_sight(tmp_path: Path) -> None:
    app = Screen()
    log = numbered(tmp_path / "log", 5)
    async with app.run_test(size=(60, 8)) as pilot:
        await shown(pilot, app, *(run_tab(log, number) for number in range(1, 12)), last="line 5")
        row = app.screen._compositor.render_strips(app.screen.size)[1]
        assert "│ 11 db-migrate" in row.text and row.text.startswith("│… ")
        assert [part.text for part in row if part.style and part.style.reverse] == ["11 db-migrate ▶ 0:12"]


async def test_a_flood_is_followed_while_it_is_written(tmp_path: Path) -> None:
    app = Screen()
    log = tmp_path / "log"
    block = "".join(f"INSERT 0 1 row {number:06}\n" for number in range(1000))

    def flood() -> None:
        with log.open("w") as out:
            for _ in range(300):
                out.write(block)
            out.write("the end\n")

    async with app.run_test(size=(100, 20)) as pilot:
        app.pane.show((run_tab(log),))
        writer = threading.Thread(target=flood)
        writer.start()
        view = app.pane.view
        await until(pilot, lambda: drawn(view)[-1] == "the end")
        writer.join(5)
        assert view.place is not None and view.place.log.line_count == 300_001
        await pilot.press("pageup")
        assert drawn(view)[-1] == "INSERT 0 1 row 000983"


async def test_the_reading_threads_end_with_the_pane(tmp_path: Path) -> None:
    app = Screen()
    async with app.run_test(size=(80, 10)) as pilot:
        await shown(pilot, app, run_tab(numbered(tmp_path / "log", 5)), last="line 5")
        readers = [thread for thread in threading.enumerate() if thread.name == "log-reader"]
        assert readers
    for reader in readers:
        reader.join(5)
        assert not reader.is_alive()


def test_sizes_and_headings_in_words() -> None:
    assert [size_text(size) for size in (0, 999, 1000, 4096, 99_949, 99_960, 214_000_000, 3 * 10**12)] == [
        "0 B",
        "999 B",
        "1.0 KB",
        "4.1 KB",
        "99.9 KB",
        "100 KB",
        "214 MB",
        "3000 GB",
    ]
    assert spread("left", "right", 20) == "left ───────── right"
    assert spread("移行移行移行", "right", 18) == "移行移行… ── right"
    assert spread("a long heading", "following", 12) == "a long head…"
    assert changed_cells("run 0:12 x", "run 0:13 x") == (7, 8)
    assert changed_cells("移行 0:12", "移行 0:12") == (9, 9)
    assert changed_cells("移 1 移", "移 2 移") == (3, 4)
    assert changed_cells("a 1", "a 10 b") == (3, 6)
    assert changed_cells("a 10 b", "a 1") == (3, 6)
