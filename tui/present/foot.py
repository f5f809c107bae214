"""The lines around the panels: tabs, problems, who drives and which keys there are."""

from collections.abc import Sequence

from state.window import Window
from tui.commands import Command, key_name
from tui.present.line import Line, Span, Tone, clip, line, spread, width, wrapped


def tabs(names: Sequence[str], selected: int, step: Line, cells: int) -> Line:
    """The tabs of a small screen, and the step under the cursor, which stays in sight on all of them."""
    spans = []
    for number, name in enumerate(names):
        spans.append(Span(f" {number + 1} {name} ", Tone.FRAME if number == selected else Tone.PLAIN))
    room = cells - width(tuple(spans)) - 2
    return spread(tuple(spans), clip(step, room), cells)


def foot(window: Window, commands: Sequence[Command], cells: int) -> Line:
    """Who drives, and the keys that apply now."""
    driver = window.driver.actor if window.driver else None
    who = f" driver {driver.operator}@{driver.host}" if driver else ""
    # On a narrow line a panel has the screen already: its zoom is the key to do without.
    named = [c for c in commands if c.footer and (cells >= 110 or c.id != "zoom")]
    keys = [f"{key_name(command)} {command.footer}" for command in named]
    # The way to all the others is never among what a narrow line leaves out.
    last = [f"{key_name(command)} {command.footer}" for command in named if command.id == "help"]
    if len(" · ".join(keys)) > cells:
        keys = [key for key in keys if key not in last]
        while keys and len(" · ".join((*keys, *last))) > cells - 1:
            keys.pop()
        keys += last
    return spread(line(Span(who, Tone.DIM)), clip(line(" · ".join(keys)), cells), cells)


def problem(words: str, cells: int) -> tuple[Line, ...]:
    """What is wrong with the console itself, in full."""
    return wrapped(words, cells - 2, Tone.ALARM) if words else ()


def too_small(window: Window, least: tuple[int, int]) -> tuple[Line, ...]:
    """The one line of a terminal that is too small."""
    return (line(f"{least[0]}x{least[1]} at least, please · {window.environment}"),)
