"""Every replica of the API in the health panel, worst first, in as few lines as that takes."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from msgspec import Struct
from rich.cells import cell_len

from state.judgement.health import Probe
from tui.present.line import Line, Span, Tone, left

TONES = {
    "ok": Tone.GOOD,
    "ready": Tone.GOOD,
    "degraded": Tone.WATCH,
    "not_configured": Tone.DIM,
    "unknown": Tone.WATCH,
}
_ORDER = {"ok": 0, "ready": 0, "not_configured": 1, "degraded": 2, "unknown": 3}
_GLYPHS = {Tone.GOOD: "●", Tone.WATCH: "◐", Tone.DIM: "○"}


class _Replica(Struct, frozen=True):
    name: str
    state: str
    latency: float | None

    @property
    def words(self) -> str:
        took = "" if self.latency is None else f" {self.latency:.0f} ms"
        return f"{self.glyph} {self.name} {self.state.replace('_', ' ')}{took}"

    @property
    def tone(self) -> Tone:
        return TONES.get(self.state, Tone.BAD)

    @property
    def glyph(self) -> str:
        return glyph(self.tone)


def glyph(tone: Tone) -> str:
    """The glyph that stands before a state of this tone."""
    return _GLYPHS.get(tone, "✗")


def badness(state: str) -> int:
    """How bad a state is, 0 for all is well."""
    return _ORDER.get(state, 4)


def replicas(live: Sequence[Probe], ready: Sequence[Probe], cells: int, rows: int) -> tuple[Line, ...]:
    """Nothing for one replica. Of more than fit into `rows` lines the best are counted, not named."""
    if len(ready) < 2:
        return ()
    known = sorted(map(_replica, live, ready), key=lambda one: (-badness(one.state), one.name))
    column = min(cells - 2, max(cell_len(one.words) for one in known) + 2)
    beside = max(1, (cells - 2) // column)
    room = rows * beside
    shown = known if len(known) <= room else known[: room - 1]
    spans = [left(one.words, column, Tone.PLAIN if one.tone is Tone.GOOD else one.tone) for one in shown]
    if rest := known[len(shown) :]:
        spans.append(
            left(f"and {len(rest)} more, {rest[0].state.replace('_', ' ')} at worst", column, Tone.DIM)
        )
    return tuple((Span("  "), *spans[first : first + beside]) for first in range(0, len(spans), beside))


def _replica(live: Probe, ready: Probe) -> _Replica:
    """Not live is worse than not ready; of a replica that is live, its readiness is what counts."""
    name = urlsplit(ready.replica).netloc or ready.replica
    seen = live if badness(live.state) > badness(ready.state) else ready
    return _Replica(name, seen.state, ready.latency_ms)
