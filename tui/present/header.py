"""The header and the line at the foot: where the window stands, in one line each."""

from state.judgement.readiness import ReadyState
from state.judgement.verdicts import Verdicts
from state.text.counting import counted
from state.window import SETTLED, Window
from tui.present import words
from tui.present.line import Line, Span, Tone, line, spread

#: Seconds before the last safe decision from which on it stands in the header.
_NEAR = 1800.0
#: Columns from which on there is room for all of it.
_ROOMY = 110


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
    return spread(left, (*_readiness(window, verdicts), *_time_left(window, safe_until, now, cells)), cells)


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
    return line(Span(f"✗ {readiness.worst.replace('_', ' ')}", Tone.BAD))


def _time_left(window: Window, safe_until: float | None, now: float, cells: int) -> Line:
    if window.outcome and window.closed_at is not None:
        return line(f"   closed {words.day(window.closed_at)} UTC")
    if window.closes_at is None:
        return ()
    left = window.closes_at - now
    if left < 0:
        return line(Span(f"   overrun by {words.duration(-left)}", Tone.BAD))
    closes = Span(f"   closes in {words.duration(left)}", Tone.WATCH if left < 900 else Tone.PLAIN)
    return line(closes, *_safe(window, safe_until, now, cells))


def _safe(window: Window, safe_until: float | None, now: float, cells: int) -> Line:
    """Until when a rollback still ends within the window; on a narrow line only as that nears."""
    if safe_until is None or window.rollback is not None:
        return ()
    if safe_until - now > _NEAR:
        return line(f" · safe until {words.clock(safe_until)[:5]}") if cells >= _ROOMY else ()
    if safe_until < now:
        return line(Span(" · too late to roll back in time", Tone.BAD))
    return line(Span(f" · safe until {words.clock(safe_until)[:5]}", Tone.WATCH))
