"""Series of readings as points in time: which values are valid, how they slope, how many are missing.

A point is `(at, value)`, `at` in seconds since the epoch. A reading without a value gives no
point: it is missing, and never a zero.
"""

import math
from collections.abc import Sequence

from state.readings import Reading, ReadingClass

Point = tuple[float, float]

#: Without a reading for more than this many poll intervals nobody knows how things are.
STALE_INTERVALS = 3.0
#: Polls come early or late by up to this share of their interval.
JITTER = 0.1


def stale_after(every: float) -> float:
    """Seconds after which a reading is stale, for polls made every `every` seconds."""
    return STALE_INTERVALS * every


def value_of(reading: Reading, key: str) -> float | None:
    """The metric in an ops reading; None where the reading is not OK or has no sound number."""
    if reading.reading_class is not ReadingClass.OK or reading.values is None:
        return None
    value = reading.values.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


def points_of(readings: Sequence[Reading], key: str) -> tuple[Point, ...]:
    """The valid values of a metric, in the order of the readings."""
    return tuple((r.at, v) for r in readings if (v := value_of(r, key)) is not None)


def slope(points: Sequence[Point]) -> float:
    """The least-squares slope in units per second; 0 for fewer than two moments."""
    count = len(points)
    if count < 2:
        return 0.0
    start = points[0][0]
    mean_at = sum(at - start for at, _ in points) / count
    mean_value = sum(value for _, value in points) / count
    spread = sum((at - start - mean_at) ** 2 for at, _ in points)
    if spread == 0:
        return 0.0
    return sum((at - start - mean_at) * (value - mean_value) for at, value in points) / spread


def covered(times: Sequence[float], end: float, span: float, every: float) -> tuple[int, int]:
    """How many of the samples due in the `span` seconds up to `end` are there, and how many were due.

    `times` rise. Several samples within one poll interval count once: asking more often for a
    while does not make up for asking not at all.
    """
    due = max(1, int(span / every))
    slots: set[int] = set()
    for at in reversed(times):
        slot = round((end - at) / every)
        if slot >= due:
            break
        if slot >= 0:
            slots.add(slot)
    return len(slots), due


def stretches(points: Sequence[Point], span: float, count: int, every: float) -> list[int | None]:
    """For each point where the shortest stretch that ends there starts, of at least `span` seconds
    and `count` points; None where it is not there or has a gap of more than three poll intervals."""
    enough = span - JITTER * every
    gap = stale_after(every)
    starts: list[int | None] = []
    first = unbroken = 0
    for last, (at, _) in enumerate(points):
        if last and at - points[last - 1][0] > gap:
            unbroken = last
        while last - first >= count and at - points[first + 1][0] >= enough:
            first += 1
        long_enough = last - first + 1 >= count and at - points[first][0] >= enough
        starts.append(first if long_enough and first >= unbroken else None)
    return starts
