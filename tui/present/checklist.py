"""The checklist: one line a step, with the few words that matter most about each."""

import re

from msgspec import Struct
from rich.cells import cell_len

from state.runbook import Phase, Step, StepKind
from state.text.counting import counted
from state.window import SETTLED, Run, RunState, StepRecord, StepState, Window
from tui.present import words
from tui.present.line import Line, Span, Tone, clip, line, spread, text, width, wrapped

TONES: dict[StepState, Tone] = {
    StepState.TODO: Tone.DIM,
    StepState.BEGUN: Tone.ACTIVE,
    StepState.RUNNING: Tone.ACTIVE,
    StepState.CHECKING: Tone.ACTIVE,
    StepState.DONE: Tone.GOOD,
    StepState.FAILED: Tone.BAD,
    StepState.UNKNOWN: Tone.BAD,
    StepState.SKIPPED: Tone.WATCH,
}


#: Ended without having done it: what went wrong is the first that an operator needs.
_FAILED = frozenset({StepState.FAILED, StepState.UNKNOWN})
#: Lines of its reason that are in sight whatever else is on the screen.
_REASON = 3


class Progress(Struct, frozen=True):
    """What is known of waiting steps beyond the journal: samples taken, seconds of readiness."""

    samples: int = 0
    ready_for: float = 0.0


def checklist(
    window: Window, progress: Progress, now: float, cells: int
) -> tuple[tuple[Line, ...], tuple[int, ...]]:
    """All lines, and the numbers of those that are steps, in the order of `window.direction`."""
    lines: list[Line] = []
    at: list[int] = []
    for phase in window.phases:
        lines.append(_heading(window, phase, cells))
        if phase.id not in {step.phase for step in window.direction}:
            continue  # over, whatever became of it: the way that is being gone has the room
        for step in window.steps_of(phase):
            at.append(len(lines))
            lines.append(_step_line(window, step, progress, now, cells))
    return tuple(lines), tuple(at)


def _heading(window: Window, phase: Phase, cells: int) -> Line:
    steps = window.steps_of(phase)
    settled = sum(window.record(step.id).state in SETTLED for step in steps)
    whole = settled == len(steps)
    count = Span(f"{settled}/{len(steps)}" + (" ✓" if whole else "  "), Tone.GOOD if whole else Tone.DIM)
    return spread(line(Span(phase.title, Tone.STRONG)), line(count), cells)


def _step_line(window: Window, step: Step, progress: Progress, now: float, cells: int) -> Line:
    record = window.record(step.id)
    tone = TONES[record.state]
    glyph = words.STEP_GLYPHS[record.state]
    current = window.current
    strong = Tone.STRONG if current is not None and current.id == step.id else Tone.PLAIN
    left = line(
        Span(f" {glyph} ", tone),
        Span(step.title, Tone.DIM if record.state is StepState.TODO and strong is Tone.PLAIN else strong),
    )
    note = Span(" ✎", Tone.DIM) if record.notes else Span("")
    left = (*left, note) if note.text else left
    room = cells - width(left) - 1
    return spread(left, clip(_fitting(detail(window, step, progress, now), room), room), cells)


def _fitting(said: Line, room: int) -> Line:
    """In fewer words where it does not fit: without the exit status or who did it, then without seconds."""
    if not said or width(said) <= room:
        return said
    whole = text(said)
    fewer = text(_bare(said)) if " · " in whole else whole.rpartition(" ")[0] or whole
    if len(fewer) > room:
        fewer = re.sub(r"^(\d\d:\d\d):\d\d$", r"\1", fewer)
    return line(Span(fewer, said[0].tone))


def in_short(window: Window, step: Step, progress: Progress, now: float) -> Line:
    """One step on its own: glyph, title and the few words about it."""
    state = window.record(step.id).state
    head = line(Span(f"{words.STEP_GLYPHS[state]} ", TONES[state]), f"{step.title} ")
    said = detail(window, step, progress, now)
    if state in _FAILED:
        said = _bare(said)
    elif state is StepState.RUNNING:
        # The glyph says that it runs.
        said = line(Span(text(said).rpartition(" ")[2], said[0].tone))
    return (*head, *said)


def _bare(said: Line) -> Line:
    """Without the exit status, which stands in the frame of the output."""
    return line(Span(text(said).partition(" · ")[0], said[0].tone))


def detail(window: Window, step: Step, progress: Progress, now: float) -> Line:
    """The few words at the right of a step."""
    record = window.record(step.id)
    tone = TONES[record.state]
    run = window.runs.get(record.run)
    match record.state:
        case StepState.TODO:
            return line(Span("again", Tone.WATCH)) if record.problem else ()
        case StepState.RUNNING:
            since = run.requested_at if run else record.at
            return line(Span(f"running {words.duration(now - since)}", tone))
        case StepState.CHECKING:
            return line(Span("checking", tone))
        case StepState.BEGUN:
            return line(Span(_begun(window, step, progress, record, now), tone))
        case StepState.FAILED | StepState.UNKNOWN:
            return line(Span(_went_wrong(record, run), tone))
        case StepState.SKIPPED:
            return line(Span(f"skipped {record.by}", tone))
    return line(Span(_done(window, step, record, run), Tone.DIM))


def _went_wrong(record: StepRecord, run: Run | None) -> str:
    if record.state is StepState.UNKNOWN:
        return "unknown: decide"
    return f"failed · exit {run.exit_code}" if run and run.exit_code else "failed"


