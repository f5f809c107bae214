"""The lines around the panels: tabs, problems, who drives and which keys there are."""

from collections.abc import Sequence

from state.window import Window
from tui.commands import Command
from tui.present import people
from tui.present.line import Line, Span, Tone, clip, line, spread, width, wrapped
from tui.present.people import Around

#: The keys to do without where the line is short, first those that are missed least; help has them all.
_SPARED = ("timeline", "note", "declare", "skip", "incident")


def tabs(names: Sequence[str], selected: int, step: Line, cells: int) -> Line:
    """The tabs of a small screen, and the step under the cursor, which stays in sight on all of them."""
    spans = []
    for number, name in enumerate(names):
        spans.append(Span(f" {number + 1} {name} ", Tone.FRAME if number == selected else Tone.PLAIN))
    room = cells - width(tuple(spans)) - 1
    return spread(tuple(spans), clip(step, room), cells)


def foot(window: Window, around: Around, commands: Sequence[Command], cells: int) -> Line:
    """Who drives, who looks, and the keys that apply now, as many as fit beside that."""
    who = line(Span(" " + people.who(window, around, cells // 6), Tone.DIM))
    named = [command for command in commands if command.footer]
    for spared in (*_SPARED, *(command.id for command in reversed(named[:-1]))):
        if width(who) + width(_keys(named)) < cells:
            break
        named = [command for command in named if command.id != spared]
    return spread(who, _keys(named), cells)


def only_keys(commands: Sequence[Command], cells: int) -> Line:
    """The keys of a screen on which nobody decides."""
    return clip(line(" ", *_keys([command for command in commands if command.footer])), cells)


def _keys(commands: Sequence[Command]) -> Line:
    return line(" · ".join(f"{command.key} {command.footer}" for command in commands))


def problem(words: str, cells: int) -> tuple[Line, ...]:
    """What is wrong with the console itself, in full."""
    return wrapped(words, cells - 2, Tone.ALARM) if words else ()


def too_small(window: Window, least: tuple[int, int]) -> tuple[Line, ...]:
    """The one line of a terminal that is too small."""
    return (line(f"{least[0]}x{least[1]} at least, please · {window.environment}"),)
