"""The list of windows: open and interrupted ones first, with what was going on."""

from collections.abc import Sequence

from rich.cells import cell_len

from state.listing import Listed, rank
from state.text.counting import counted
from state.window import Window
from tui.present import words
from tui.present.line import Line, Span, Tone, clip, left, line

#: Columns from which on there is room for the previous release as well.
_ROOMY = 100


def standing(listed: Listed) -> str:
    """What is going on in a window, in a few words."""
    window = listed.window
    if window is None:
        return listed.problem
    if window.may_be_empty:
        return "THE DATABASE MAY BE EMPTY: open it and run the restore again"
    if window.phase == "follow_up":
        return f"{window.outcome} {words.day(window.closed_at or 0)} · follow-up open"
    if window.outcome:
        return f"{window.outcome} {words.day(window.closed_at or 0)}"
    run = window.open_run
    still = f" · {run.title} was running" if run and not listed.driven else ""
    if listed.driven:
        who = window.driver.actor.operator if window.driver else "somebody"
        return f"driven by {who}"
    driver = window.driver
    if driver is not None and driver.left_at is not None:
        return f"left {words.clock(driver.left_at)}{still}"
    return f"interrupted {words.clock(window.last_at)}{still}"


def _named(window: Window, cells: int) -> Line:
    """Which window it is; on a narrow line in few cells, since what is going on there is worth more."""
    if cells < _ROOMY:
        return line(left(window.id, min(36, cell_len(window.id) + 2)), left(window.release, 10), " ")
    return line(left(window.id, 36), left(f"{window.previous_release} → {window.release}", 22))


def in_order(found: Sequence[Listed], environment: str) -> tuple[Listed, ...]:
    """What is open first, and there the windows of this environment before those of others."""

    def is_elsewhere(one: Listed) -> bool:
        return one.window is not None and one.window.environment != environment

    return tuple(sorted(found, key=lambda one: (rank(one), is_elsewhere(one))))


def row(listed: Listed, cells: int, belongs: str = "") -> Line:
    """One window as a line of the list; `belongs` names the settings of another environment."""
    window = listed.window
    if window is None:
        return line(
            Span("? ", Tone.BAD), left(listed.directory.name, 34), Span(f" {listed.problem}", Tone.BAD)
        )
    is_open = window.takes_decisions
    tone = Tone.WATCH if is_open else Tone.DIM
    glyph = "▶ " if is_open else "✓ " if window.outcome == "success" else "✗ "
    count = len(window.exceptions)
    exceptions = Span(f"  ! {counted(count, 'exception')}", Tone.WATCH) if count else Span("")
    whole = line(
        Span(glyph, tone),
        *_named(window, cells),
        Span(standing(listed), Tone.PLAIN if is_open else Tone.DIM),
        *([Span(f"  · of {belongs}", Tone.DIM)] if belongs else []),
        *([exceptions] if count else []),
    )
    return clip(whole, cells)
