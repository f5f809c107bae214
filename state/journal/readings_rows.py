"""Turns rows of `readings.db` into the values that judgement knows."""

import json
import sqlite3
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from state.journal.readings_schema import COUNTS
from state.readings import Ask, Reading, ReadingClass, Span

READING = "id, ask, replica, at, monotonic, class, code, latency_ms, skew, body, reason"
SPAN = "id, ask, replica, class, first_at, last_at, count"

#: How many points of history a count has at most, where nobody asks for more.
_POINTS = 60


@lru_cache(maxsize=512)
def _body(text: str) -> Mapping[str, Any]:
    """A body; readiness says the same thousands of times."""
    body: Mapping[str, Any] = json.loads(text)
    return body


def reading_of(row: tuple[Any, ...]) -> Reading:
    """A reading from the columns of READING."""
    number, ask, replica, at, monotonic, reading_class, code, latency, skew, body, reason = row
    values = None if body is None else _body(body)
    return Reading(
        Ask(ask),
        replica,
        at,
        ReadingClass(reading_class),
        monotonic,
        code,
        latency,
        skew,
        values,
        reason,
        number,
    )


def span_of(row: tuple[Any, ...]) -> Span:
    """A span from the columns of SPAN."""
    _, ask, replica, reading_class, first_at, last_at, count = row
    return Span(Ask(ask), replica, ReadingClass(reading_class), first_at, last_at, count)


def history(
    connection: sqlite3.Connection, points: int = _POINTS
) -> Mapping[str, tuple[tuple[float, float | None], ...]]:
    """Each count over the whole window, thinned to so many points: the highest of each part of the time."""
    ends = [
        connection.execute(f"select at from ops_counts order by reading {order} limit 1").fetchone()
        for order in ("asc", "desc")
    ]
    if None in ends:
        return {}
    (first,), (last,) = ends
    highest = ", ".join(f'max("{count}")' for count in COUNTS)
    rows = connection.execute(
        "select max(at), " + highest + " from ops_counts"
        " group by max(0, min(:last, cast((at - :first) * :rate as integer))) order by 1",
        {"first": first, "last": points - 1, "rate": points / max(last - first, 1.0)},
    ).fetchall()
    return {
        count: tuple((row[0], None if row[column] is None else float(row[column])) for row in rows)
        for column, count in enumerate(COUNTS, 1)
    }
