"""Fifty replicas polled every second: no interval is missed, and the watch stays small."""

import sqlite3
import time
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from state.journal.directory import READINGS
from state.watch.start import WatchCommand, spawn
from tests.bench.figures import Figure
from tests.bench.processes import cpu_seconds
from tests.bench.site import Site, replicas

REPLICAS, SECONDS = 50, 20
#: Seconds between two probes of a replica beyond which one interval was left out.
_MISSED = 1.5


def measure(scratch: Path) -> list[Figure]:
    """The watch alone, as a console starts it."""
    with replicas(REPLICAS) as urls:
        site = Site(scratch, urls, ready_every="1s")
        try:
            site.open_and_leave()
            spawn(site.window, _command(urls))
            watch = site.watch_pid()
            time.sleep(3)
            before, begun, at = cpu_seconds(watch), time.monotonic(), time.time()
            time.sleep(SECONDS)
            cpu, took = cpu_seconds(watch) - before, time.monotonic() - begun
            time.sleep(1.5)
            missed = _missed(site.window / READINGS, at, at + SECONDS)
        finally:
            site.close()
    return [
        Figure("50 replicas a second: intervals missed", missed, "", 0),
        Figure("50 replicas a second: CPU of the watch", 100 * cpu / took, "%", 10),
    ]


def _command(urls: tuple[str, ...]) -> WatchCommand:
    return WatchCommand(token=None, replicas=urls, ready_every=1.0, summary_every=15.0, linger=120.0)


def _missed(readings: Path, begin: float, end: float) -> int:
    """How often a replica was not asked in time, or not at all."""
    with closing(sqlite3.connect(readings)) as connection:
        rows: list[tuple[str, float]] = connection.execute(
            "select replica, at from readings where ask = 'ready' and at between ? and ? order by 1, 2",
            (begin, end),
        ).fetchall()
    late = sum(one[0] == other[0] and other[1] - one[1] > _MISSED for one, other in pairwise(rows))
    return late + REPLICAS - len({replica for replica, _ in rows})
