"""The health panel: what each replica said last, its dependencies, the budget."""

import math
from collections.abc import Sequence
from urllib.parse import urlsplit

from state.judgement.health import Dependency, Probe
from state.judgement.readiness import ReadyState, state_of
from state.judgement.verdicts import Verdicts
from state.readings import Observed, ReadingClass
from state.text.counting import counted
from tui.present import words
from tui.present.line import Line, Span, Tone, clip, left, line, right, spread, width, wrapped
from tui.present.replicas import TONES, badness, glyph, replicas

#: Lines that replicas may take at most: what else is measured stays in sight.
_REPLICA_ROWS = 3
_HISTORY = 600.0


def health(
    verdicts: Verdicts, observed: Observed, blobs: tuple[int | None, int | None], now: float, cells: int
) -> tuple[Line, ...]:
    """Probes and budget first, which are never out of sight; then replicas, dependencies, summary."""
    facts = verdicts.health
    lines: list[Line] = [
        _probe_line("live", facts.live, _answering(facts.live), cells),
        _probe_line("ready", facts.ready, _strip(observed, now, max(10, cells - 46)), cells),
        _budget(verdicts, facts.skew, cells),
    ]
    lines += replicas(facts.live, facts.ready, cells, _REPLICA_ROWS)
    lines += _problems((*facts.live, *facts.ready), cells)
    lines += _dependencies(facts.dependencies, facts.ready, cells)
    lines += _summary(facts.ops, facts.polls, cells)
    if facts.whoami.line and facts.whoami.reading_class is not None:
        lines += _problem("whoami", facts.whoami.line, cells)
    lines += _blobs(blobs, cells)
    return tuple(lines)


def title(verdicts: Verdicts) -> str:
    """The age of what the panel shows, for its frame."""
    seen = verdicts.health.age
    return "no reading yet" if seen is None else words.age(seen)


def _probe_line(name: str, probes: Sequence[Probe], tail: Line, cells: int) -> Line:
    worst = max(probes, key=lambda probe: (badness(probe.state), probe.replica))
    tone = TONES.get(worst.state, Tone.BAD)
    took = [probe.latency_ms for probe in probes if probe.latency_ms is not None]
    latency = f"{max(took):.0f} ms" if took else ""
    head = line(
        left(name, 7),
        Span(f"{glyph(tone)} ", tone),
        left(worst.state.replace("_", " "), 13, tone),
        right(latency, 8),
        "  ",
    )
    return clip((*head, *tail), cells)


def _answering(probes: Sequence[Probe]) -> Line:
    """Which replica it is; of several, how many are well."""
    if len(probes) == 1:
        return (Span(urlsplit(probes[0].replica).netloc or probes[0].replica, Tone.DIM),)
    well = sum(1 for probe in probes if probe.state == "ok")
    return (Span(f"{well} of {len(probes)} replicas", Tone.DIM if well == len(probes) else Tone.BAD),)


def _strip(observed: Observed, now: float, cells: int) -> Line:
    """Ten minutes of readiness, the worst of each slot: full ready, low not, blank nothing read."""
    cells = min(cells, 30)
    slots: list[ReadyState | None] = [None] * cells
    order = list(ReadyState)
    for reading in observed.ready_recent:
        slot = int((reading.at - (now - _HISTORY)) / _HISTORY * cells)
        if 0 <= slot < cells:
            state, before = state_of(reading.reading_class), slots[slot]
            slots[slot] = state if before is None else max(state, before, key=order.index)
    spans = [Span(_glyph(state), Tone.GOOD if state is ReadyState.READY else Tone.BAD) for state in slots]
    return (*_joined(spans), Span(" 10 min", Tone.DIM))


def _glyph(state: ReadyState | None) -> str:
    if state is None:
        return " "
    return {ReadyState.READY: "█", ReadyState.DEGRADED: "▅", ReadyState.UNKNOWN: "?"}.get(state, "▁")


def _joined(spans: Sequence[Span]) -> Line:
    """Neighbours of one tone as one span: fewer bytes on the line."""
    joined: list[Span] = []
    for span in spans:
        if joined and (joined[-1].tone is span.tone or span.text == " "):
            joined[-1] = Span(joined[-1].text + span.text, joined[-1].tone)
        else:
            joined.append(span)
    return tuple(joined)


def _problems(probes: Sequence[Probe], cells: int) -> list[Line]:
    """Why a replica is not well, once for each different reason."""
    seen: dict[str, str] = {}
    for probe in probes:
        if probe.line and probe.line not in seen:
            seen[probe.line] = urlsplit(probe.replica).netloc or probe.replica
    lines: list[Line] = []
    for why, replica in list(seen.items())[:3]:
        lines += _problem(replica, why, cells)
    return lines


