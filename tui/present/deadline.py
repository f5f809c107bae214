"""Reads what an operator types for the end of a window: a time of day, or how long from now."""

import re
from datetime import UTC, datetime, timedelta

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?:\s*UTC)?", re.IGNORECASE)
_SPAN = re.compile(r"(?:(\d{1,3})\s*h)?\s*(?:(\d{1,4})\s*m(?:in)?)?", re.IGNORECASE)


class DeadlineError(ValueError):
    """It is neither a time nor a duration: one sentence."""


def closes_at(typed: str, now: float) -> float | None:
    """Seconds since the epoch; None for nothing typed. A time of day that has passed is tomorrow's."""
    typed = typed.strip()
    if not typed:
        return None
    if found := _CLOCK.fullmatch(typed):
        today = datetime.fromtimestamp(now, UTC)
        at = today.replace(hour=int(found[1]), minute=int(found[2]), second=0, microsecond=0)
        return (at if at > today else at + timedelta(days=1)).timestamp()
    span = _SPAN.fullmatch(typed)
    if span is not None and (span[1] or span[2]):
        return now + int(span[1] or 0) * 3600 + int(span[2] or 0) * 60
    raise DeadlineError(
        f"{typed[:20]} is no end: give a time such as 16:30 (UTC), or a length such as 2h or 90m."
    )
