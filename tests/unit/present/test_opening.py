"""The first screen: whole lines for every size, in the words of the console."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem

from state.journal.directory import JOURNAL
from state.journal.events import JournalWriter
from state.view import View
from tui.first_screen import drawn
from tui.present.checklist import Progress, checklist
from tui.present.line import Span, Tone, line, text, width
from tui.present.opening import opening
from tui.themes import LOOKS, styles

from ..story import SAM, T0, Story


@pytest.fixture
def view(tmp_path: Path) -> View:
    """A window in the middle of its upgrade, of which nothing was ever read."""
    with closing(JournalWriter(tmp_path / JOURNAL, SAM, T0)):
        pass
    made = View(tmp_path, Story().until("deploy").window)
    made.refresh(T0 + 600)
    return made


@pytest.mark.parametrize(("columns", "rows"), [(60, 15), (80, 24), (110, 30), (120, 40), (200, 60)])
def test_it_fills_the_screen_and_no_more(view: View, columns: int, rows: int) -> None:
    lines = opening(view, T0 + 600, columns, rows)
    assert len(lines) == rows
    assert all(width(one) <= columns for one in lines)
    assert "opening" in text(lines[-1]) and "keys count in a moment" in text(lines[-1])


def test_it_has_the_words_of_the_console(view: View) -> None:
    whole = "\n".join(text(one) for one in opening(view, T0 + 600, 120, 40))
    steps, _ = checklist(view.window, Progress(), T0 + 600, 38)
    for step in steps:
        assert text(step).rstrip() in whole
    assert "Health" in whole and "live" in whole
    assert view.window.environment.upper() in whole.splitlines()[0]


@pytest.mark.parametrize("look", LOOKS)
def test_no_text_moves_colours_or_ends_anything(look: str) -> None:
    sent = drawn((line(Span("a\x1b[2Jb\x1b]52;c;eA==\x07c\u202e\r\nd", Tone.BAD)),), look)
    assert re.sub(r"\x1b\[\d*H|\x1b\[[\d;]*m", "", sent.replace("\x1b[2J", "", 1)).isprintable()
    assert sent.count("2J") == 1 and "52" not in sent


@pytest.mark.parametrize("look", [name for name in LOOKS if name != "high-contrast"])
def test_each_tone_is_drawn_as_the_console_draws_it(look: str) -> None:
    for tone in Tone:
        wanted = styles(look)[tone].render("word", color_system=ColorSystem.STANDARD)
        assert drawn((line(Span("word", tone)),), look).endswith(f"\x1b[1H{wanted}")


def test_high_contrast_is_exact_on_a_terminal_with_no_more_than_256_colours() -> None:
    for tone in Tone:
        style, (sent, *_) = (
            styles("high-contrast")[tone],
            re.findall(r"\x1b\[1H\x1b\[([\d;]+)m", drawn((line(Span("word", tone)),), "high-contrast")),
        )
        numbers = {int(on): int(n) for on, n in re.findall(r"([34]8);5;(\d+)", sent)}
        for on, colour in ((38, style.color), (48, style.bgcolor)):
            assert colour is not None
            assert Color.from_ansi(numbers[on]).get_truecolor() == colour.get_truecolor()
        assert bool(style.bold) == sent.startswith("1;")


def test_the_ground_of_high_contrast_is_that_of_the_whole_screen() -> None:
    assert drawn((), "high-contrast").startswith("\x1b[38;5;231;48;5;16m\x1b[2J")
    assert drawn((), "default") == "\x1b[2J"


def test_without_colour_it_is_bold_and_reversed_at_most() -> None:
    lines = tuple(line(Span(tone.name, tone)) for tone in Tone)
    codes = {
        code
        for found in re.findall(r"\x1b\[([\d;]+)m", drawn(lines, "monochrome"))
        for code in found.split(";")
    }
    assert codes <= {"0", "1", "2", "4", "7"}
    assert "31" in drawn(lines, "default")
