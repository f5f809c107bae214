"""What an idle console costs: bytes on the line and time of the processors, with every panel live."""

import time
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.keys import at_checklist
from tests.bench.processes import cpu_seconds
from tests.bench.site import Site, replicas

SECONDS = 24


def measure(scratch: Path) -> list[Figure]:
    """Three replicas polled every two seconds, and a run that has been going on for a while."""
    with replicas(3) as urls:
        site = Site(scratch, urls, command="flood")
        try:
            site.start_run()
            with at_checklist(site) as console:
                watch = site.watch_pid()
                time.sleep(3)
                before = cpu_seconds(console.pid) + cpu_seconds(watch)
                begun = time.monotonic()
                time.sleep(SECONDS)
                took = time.monotonic() - begun
                cpu = cpu_seconds(console.pid) + cpu_seconds(watch) - before
                begins = [begun + second for second in range(SECONDS)]
                sent = [console.bytes_since(at) - console.bytes_since(at + 1) for at in begins]
        finally:
            site.close()
    return [
        Figure("bytes of an idle second", sum(sent) / SECONDS, "B", 200),
        Figure("bytes of the fullest second, with new readings", max(sent), "B", 1000),
        Figure("CPU of console and watch, idle", 100 * cpu / took, "%", 3),
    ]
