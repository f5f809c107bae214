"""Cold start to checklist and last known health, against a bare Textual app."""

import sys
from math import inf
from pathlib import Path

from tests.bench.figures import Figure, median
from tests.bench.pseudo_terminal import PseudoTerminal
from tests.bench.site import ROOT, Site, replicas

TIMES = 8
#: A line of the screen that has a step of the checklist and the health of the deployment.
USEFUL = r"Window approved.*● ready"
BARE = (sys.executable, "-P", "-m", "tests.bench.bare")


#: What the first dialog of a console on a window that was left before can be answered with.
ANSWER = "Go on"


def console_start(site: Site) -> tuple[float, float]:
    """Milliseconds from the start of a console to its first useful screen, and until keys count."""
    with PseudoTerminal(site.drawbridge(), site.environment) as terminal:
        useful = terminal.seen(USEFUL) - terminal.started_at
        ready = terminal.seen(ANSWER) - terminal.started_at
        return 1000 * useful, 1000 * ready


def bare_start(site: Site) -> float:
    """Milliseconds from the start of the bare app to its screen."""
    with PseudoTerminal(BARE, site.environment, directory=ROOT) as terminal:
        return 1000 * (terminal.seen("pressed:0:") - terminal.started_at)


def measure(scratch: Path) -> list[Figure]:
    """Both by turns; the watch of the window is at work already, as it is when somebody comes back."""
    with replicas(3) as urls:
        site = Site(scratch, urls)
        try:
            site.open_and_leave(readings=60)
            console_start(site)
            site.watch_pid()
            taken = [(*console_start(site), bare_start(site)) for _ in range(TIMES)]
        finally:
            site.close()
    useful, ready, bare = (median(column) for column in zip(*taken, strict=True))
    return [
        Figure("cold start to the first useful screen", useful, "ms", 1.35, bare),
        Figure("cold start until keys count", ready, "ms", inf, bare),
    ]
