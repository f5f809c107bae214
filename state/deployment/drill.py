"""Reads the figures of a restore drill from the Markdown report that `phase6-drill` writes."""

import re
from pathlib import Path

from msgspec import Struct

_FIGURE = re.compile(
    r"(?P<name>backup|restore|total drill) duration[^0-9\n]{0,40}(?P<seconds>\d+(?:\.\d+)?)", re.IGNORECASE
)
_LARGEST = 256 * 1024


class Figures(Struct, frozen=True):
    """Seconds."""

    backup: float
    restore: float
    total: float


def read_figures(report: Path) -> Figures | None:
    """The three durations; None where the report is missing or does not name them all."""
    try:
        with report.open("rb") as stream:
            text = stream.read(_LARGEST).decode("utf-8", "replace")
    except OSError:
        return None
    found = {match["name"].lower(): float(match["seconds"]) for match in _FIGURE.finditer(text)}
    if set(found) != {"backup", "restore", "total drill"}:
        return None
    return Figures(found["backup"], found["restore"], found["total drill"])