def _begun(window: Window, step: Step, progress: Progress, record: StepRecord, now: float) -> str:
    if window.sampling is not None and window.sampling.step == step.id:
        return (
            f"{min(progress.samples, window.sampling.wanted)} of {counted(window.sampling.wanted, 'sample')}"
        )
    if step.kind in {StepKind.PROBE, StepKind.EXAMINE}:
        return "looking"
    if step.kind is StepKind.MESSAGE:
        return "posting"
    if step.kind is StepKind.STABLE:
        wanted = words.duration(window.policy.ready_for)
        return f"ready {words.duration(progress.ready_for)}/{wanted}"
    return f"begun {words.duration(now - record.at)}"


def _done(window: Window, step: Step, record: StepRecord, run: Run | None) -> str:
    if record.attested is not None:
        return f"{record.attested.reference} {record.by}"
    snapshot = window.snapshots.get(step.id)
    if snapshot is not None:
        return counted(snapshot.samples, "sample")
    if run is not None and run.state is RunState.ENDED:
        return _ran(window, step, run)
    if step.kind is StepKind.EXAMINE and record.backup is not None:
        return f"{words.duration(record.backup.age)} old auto"
    return words.clock(record.at)


def _ran(window: Window, step: Step, run: Run) -> str:
    took = words.duration((run.ended_at or 0) - (run.started_at or 0))
    backup = window.record(step.id).backup
    if backup is not None:
        return f"{words.size(backup.size)} {took}"
    if run.migrations is not None:
        return f"{len(_applied(window, step, run))} applied {took}"
    return f"{words.clock(run.ended_at or 0)} {run.by}"


def _applied(window: Window, step: Step, run: Run) -> tuple[str, ...]:
    """What the upgrade applied, over all its tries; on the way back what that run alone applied."""
    if step.phase == "upgrade" or run.migrations is None:
        return window.applied
    return run.migrations.applied


def step_detail(window: Window, step: Step, cells: int) -> tuple[Line, ...]:
    """What there is to say about one step, wrapped: its problem, what it does, its evidence, its notes.

    Of one that has failed what it does comes last: that was read before it was done.
    """
    record = window.record(step.id)
    if record.state in _FAILED:
        return (
            *_failure(window, step, cells),
            *_evidence(window, step, record, cells),
            *_explained(step, cells),
        )
    lines: list[Line] = [line(Span(step.title, Tone.STRONG))]
    if record.problem:
        lines += wrapped(f"{words.STEP_GLYPHS[record.state]} {record.problem}", cells, Tone.BAD)
    return (*lines, *_explained(step, cells), *_evidence(window, step, record, cells))


def _explained(step: Step, cells: int) -> tuple[Line, ...]:
    return wrapped(step.explain, cells)


def failed_lines(window: Window, cells: int) -> int:
    """Lines that say of any step that can be done now that it has failed, and why at first; 0 if none has."""
    failures = (
        _failure(window, step, cells) for step in window.direction if window.record(step.id).state in _FAILED
    )
    return max((min(len(said), _REASON + 1) for said in failures), default=0)


def _failure(window: Window, step: Step, cells: int) -> tuple[Line, ...]:
    """Its state in a line beside the title, and why."""
    record = window.record(step.id)
    state = _went_wrong(record, window.runs.get(record.run))
    head = f"{words.STEP_GLYPHS[record.state]} {step.title}: {state}"
    if cell_len(head) > cells:
        head = head.partition(" · ")[0]  # the exit status stands in the frame of the output
    return (*wrapped(head, cells, Tone.BAD), *wrapped(record.problem, cells, Tone.BAD))


def _evidence(window: Window, step: Step, record: StepRecord, cells: int) -> tuple[Line, ...]:
    """What was attested or found, by whom, and what was noted."""
    lines: list[Line] = []
    if record.attested is not None:
        seen = record.attested
        link = f" {seen.link}" if seen.link else ""
        lines += wrapped(f"{seen.who}: {seen.reference}{link} (attested by {record.by})", cells, Tone.DIM)
    elif record.detail and record.state is StepState.DONE:
        by = f" by {record.by} at {words.clock(record.at)} UTC" if step.kind is StepKind.MESSAGE else ""
        lines += wrapped(f"{record.detail}{by}", cells, Tone.DIM)
    if record.state is StepState.SKIPPED:
        lines += wrapped(f"skipped by {record.by}: {record.detail}", cells, Tone.WATCH)
    lines += _facts(window, step, record, cells)
    # What was noted on the window as a whole matters when its outcome is declared.
    notes = window.notes if step.kind is StepKind.DECLARE else ()
    for note in (*record.notes, *notes):
        lines += wrapped(f"{words.clock(note.at)} {note.by}: {note.text}", cells, Tone.DIM)
    return tuple(lines)


def _facts(window: Window, step: Step, record: StepRecord, cells: int) -> tuple[Line, ...]:
    lines: list[Line] = []
    run = window.runs.get(record.run)
    if run is not None and run.migrations is not None:
        for name in _applied(window, step, run):
            stopped = name == run.migrations.interrupted
            word, tone = ("stopped in", Tone.BAD) if stopped else ("applied", Tone.DIM)
            lines += wrapped(f"{word} {name}", cells, tone)
    if run is not None and run.left_running:
        lines += wrapped("something that it started still ran when it ended", cells, Tone.WATCH)
    if record.backup is not None and record.backup.size:
        lines += wrapped(f"{record.backup.path} ({words.size(record.backup.size)})", cells, Tone.DIM)
        lines += wrapped(f"SHA-256 {record.backup.sha256}", cells, Tone.DIM)
    return tuple(lines)
