"""The header and the line at the foot: where the window stands, in one line each."""

from state.judgement.readiness import ReadyState
from state.judgement.verdicts import Verdicts
from state.text.counting import counted
from state.window import SETTLED, Window
from tui.present import words
from tui.present.line import Line, Span, Tone, line, spread, width
from tui.present.replicas import TONES, glyph

#: Seconds before the last safe decision from which on it stands in the header.
_NEAR = 1800.0
#: Columns from which on there is room for all of it.
_ROOMY = 110

#: What may stand in the header, from left to right, and what it means: for the help.
WORDS = (
    ("PRODUCTION", "the environment; red is production alone"),
    ("LOOKING ON, LOOKS", "this console decides nothing; Operators asks for the drive"),
    ("1.9 → 2.0", "the previous release and the new one; the new one alone below 110 columns"),
    ("upgrade 3/8", "the phase, and how many of its steps are done or skipped"),
    ("d declares it", "all steps are done or skipped, and the outcome is still to be declared"),
    ("rolled back, success, abandoned", "the outcome; after rolled back the follow-up is still to be done"),
    ("closed", "nothing is left to do"),
    ("! 1 exception", "a step or a gate was passed over, with a reason and an owner"),
    ("● ready 12:04", "for how long every replica has been ready, without a gap and since the last change"),
    ("◐ degraded, ✗ not ready", "what the worst replica says of itself"),
    ("✗ unreachable", "a replica does not answer"),
    ("◐ unknown", "nothing fresh has been read of a replica, or nothing that says how it is"),
    ("closes in 1:42:10", "until the planned end; then nothing stops by itself"),
    ("overrun by 4:10", "since the planned end"),
    (
        "safe until 15:38, safe 15:38",
        "UTC. Begun later, a rollback with restore no longer ends before the window closes. "
        "Not known before a restore has been timed; below 110 columns only in the last half hour",
    ),
    (
        "too late to roll back in time",
        "it can still be begun, but with a restore it ends after the window closes",
    ),
    ("too late", "the same, where there is room for no more"),
    ("closed 2026-11-29 03:10 UTC", "when the outcome was declared"),
)


def header(
    window: Window, verdicts: Verdicts, safe_until: float | None, now: float, cells: int, drives: bool = True
) -> Line:
    """Environment, releases, phase, readiness and the time that is left; a console that looks says so."""
    name = f" {window.environment.upper()} "
    tone = environment_tone(window.environment)
    # On a narrow line the release that comes is worth more than the one that goes.
    releases = f" {window.previous_release} → {window.release} " if cells >= _ROOMY else f" {window.release} "
    looks = () if drives else line(" ", Span(" LOOKING ON " if cells >= _ROOMY else " LOOKS ", Tone.FRAME))
    at = Span(f" {where(window)}", Tone.STRONG)
    left = line(Span(name, tone), *looks, releases, at, *_exceptions(window))
    ready, times = _readiness(window, verdicts), _time_left(window, safe_until, now, cells)
    if width(left) + width(ready) + width(times) >= cells:
        # Where the window stands is worth more than whole words.
        times = _time_left(window, safe_until, now, cells, brief=True)
    return spread(left, (*ready, *times), cells)


def environment_tone(environment: str) -> Tone:
    """Red is for production alone: where everything is red, nothing is."""
    return Tone.ALARM if environment.lower() in {"production", "prod", "live"} else Tone.FRAME


def where(window: Window) -> str:
    """The phase in words, and how many of its steps are settled: the count of the checklist."""
    if window.phase == "closed":
        return f"closed · {window.outcome}"
    for phase in window.phases:
        if phase.id != window.phase:
            continue
        steps = window.steps_of(phase)
        settled = sum(window.record(step.id).state in SETTLED for step in steps)
        done = f"{window.outcome} · " if window.outcome else ""
        # A rollback has no step that declares: without this word it would seem to be over.
        then = " · d declares it" if window.current is None and window.is_open else ""
        return f"{done}{phase.title.lower()} {settled}/{len(steps)}{then}"
    return window.phase


def _exceptions(window: Window) -> Line:
    count = len(window.exceptions)
    if not count:
        return ()
    return line(Span(f"  ! {counted(count, 'exception')}", Tone.WATCH))


def _readiness(window: Window, verdicts: Verdicts) -> Line:
    if window.outcome:
        return ()  # nobody has looked since
    readiness = verdicts.readiness
    if readiness.worst is ReadyState.READY:
        return line(Span(f"● ready {words.duration(readiness.ready_for)}", Tone.GOOD))
    # As loud as in the health panel.
    tone = TONES.get(readiness.worst, Tone.BAD)
    return line(Span(f"{glyph(tone)} {readiness.worst.replace('_', ' ')}", tone))


def _time_left(window: Window, safe_until: float | None, now: float, cells: int, brief: bool = False) -> Line:
    if window.outcome and window.closed_at is not None:
        return line(f"   closed {words.day(window.closed_at)} UTC")
    if window.closes_at is None:
        return ()
    left = window.closes_at - now
    if left < 0:
        return line(Span(f"   overrun by {words.duration(-left)}", Tone.BAD))
    closes = Span(f"   closes in {words.duration(left)}", Tone.WATCH if left < 900 else Tone.PLAIN)
    return line(closes, *_safe(window, safe_until, now, cells, brief))


def _safe(window: Window, safe_until: float | None, now: float, cells: int, brief: bool) -> Line:
    """Until when a rollback still ends within the window; on a narrow line only as that nears."""
    if safe_until is None or window.rollback is not None:
        return ()
    until = f" · safe {'' if brief else 'until '}{words.clock(safe_until)[:5]}"
    if safe_until - now > _NEAR:
        return line(until) if cells >= _ROOMY else ()
    if safe_until < now:
        return line(Span(" · too late" if brief else " · too late to roll back in time", Tone.BAD))
    return line(Span(until, Tone.WATCH))
