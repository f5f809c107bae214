"""Resume of a window with 20,000 events and 100,000 readings, against one that is nearly empty."""

from math import inf
from pathlib import Path

from tests.bench.figures import Figure, median
from tests.bench.site import Site, replicas
from tests.bench.start import console_start

TIMES = 6
EVENTS, READINGS = 20_000, 100_000


def measure(scratch: Path) -> list[Figure]:
    """Both by turns, each with its watch at work."""
    with replicas(3) as urls:
        empty, long = Site(scratch / "empty", urls), Site(scratch / "long", urls)
        try:
            empty.open_and_leave(readings=60)
            long.open_and_leave(EVENTS, READINGS)
            for site in (empty, long):
                console_start(site)
                site.watch_pid()
            taken = [(*console_start(long), *console_start(empty)) for _ in range(TIMES)]
        finally:
            for site in (empty, long):
                site.close()
    useful, ready, floor, ready_floor = (median(column) for column in zip(*taken, strict=True))
    return [
        Figure("resume of 20,000 events and 100,000 readings", useful, "ms", 1.3, floor),
        Figure("the same, until keys count", ready, "ms", inf, ready_floor),
    ]
