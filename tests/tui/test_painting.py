"""Only the cells that differ are sent, and the terminal shows the same as if all were."""

import random

import pyte
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from tui.painting import Shown

COLUMNS, ROWS = 40, 6
STYLES = (
    Style(),
    Style(color="red"),
    Style(reverse=True, bold=True),
    Style(color="default", bgcolor="default"),
    Style(color="red", bgcolor="default", reverse=True),
    Style(color="default", bgcolor="blue", underline=True),
)
#: Letters of one and of two cells.
LETTERS = "ab ─█▁漢字"
CONSOLE = Console(color_system="standard", force_terminal=True)


class Seen:
    """A terminal, and how many characters it was sent."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.Stream(self.screen)
        self.sent = 0

    def take(self, sequences: str) -> None:
        self.sent += len(sequences)
        self._stream.feed(sequences)

    @property
    def cells(self) -> list[list[tuple[object, ...]]]:
        rows = self.screen.buffer
        return [[tuple(rows[y][x]) for x in range(COLUMNS)] for y in range(ROWS)]


def strip(words: str, style: Style | None = None) -> Strip:
    return Strip([Segment(words, style or STYLES[0])]).adjust_cell_length(COLUMNS, STYLES[0])


def line(y: int, one: Strip, left: int = 0, right: int = COLUMNS) -> ChopsUpdate:
    """An update of one row, between two columns."""
    chops: list[dict[int, Strip | None]] = [{0: one if row == y else None} for row in range(ROWS)]
    return ChopsUpdate(chops, [(y, left, right)], [[COLUMNS]] * ROWS)


def whole(lines: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[one] for one in lines], Region(0, 0, COLUMNS, ROWS))


def random_strip(chance: random.Random) -> Strip:
    segments = [
        Segment("".join(chance.choices(LETTERS, k=chance.randint(1, 9))), chance.choice(STYLES))
        for _ in range(8)
    ]
    return Strip(segments).adjust_cell_length(COLUMNS, STYLES[0])


def test_the_terminal_shows_what_it_would_if_everything_were_sent() -> None:
    chance = random.Random(7)
    shown, less, all_of_it = Shown(), Seen(), Seen()
    for _ in range(300):
        if chance.random() < 0.1:
            lines = [random_strip(chance) for _ in range(ROWS)]
            update: CompositorUpdate = whole(lines)
        else:
            update = line(chance.randrange(ROWS), random_strip(chance))
        all_of_it.take(update.render_segments(CONSOLE))
        less.take(shown.less(update).render_segments(CONSOLE))
        assert less.cells == all_of_it.cells


def test_what_is_shown_already_is_not_sent() -> None:
    shown = Shown()
    lines = [strip(f"line {y}") for y in range(ROWS)]
    assert shown.less(whole(lines)).render_segments(CONSOLE)
    assert shown.less(whole(lines)).render_segments(CONSOLE) == ""
    assert shown.less(line(2, strip("line 2"))).render_segments(CONSOLE) == ""


def test_only_the_cells_that_differ_are_sent() -> None:
    shown, terminal = Shown(), Seen()
    terminal.take(shown.less(line(3, strip("ready 0:09 of 10:00"))).render_segments(CONSOLE))
    before = terminal.sent
    terminal.take(shown.less(line(3, strip("ready 0:10 of 10:00"))).render_segments(CONSOLE))
    assert terminal.screen.display[3].startswith("ready 0:10 of 10:00")
    assert terminal.sent - before <= len("\x1b[4;9H10") + 8


def test_the_terminals_own_colours_take_no_bytes() -> None:
    sent = [
        Shown().less(line(0, strip("ready", style))).render_segments(CONSOLE)
        for style in (Style(bold=True), Style(bold=True, color="default", bgcolor="default"))
    ]
    assert "ready" in sent[0]
    assert sent[0] == sent[1]


def test_a_change_of_colour_is_sent() -> None:
    shown, terminal = Shown(), Seen()
    for style in (STYLES[0], STYLES[1]):
        terminal.take(shown.less(line(0, strip("ready", style))).render_segments(CONSOLE))
    assert terminal.screen.buffer[0][0].fg == "red"


def test_nothing_outside_the_marked_columns_is_sent() -> None:
    shown, terminal = Shown(), Seen()
    terminal.take(shown.less(line(1, strip("0123456789"), left=3, right=6)).render_segments(CONSOLE))
    assert terminal.screen.display[1].rstrip() == "   345"


def test_after_forgetting_everything_is_sent_again() -> None:
    shown = Shown()
    first = shown.less(line(1, strip("ready"))).render_segments(CONSOLE)
    shown.forget()
    assert shown.less(line(1, strip("ready"))).render_segments(CONSOLE) == first
