"""The backlog table: baseline against current, one row a metric, and why a row is not OK."""

from state.events import SnapshotRecorded
from state.judgement.backlog import BacklogRow, RowState
from state.judgement.verdicts import Verdicts
from state.policy import Limit
from state.readings import Observed
from state.text.counting import counted
from state.window import Window
from tui.present import words
from tui.present.line import Line, Span, Tone, clip, left, line, right, wrapped

_STATES: dict[RowState, tuple[str, Tone]] = {
    RowState.OK: ("● OK", Tone.GOOD),
    RowState.WATCH: ("◐ WATCH", Tone.WATCH),
    RowState.BREACH: ("✗ BREACH", Tone.BAD),
    RowState.NO_DATA: ("○ NO DATA", Tone.WATCH),
    RowState.EXPECTED: ("◌ EXPECTED", Tone.ACTIVE),
}


#: Cells that the whole table needs.
_FULL = 72


def backlog(
    verdicts: Verdicts, observed: Observed, warnings: tuple[str, ...], cells: int
) -> tuple[Line, ...]:
    """Heading, rows, a line for each row that is not OK, and what speaks against the baseline."""
    if cells < _FULL:
        return _compact(verdicts, cells)
    trend = min(24, max(6, cells - 67))
    columns = f"{'metric':<20} {'baseline':>8} {'current':>8} {'delta':>7} {'alert':>8} {'trend':<{trend}}"
    head = line(Span(f"{columns} state", Tone.DIM))
    lines: list[Line] = [head]
    lines += [_row(row, observed, trend) for row in verdicts.rows]
    reasons = [row for row in verdicts.rows if row.state is not RowState.OK]
    # One cause is said once; what each row was before it (after the semicolon) stands in `status`.
    causes = {row.reason.split(";")[0] for row in reasons}
    if len(causes) == 1 and len(reasons) > 1:
        lines += wrapped(causes.pop(), cells, Tone.WATCH)
    else:
        for row in reasons:
            lines += wrapped(f"{row.metric.label}: {row.reason}", cells, _STATES[row.state][1])
    for warning in warnings:
        lines += wrapped(f"! {warning}", cells, Tone.WATCH)
    return tuple(lines)


def _compact(verdicts: Verdicts, cells: int) -> tuple[Line, ...]:
    """The table where there is no room for all of it: what is, what has changed, what that means."""
    lines: list[Line] = [line(Span(f"{'metric':<20} {'current':>8} {'delta':>7} state", Tone.DIM))]
    for row in verdicts.rows:
        word, tone = _STATES[row.state]
        current = "–" if row.current is None else words.number(row.current)
        delta = "–" if row.delta is None else words.signed(row.delta)
        numbers = (right(current, 8), " ", right(delta, 7), " ")
        lines.append(clip(line(left(row.metric.label, 20), " ", *numbers, Span(word, tone)), cells))
        if row.state is not RowState.OK:
            lines += wrapped(f"  {row.reason}", cells, tone)
    return tuple(lines)


def _row(row: BacklogRow, observed: Observed, trend: int) -> Line:
    word, tone = _STATES[row.state]
    values = [value for _, value in observed.history.get(row.metric.key, ())]
    known = Tone.PLAIN if row.current is not None else Tone.DIM
    return line(
        left(row.metric.label, 20),
        " ",
        right("–" if row.baseline is None else words.number(row.baseline.median), 8),
        " ",
        right("–" if row.current is None else words.number(row.current), 8, known),
        " ",
        right("–" if row.delta is None else words.signed(row.delta), 7),
        " ",
        right(alert(row.limit), 8, Tone.DIM),
        " ",
        Span(words.sparkline(values, trend), Tone.DIM),
        " ",
        Span(word, tone),
    )


def alert(limit: Limit) -> str:
    """`50/200`, `100`, or a dash where there is no alert."""
    known = [words.number(value) for value in (limit.warning, limit.critical) if value is not None]
    return "/".join(known) or "–"


def title(window: Window) -> str:
    """What the table compares with, for its frame."""
    return f"Backlog · {described(window.baseline)}"


def described(baseline: SnapshotRecorded | None) -> str:
    """When the baseline was taken and of how many samples."""
    if baseline is None:
        return "no baseline yet"
    count = counted(baseline.samples, "sample") + (" only" if baseline.samples == 1 else "")
    return f"baseline {words.clock(baseline.last_at)} UTC ({count})"


def age(verdicts: Verdicts) -> str:
    """How old the newest summary is, for the frame."""
    seen = verdicts.health.ops.age
    return "no summary yet" if seen is None else words.age(seen)
