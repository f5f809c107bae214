"""The trigger board, the banner when one has tripped, and what must not be overlooked."""

from state.judgement.backlog import RowState
from state.judgement.triggers import Trigger
from state.judgement.verdicts import Verdicts
from state.report.short import put_right
from state.window import Window
from tui.present import words
from tui.present.line import Line, Span, Tone, clip, line, wrapped


def board(triggers: tuple[Trigger, ...], window: Window, cells: int) -> tuple[Line, ...]:
    """One trigger after another: glyph, word, countdown, and why it has tripped."""
    lines: list[Line] = []
    for trigger in triggers:
        record = window.triggers.get(trigger.id)
        if record is None and trigger.held_for is not None and trigger.held_of is not None:
            held = f"{words.duration(trigger.held_for)} of {words.duration(trigger.held_of)}"
            lines.append(line(Span(f"◐ {trigger.title:<12}", Tone.WATCH), Span(f" {held}", Tone.WATCH)))
        elif record is None:
            armed = "armed" if window.is_open else "no longer watched"
            lines.append(line(Span(f"○ {trigger.title:<12}", Tone.DIM), Span(f" {armed}", Tone.DIM)))
            # Armed and without data is another thing than armed; in one line, since it comes and goes.
            if trigger.reason and window.is_open:
                lines.append(clip(line("  ", Span(trigger.reason, Tone.DIM)), cells))
        elif record.waved:
            lines.append(line(Span(f"» {trigger.title:<12} waved off", Tone.WATCH)))
            lines += [(Span("  "), *rest) for rest in wrapped(record.waved, cells - 2, Tone.DIM)]
        else:
            lines.append(line(Span(f"✗ {trigger.title:<12} TRIPPED", Tone.BAD)))
            lines += [(Span("  "), *rest) for rest in wrapped(record.reason, cells - 2, Tone.BAD)]
    return tuple(lines)


def glance(verdicts: Verdicts, window: Window, cells: int) -> Line:
    """Health, backlog and triggers in one line, where there is no room for their panels."""
    ready = verdicts.readiness.worst.value.replace("_", " ")
    bad = [row.metric.label for row in verdicts.rows if row.state is not RowState.OK]
    backlog = f"backlog: {', '.join(bad)}" if bad else "backlog OK"
    tripped = [name for name, record in window.triggers.items() if not record.waved]
    alarm = f"tripped: {', '.join(tripped)}" if tripped else "no trigger tripped"
    tone = Tone.WATCH if bad or tripped or ready != "ready" else Tone.GOOD
    return clip(line(Span(f" {ready} · {alarm} · {backlog}", tone)), cells)


def banner(window: Window, cells: int, decides: bool = True) -> tuple[Line, ...]:
    """What needs a decision, above everything: an empty database first, then tripped triggers.

    The keys for it are named where one `decides`.
    """
    lines: list[Line] = []
    if window.may_be_empty:
        lines += wrapped(put_right(window), cells, Tone.ALARM)
    for name, record in window.triggers.items():
        if not record.waved and window.is_open:
            way = " · b rolls back, w waves off" if window.change_begun else " · w waves off"
            way = "" if window.rollback or not decides else way
            lines += wrapped(
                f"{name.upper()} TRIPPED {words.clock(record.at)}: {record.reason}{way}", cells, Tone.ALARM
            )
    return tuple(lines)