def _problem(who: str, why: str, cells: int) -> list[Line]:
    """In full: what to do stands at the end of the sentence."""
    first, *rest = wrapped(f"✗ {who}: {why}", cells - 4, Tone.BAD)
    return [(Span("  "), *first), *((Span("    "), *each) for each in rest)]


def _dependencies(known: Sequence[Dependency], ready: Sequence[Probe], cells: int) -> list[Line]:
    """What is not ready in lines of their own, worst first; what is, and what is not configured, in one."""
    well = [d for d in known if d.state == "ready" and len(d.replicas) == len(ready)]
    absent = [d for d in known if d.state == "not_configured"]
    told = " ".join(probe.line for probe in ready)
    lines: list[Line] = []
    for each in known:
        if each not in well and each not in absent:
            lines += _dependency(each, len(ready), told, cells)
    said = []
    if well:
        said.append(Span(f"● ready: {', '.join(d.name for d in well)}", Tone.GOOD))
    if absent:
        said.append(Span(f"○ not configured: {', '.join(d.name for d in absent)}", Tone.DIM))
    if len(said) == 2 and width(beside := line("  ", said[0], "   ", said[1])) <= cells:
        return [*lines, beside]
    return [*lines, *(clip(line("  ", each), cells) for each in said)]


def _dependency(dependency: Dependency, replicas: int, told: str, cells: int) -> list[Line]:
    """With its detail, unless that was `told` already; in as many lines as that takes."""
    tone = TONES.get(dependency.state, Tone.BAD)
    where = "" if len(dependency.replicas) == replicas else f" on {len(dependency.replicas)} of {replicas}"
    new = dependency.detail and tone is not Tone.GOOD and dependency.detail not in told
    detail = f": {dependency.detail}" if new else ""
    state = dependency.state.replace("_", " ")
    said = wrapped(f"{glyph(tone)} {state}{where}{detail}", cells - 19, tone)
    heads = (left(dependency.name, 16), *(Span(" " * 16) for _ in said[1:]))
    return [line("  ", head, " ", *each) for head, each in zip(heads, said, strict=True)]


def _summary(ops: Probe, polls: int, cells: int) -> list[Line]:
    if ops.reading_class is ReadingClass.OK and not ops.stale:
        well = Span("● ok", Tone.GOOD), Span(f"  {counted(polls, 'poll')}, each audited", Tone.DIM)
        return [clip(line("  ", left("ops summary", 16), " ", *well), cells)]
    first, *rest = wrapped(f"✗ {ops.line}", cells - 19, Tone.BAD)
    return [
        (Span("  "), left("ops summary", 16), Span(" "), *first),
        *((Span(" " * 19), *each) for each in rest),
    ]


def _blobs(blobs: tuple[int | None, int | None], cells: int) -> list[Line]:
    """Missing blob references, before and now side by side; nothing where they were never read."""
    before, after = blobs
    if before is None and after is None:
        return []
    grown = after is not None and after > (before or 0)
    glyph, tone = ("✗", Tone.BAD) if grown else ("●", Tone.GOOD) if after is not None else ("○", Tone.WATCH)
    said = (
        f"{glyph} {'–' if after is None else after} now, {'–' if before is None else before} at the baseline"
    )
    return [clip(line("  ", left("missing blobs", 16), " ", Span(said, tone)), cells)]


def _budget(verdicts: Verdicts, skew: float | None, cells: int) -> Line:
    budget = verdicts.budget
    spent = budget.unplanned > budget.allowed
    text = f"{words.duration(budget.unplanned)} of {words.duration(budget.allowed)} unplanned"
    planned = f" · {words.duration(budget.planned)} planned" if budget.planned else ""
    head = line(
        left("budget", 7),
        Span("✗ spent " if spent else "", Tone.BAD),
        Span(text, Tone.BAD if spent else Tone.PLAIN),
    )
    off = (
        line(Span(f"clock {words.signed(round(skew, 1))} s", Tone.WATCH))
        if skew is not None and abs(skew) >= 2
        else ()
    )
    expected = _expected(verdicts)
    beside = (*expected, *line(" " if expected and off else ""), *off)
    if width(head) + len(planned) + width(beside) < cells:
        head = line(*head, planned)
    return spread(head, beside, cells)


def _expected(verdicts: Verdicts) -> Line:
    """That not being ready is normal, and for how long it still is."""
    until = verdicts.expected_until
    if until is None:
        return ()
    left = f" {words.duration(until - verdicts.at)}" if math.isfinite(until) else ""
    return line(Span(f"not ready expected{left}", Tone.ACTIVE))
