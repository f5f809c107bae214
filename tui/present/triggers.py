"""The trigger board, the banner when one has tripped, and what must not be overlooked."""

from state.judgement.backlog import RowState
from state.judgement.triggers import Trigger
from state.judgement.verdicts import Verdicts
from state.report.short import put_right
from state.window import Window
from tui.present import words
from tui.present.line import Line, Span, Tone, clip, line, shortened, width, wrapped

#: Rows that the banner may take, and those of why a trigger cannot be judged, which come and go.
_BANNER, _UNJUDGED = 6, 2


def board(triggers: tuple[Trigger, ...], window: Window, cells: int, why: bool = True) -> tuple[Line, ...]:
    """One trigger after another: glyph, word, countdown, and why it has tripped.

    Without `why` in as few lines as that takes: the banner has the reasons.
    """
    lines: list[Line] = []
    for trigger in triggers:
        record = window.triggers.get(trigger.id)
        if record is None and trigger.held_for is not None and trigger.held_of is not None:
            held = f"{words.duration(trigger.held_for)} of {words.duration(trigger.held_of)}"
            lines.append(line(Span(f"◐ {trigger.title:<12}", Tone.WATCH), Span(f" {held}", Tone.WATCH)))
        elif record is None:
            lines += _armed(trigger, window, cells)
        elif record.waved:
            lines.append(line(Span(f"» {trigger.title:<12} waved off", Tone.WATCH)))
            waved = wrapped(record.waved, cells - 2, Tone.DIM)
            lines += [(Span("  "), *rest) for rest in (waved if why else ())]
        else:
            lines.append(line(Span(f"✗ {trigger.title:<12} TRIPPED {words.clock(record.at)}", Tone.BAD)))
            reason = wrapped(words.without_scheme(record.reason), cells - 2, Tone.BAD)
            lines += [(Span("  "), *rest) for rest in (reason if why else ())]
    return tuple(lines)


def _armed(trigger: Trigger, window: Window, cells: int) -> tuple[Line, ...]:
    """Armed and without data is another thing than armed: beside it where there is room."""
    reason = words.without_scheme(trigger.reason)
    head = Span(f"○ {trigger.title:<12} ", Tone.DIM)
    if not window.is_open:
        return (line(head, Span("no longer watched", Tone.DIM)),)
    beside = line(head, Span(reason or "armed", Tone.DIM))
    if width(beside) <= cells:
        return (beside,)
    below = shortened(wrapped(reason, cells - 4, Tone.DIM), _UNJUDGED)
    return (line(head, Span("armed", Tone.DIM)), *((Span("  "), *rest) for rest in below))


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
    standing = [(name, record) for name, record in window.triggers.items() if not record.waved]
    rows = _BANNER - len(lines)
    for name, record in standing if window.is_open else ():
        way = "b rolls back, w waves off" if window.change_begun else "w waves off"
        way = "" if window.rollback or not decides else f" ({way})"
        said = f"{name.upper()} TRIPPED {words.clock(record.at)}{way}: {words.without_scheme(record.reason)}"
        room = max(1, rows // len(standing))
        lines += shortened(wrapped(said, cells - 2, Tone.ALARM), room)
    return tuple(lines)
