"""The resume card: what happened while nobody watched, before anything else."""

from state.console.interruption import Interruption
from state.window import Run, RunState
from tui.present import words
from tui.present.line import Line, Span, Tone, line, wrapped

#: Seconds without a reading from which on the card says so.
_GAP = 5.0


def resume_card(facts: Interruption, now: float, cells: int) -> tuple[Line, ...]:
    """Since when, what ran on and how it ended, how health and backlog moved, what must be decided."""
    how = f"left by {facts.by}" if facts.deliberate else "interrupted"
    alone = words.duration(now - facts.since)
    head = f"{how} {words.day(facts.since)} UTC · nobody watched for {alone}"
    lines: list[Line] = [line(Span(head, Tone.STRONG)), ()]
    lines += [_run(run) for run in facts.runs] or [line("no command was running")]
    lines.append(_health(facts))
    for label, before, after in facts.moved:
        lines.append(line(f"{label}: {words.number(before)} → {words.number(after)}"))
    if not facts.moved:
        lines.append(line(Span("backlog: no summary differs from the one before", Tone.DIM)))
    lines.append(())
    if facts.undecided:
        for title in facts.undecided:
            lines += wrapped(f"✗ {title} must be decided: done, run again, or skip", cells, Tone.BAD)
    else:
        lines.append(line("nothing is left unclear"))
    return tuple(lines)


def _run(run: Run) -> Line:
    head = f"run {run.id} {run.title}: "
    if run.state is RunState.ENDED:
        tone = Tone.GOOD if run.exit_code == 0 else Tone.BAD
        return line(
            head, Span(f"ended {words.clock(run.ended_at or 0)} with exit status {run.exit_code}", tone)
        )
    if run.state is RunState.LOST:
        return line(head, Span(f"lost: {run.last_line}", Tone.BAD))
    if run.state is RunState.NOT_STARTED:
        return line(head, Span(run.last_line, Tone.WATCH))
    return line(head, Span("still running", Tone.ACTIVE))


def _health(facts: Interruption) -> Line:
    if facts.not_ready > 0:
        seen = Span(f"not ready for {words.duration(facts.not_ready)}", Tone.BAD)
    else:
        # Where nothing was read, nothing speaks for it having been ready.
        tone = Tone.WATCH if facts.unread > _GAP else Tone.GOOD
        seen = Span("no reading was other than ready", tone)
    unread = f" · nothing read for {words.duration(facts.unread)}" if facts.unread > _GAP else ""
    return line("health: ", seen, Span(unread, Tone.WATCH))
