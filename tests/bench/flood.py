"""`make` printing a million lines through the console, against the same make with its output in a file."""

import subprocess
import time
from pathlib import Path

from tests.bench.figures import Figure, median
from tests.bench.keys import at_checklist
from tests.bench.processes import forget_peak, peak_mb, resident_mb
from tests.bench.pseudo_terminal import PATIENCE, NotSeen, PseudoTerminal
from tests.bench.site import LAST_LINE, Site, replicas

TIMES = 4
FIRST_LINE = "compiling object 0000001 of"


def measure(scratch: Path) -> list[Figure]:
    """Both by turns, each run in a window of its own."""
    pairs, grown, missing = [], 0.0, 0
    with replicas(3) as urls:
        for number in range(TIMES):
            through, grew, unseen = _through_console(scratch / f"console-{number}", urls)
            pairs.append((through, _into_file(scratch / f"file-{number}", urls)))
            grown, missing = max(grown, grew), missing + unseen
    console, bare = (median(column) for column in zip(*pairs, strict=True))
    return [
        Figure("make of a million lines through the console", console, "s", 1.1, bare),
        Figure("memory that the console grows by meanwhile", grown, "MB", 10),
        Figure("first and last lines that were not to be seen", missing, "", 0),
    ]


def _through_console(scratch: Path, urls: tuple[str, ...]) -> tuple[float, float, int]:
    """Seconds of the run, MB that the console grew by, and how many of both lines did not appear."""
    site = Site(scratch, urls, command="flood")
    try:
        site.start_run()
        with at_checklist(site) as console:
            site.watch_pid()
            time.sleep(1)
            before = resident_mb(console.pid)
            forget_peak(console.pid)
            begun = site.go()
            missing = _unseen(console, LAST_LINE)
            took = _done(site) - begun
            # To the panel of runs, and to the first line of the log.
            console.send("4")
            console.settle(0.2)
            console.send("\x1b[H")
            missing += _unseen(console, FIRST_LINE)
            return took, peak_mb(console.pid) - before, missing
    finally:
        site.close()


def _unseen(console: PseudoTerminal, line: str) -> int:
    try:
        console.seen(line, 20)
    except NotSeen:
        return 1
    return 0


def _into_file(scratch: Path, urls: tuple[str, ...]) -> float:
    site = Site(scratch, urls)
    with (scratch / "log").open("wb") as log:
        make = subprocess.Popen(
            ["make", "flood"], cwd=site.make, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        time.sleep(1)
        begun = site.go()
        make.wait(timeout=PATIENCE)
    return _done(site) - begun


def _done(site: Site) -> float:
    deadline = time.monotonic() + PATIENCE
    done = site.make / "done"
    while not (done.exists() and done.read_text().endswith("\n")):
        if time.monotonic() > deadline:
            raise NotSeen("the flood did not end")
        time.sleep(0.01)
    return float(done.read_text())
