"""What was measured: figures against their floors, the table, and the comparison with kept figures."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf

#: Units of what another machine, or a busy one, does slower.
_TIMES = ("s", "ms", "%")
#: By how much a figure may get worse than the kept one before that is a regression.
WORSE = 1.25


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. With a `floor`, measured beside it in the same unit, the score is the ratio of both;
    without one it is the value. The score may be `allowed` at most: infinity where nothing is asked."""

    name: str
    value: float
    unit: str
    allowed: float
    floor: float | None = None

    @property
    def score(self) -> float:
        """What is compared: noise of the machine is in value and floor alike."""
        return self.value if self.floor is None else self.value / self.floor

    @property
    def holds(self) -> bool:
        """Whether the score is within what is allowed."""
        return self.score <= self.allowed

    def regressed(self, kept: Mapping[str, float]) -> bool:
        """Whether it is worse by more than a quarter than the kept score.

        What is far below its limit may waver: a tenth of what is allowed counts as nothing, and a half
        where the machine's noise is in a figure that has no floor. Such a figure of which nothing is
        asked is there to be read.
        """
        before = kept.get(self.name)
        is_noisy = self.floor is None and self.unit in _TIMES
        if before is None or (is_noisy and self.allowed == inf):
            return False
        nothing = 0.0 if self.allowed == inf else self.allowed / (2 if is_noisy else 10)
        return self.score > WORSE * max(before, nothing)

    def verdict(self, kept: Mapping[str, float]) -> str:
        """One word for the table."""
        if not self.holds:
            return "OVER"
        return "WORSE" if self.regressed(kept) else "ok"


def with_worse(kept: Mapping[str, float], figures: Sequence[Figure]) -> dict[str, float]:
    """The kept scores, where one of these is worse with that: one lucky run makes the next a regression.

    For figures that got better the file goes first, and a few runs are kept.
    """
    return {**kept, **{f.name: max(round(f.score, 3), kept.get(f.name, 0.0)) for f in figures}}


def median(values: Sequence[float]) -> float:
    """The middle of them."""
    return statistics.median(values)


def p95(values: Sequence[float]) -> float:
    """The value that one in twenty exceeds."""
    return sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]


def table(figures: Sequence[Figure], kept: Mapping[str, float]) -> str:
    """The figures as lines of text."""
    rows = [("figure", "measured", "floor", "score", "allowed", "kept", "")]
    for one in figures:
        ratio = "" if one.floor is None else "x"
        floor = "" if one.floor is None else _number(one.floor)
        before = _number(kept[one.name]) + ratio if one.name in kept else ""
        score, allowed = _number(one.score) + ratio, _number(one.allowed) + ratio
        measured = f"{_number(one.value)} {one.unit}"
        rows.append((one.name, measured, floor, score, allowed, before, one.verdict(kept)))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = (
        word.ljust(width) if number in (0, len(row) - 1) else word.rjust(width)
        for number, (word, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()


def _number(value: float) -> str:
    if value == inf:
        return "-"
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"
