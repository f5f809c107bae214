"""The three gates of declaring success, each with its word and its reason."""

from collections.abc import Mapping

from state.judgement.gates import Gate, GateState
from tui.present import words
from tui.present.line import Line, Span, Tone, line, shortened, wrapped

_TONES: Mapping[GateState, Tone] = {
    GateState.PASS: Tone.GOOD,
    GateState.FAIL: Tone.BAD,
    GateState.UNDECIDED: Tone.WATCH,
}
_GLYPHS: Mapping[GateState, str] = {GateState.PASS: "✓", GateState.FAIL: "✗", GateState.UNDECIDED: "…"}


def gate_lines(gates: tuple[Gate, ...], cells: int, rows: int | None = None) -> tuple[Line, ...]:
    """One gate after another: glyph, word and reason, which takes at most so many `rows` where given."""
    lines: list[Line] = []
    for gate in gates:
        verdict = Span(f"{_GLYPHS[gate.state]} {gate.state:<9}", _TONES[gate.state])
        said = words.without_scheme(gate.reason)
        reason = wrapped(said, cells - 2, Tone.DIM)
        if rows is not None and len(reason) > rows:
            reason = shortened(wrapped(said, cells - 4, Tone.DIM), rows)
        lines += [line(verdict, f" {gate.title}"), *((Span("  "), *rest) for rest in reason)]
    return tuple(lines)
