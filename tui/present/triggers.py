"""The trigger board, the banner when one has tripped, and what must not be overlooked."""

from state.judgement.triggers import Trigger
from state.report.status import put_right
from state.window import Window
from tui.present import words
from tui.present.line import Line, Span, Tone, line, wrapped


def board(triggers: tuple[Trigger, ...], window: Window, cells: int) -> tuple[Line, ...]:
    """One trigger after another: glyph, word, countdown, and why it has tripped."""
    lines: list[Line] = []
    for trigger in triggers:
        record = window.triggers.get(trigger.id)
        if record is None and trigger.held_for is not None and trigger.held_of is not None:
            held = f"{words.duration(trigger.held_for)} of {words.duration(trigger.held_of)}"
            lines.append(line(Span(f"◐ {trigger.title:<12}", Tone.WATCH), Span(f" {held}", Tone.WATCH)))
        elif record is None:
            lines.append(line(Span(f"○ {trigger.title:<12}", Tone.DIM), Span(" armed", Tone.DIM)))
        elif record.waved:
            lines.append(line(Span(f"» {trigger.title:<12} waved off", Tone.WATCH)))
            lines += [(Span("  "), *rest) for rest in wrapped(record.waved, cells - 2, Tone.DIM)]
        else:
            lines.append(line(Span(f"✗ {trigger.title:<12} TRIPPED", Tone.BAD)))
            lines += [(Span("  "), *rest) for rest in wrapped(record.reason, cells - 2, Tone.BAD)]
    return tuple(lines)


def banner(window: Window, cells: int) -> tuple[Line, ...]:
    """What needs a decision, above everything: an empty database first, then tripped triggers."""
    lines: list[Line] = []
    if window.may_be_empty:
        lines += wrapped(put_right(window), cells, Tone.ALARM)
    for name, record in window.triggers.items():
        if not record.waved and window.is_open:
            way = "" if window.rollback else " · b rolls back, w waves off"
            lines += wrapped(
                f"{name.upper()} TRIPPED {words.clock(record.at)}: {record.reason}{way}", cells, Tone.ALARM
            )
    return tuple(lines)
