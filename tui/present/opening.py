"""The first screen: what is known of the window before the console itself has been loaded."""

from itertools import zip_longest

from state.view import View, samples_taken
from tui.present import health, triggers
from tui.present.checklist import Progress, checklist
from tui.present.header import header
from tui.present.line import Line, Span, Tone, clip, line, spread
from tui.present.sizes import is_wide

_OPENING = " opening: verifying the journal · keys count in a moment"


def opening(view: View, now: float, columns: int, rows: int) -> tuple[Line, ...]:
    """As many lines as there are rows. What stands here stands in the same words where the console draws it.

    `view` was refreshed before. Nobody drives yet, and nothing was verified: the last line says so.
    """
    window = view.window
    head = header(window, view.verdicts, view.safe_until, now, columns)
    wide = is_wide(columns, rows)
    left = max(42, round(columns * 0.35)) if wide else columns
    progress = Progress(len(samples_taken(window, view.observed)), view.verdicts.readiness.ready_for)
    steps, _ = checklist(window, progress, now, left - 4)
    body = _framed("Checklist", steps, "", left)
    if wide:
        measured = columns - left
        facts = health.health(view.verdicts, view.observed, view.missing_blobs, now, measured - 4)
        beside = _framed("Health", facts, health.title(view.verdicts), measured)
        body = [
            (*(one or (Span(" " * left),)), *(other or ()))
            for one, other in zip_longest(body, beside, fillvalue=())
        ]
    above = [head, *triggers.banner(window, columns)]
    shown = [*above, *body][: rows - 1]
    return (*shown, *[()] * (rows - 1 - len(shown)), clip(line(Span(_OPENING, Tone.DIM)), columns))


def _framed(title: str, lines: tuple[Line, ...], below: str, cells: int) -> list[Line]:
    """The lines in a frame as the console draws it: titles above at the left and below at the right."""

    def edge(text: str) -> Span:
        return Span(text, Tone.DIM)

    at_foot = f" {below} ─┘" if below else "┘"
    return [
        line(edge("┌─"), f" {title} ", edge("─" * (cells - len(title) - 5) + "┐")),
        *((edge("│ "), *spread(each, (), cells - 4), edge(" │")) for each in lines),
        line(edge("└" + "─" * (cells - 1 - len(at_foot)) + at_foot)),
    ]
