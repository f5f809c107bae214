"""Which of the values that others keep are moments, and how a moment is written."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeGuard

from state.events import LAST_MOMENT

#: What a moment is called in events, and in the numbers of gates that are kept in them.
_NAMES = frozenset({"at", "since", "until"})


def iso(at: float | None) -> str | None:
    """ISO 8601 in UTC."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def moment(at: float) -> str:
    """ISO 8601 in UTC; what no calendar has is said to be none."""
    return (iso(at) or "") if 0 <= at <= LAST_MOMENT else "no time"


def when(written: str) -> str:
    """What `iso` or `moment` wrote, as people read it: `2026-11-28 17:48:14`."""
    return written[:19].replace("T", " ")


def in_words(at: float) -> str:
    """A moment within a sentence: `2026-11-28 17:48:14 UTC`."""
    written = moment(at)
    return f"{when(written)} UTC" if written[:1].isdigit() else written


def is_moment(name: str, value: object) -> TypeGuard[float]:
    """Whether a value of this name is seconds since the epoch: events call no other number so."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return name in _NAMES or name.endswith("_at")


def dated(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, the moments among them in ISO 8601."""
    return {name: moment(value) if is_moment(name, value) else value for name, value in values.items()}
