"""The first screen: whole lines for every size, in the words of the console."""

import re
from contextlib import closing
from pathlib import Path

import pytest

from state.journal.directory import JOURNAL
from state.journal.events import JournalWriter
from state.view import View
from tui.first_screen import drawn
from tui.present.checklist import Progress, checklist
from tui.present.line import Span, Tone, line, text, width
from tui.present.opening import opening

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


def test_no_text_moves_colours_or_ends_anything() -> None:
    sent = drawn((line(Span("a\x1b[2Jb\x1b]52;c;eA==\x07c\u202e\r\nd", Tone.BAD)),), monochrome=False)
    assert re.sub(r"\x1b\[\d*H|\x1b\[[\d;]*m", "", sent).isprintable()
    assert "2J" not in sent and "52" not in sent


def test_without_colour_it_is_bold_and_reversed_at_most() -> None:
    lines = tuple(line(Span(tone.name, tone)) for tone in Tone)
    codes = {
        code
        for found in re.findall(r"\x1b\[([\d;]+)m", drawn(lines, monochrome=True))
        for code in found.split(";")
    }
    assert codes <= {"0", "1", "7"}
    assert "31" in drawn(lines, monochrome=False)
