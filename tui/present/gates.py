"""The three gates of declaring success, each with its word and its reason."""

from collections.abc import Mapping

from state.judgement.gates import Gate, GateState
from tui.present import words
from tui.present.line import Line, Span, Tone, line, wrapped

_TONES: Mapping[GateState, Tone] = {
    GateState.PASS: Tone.GOOD,
    GateState.FAIL: Tone.BAD,
    GateState.UNDECIDED: Tone.WATCH,
}
_GLYPHS: Mapping[GateState, str] = {GateState.PASS: "✓", GateState.FAIL: "✗", GateState.UNDECIDED: "…"}


def gate_lines(gates: tuple[Gate, ...], cells: int) -> tuple[Line, ...]:
    """One gate after another: glyph, word and reason."""
    lines: list[Line] = []
    for gate in gates:
        verdict = Span(f"{_GLYPHS[gate.state]} {gate.state:<9}", _TONES[gate.state])
        reason = wrapped(words.without_scheme(gate.reason), cells - 2, Tone.DIM)
        lines += [line(verdict, f" {gate.title}"), *((Span("  "), *rest) for rest in reason)]
    return tuple(lines)
