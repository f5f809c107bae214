"""The timeline: one line an event, all that one holds, and the window as it was then."""

from collections.abc import Mapping, Sequence

from state.events import Recorded
from state.report.telling import Kind, clean, details, is_turning, kind_of, tell
from state.text import printable
from state.window import Window
from tui.present import checklist, words
from tui.present.header import environment_tone, where
from tui.present.line import Line, Span, Tone, clip, left, line, right, spread, wrapped

_TONES: dict[Kind, Tone] = {
    Kind.WINDOW: Tone.PLAIN,
    Kind.STEPS: Tone.GOOD,
    Kind.RUNS: Tone.ACTIVE,
    Kind.TRIGGERS: Tone.BAD,
    Kind.ROLLBACK: Tone.BAD,
    Kind.PEOPLE: Tone.DIM,
    Kind.NOTES: Tone.WATCH,
}
#: Columns of number, time, name and kind; the name gives way first.
_NUMBER, _KIND = 5, 8


def row(recorded: Recorded, window: Window, cells: int) -> Line:
    """An event in one line; `window` is the one after all events, which gives the names."""
    kind = kind_of(recorded)
    turning = Tone.STRONG if is_turning(recorded) else Tone.PLAIN
    name = 10 if cells >= 70 else 6
    return clip(
        line(
            right(str(recorded.seq), _NUMBER, Tone.DIM),
            " ",
            Span(words.clock(recorded.at)),
            " ",
            left(clean(recorded.actor.operator), name, Tone.DIM),
            " ",
            left(kind.value, _KIND, _TONES[kind]),
            " ",
            Span(tell(window, recorded), turning),
        ),
        cells,
    )


def kinds(counts: Mapping[Kind, int], chosen: Kind | None, cells: int) -> Line:
    """What the timeline may be filtered by, each with its key and how many there are."""
    spans = [_choice(0, "all", sum(counts.values()), chosen is None, cells)]
    for number, kind in enumerate(Kind, 1):
        spans.append(_choice(number, kind.value, counts.get(kind, 0), chosen is kind, cells))
    return clip(line(*spans), cells)


def _choice(number: int, name: str, count: int, chosen: bool, cells: int) -> Span:
    many = f" {count}" if cells >= 110 else ""
    return Span(f" {number} {name}{many} ", Tone.FRAME if chosen else Tone.PLAIN if count else Tone.DIM)


def head(window: Window, at: int, events: int, cells: int) -> Line:
    """Whose timeline it is, and where in it; `at` is the number of the event under the cursor."""
    was, comes = clean(window.previous_release), clean(window.release)
    releases = f" {was} → {comes} " if cells >= 110 else f" {comes} "
    name = Span(f" {clean(window.environment).upper()} ", environment_tone(window.environment))
    shown = line(name, releases, Span(" timeline", Tone.STRONG))
    return spread(shown, line(f"event {at} of {events} · {words.day(window.opened_at)[:10]} UTC"), cells)


def event(recorded: Recorded, window: Window, cells: int) -> tuple[Line, ...]:
    """All that one event holds."""
    actor = recorded.actor
    origin = "".join(f", {part}" for part in (actor.terminal, actor.ssh_origin) if part)
    lines = [
        *wrapped(tell(window, recorded), cells, Tone.STRONG),
        *wrapped(f"{words.day(recorded.at)[:10]} {words.clock(recorded.at)} UTC", cells),
        *wrapped(clean(f"by {actor.operator} (login {actor.login} on {actor.host}{origin})"), cells),
        *wrapped(f"drive number {recorded.epoch}", cells, Tone.DIM),
    ]
    for name, value in details(recorded):
        lines += _fact(name, value, cells)
    return tuple(lines)


def _fact(name: str, value: str, cells: int) -> Sequence[Line]:
    first, *more = wrapped(value or "–", max(10, cells - len(name) - 2)) or ((),)
    return [line(Span(f"{name}  ", Tone.DIM), *first), *(line("  ", *rest) for rest in more)]


def as_of(window: Window, at: float, cells: int) -> tuple[Line, ...]:
    """The window as it was: where it stood, what was tripped, what ran, and its checklist."""
    lines: list[Line] = list(wrapped(where(window), cells, Tone.STRONG))
    if window.may_be_empty:
        lines += wrapped("the database may be empty", cells, Tone.ALARM)
    for name, record in window.triggers.items():
        state, tone = ("waved off", Tone.WATCH) if record.waved else ("tripped", Tone.BAD)
        lines += wrapped(f"{name} {state}: {record.reason}", cells, tone)
    if window.open_run is not None:
        lines += wrapped(f"▶ {window.open_run.title}", cells, Tone.ACTIVE)
    for granted in window.exceptions:
        lines += wrapped(f"! {granted.subject}: {granted.reason} ({granted.owner})", cells, Tone.WATCH)
    steps, _ = checklist.checklist(window, checklist.Progress(), at, cells)
    # Unlike one that is driven, a window that is looked back at may have been forged.
    return tuple(tuple(Span(printable(span.text), span.tone) for span in each) for each in (*lines, *steps))
