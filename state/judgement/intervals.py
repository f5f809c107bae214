"""Intervals of time: merged, measured, and with their overlaps."""

import math
from collections.abc import Iterable, Sequence

#: Start and end in seconds since the epoch; an open one ends at infinity.
Interval = tuple[float, float]
#: As the window keeps them: `end` None while the step still runs.
Planned = Sequence[tuple[float, float | None]]


def expected(planned: Planned, grace: float) -> tuple[Interval, ...]:
    """When something out of the ordinary is expected: the planned intervals and their grace."""
    return merged((start, math.inf if end is None else end + grace) for start, end in planned)


def end_of(intervals: Iterable[Interval], at: float) -> float | None:
    """When the one that the moment lies in ends, infinity while it is open; None where it lies in none."""
    return max((end for start, end in intervals if start <= at <= end), default=None)


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same time in rising intervals that do not touch; empty ones are dropped."""
    out: list[Interval] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return tuple(out)


def length(intervals: Iterable[Interval]) -> float:
    """Their seconds."""
    return math.fsum(end - start for start, end in intervals)


def overlap(one: Sequence[Interval], other: Sequence[Interval]) -> tuple[Interval, ...]:
    """The time that lies in both; each must be merged."""
    return merged((max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) < min(b, d))
