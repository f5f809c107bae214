"""Key to paint in the checklist, while nothing happens and while a million lines flood the run pane."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench.figures import Figure, p95
from tests.bench.pseudo_terminal import PATIENCE, NotSeen, PseudoTerminal
from tests.bench.site import ROOT, Site, replicas
from tests.bench.start import BARE

#: Down and up the checklist: the key, and the step that is under the cursor then.
_WAY = (
    *(("j", title) for title in ("Rollback owner", "Back up the database", "Record the baseline")),
    *(("k", title) for title in ("Back up the database", "Rollback owner", "CI green")),
)
#: How often that way is gone, quietly and under the flood.
QUIET, FLOODED = 30, 10
#: Seconds between two presses, so that each is painted before the next.
PAUSE = 0.06


@contextmanager
def at_checklist(site: Site) -> Iterator[PseudoTerminal]:
    """A console whose resume card was closed, with the cursor on `CI green`."""
    with PseudoTerminal(site.drawbridge(), site.environment) as terminal:
        terminal.seen("Go on")
        terminal.settle()
        terminal.send("\r")
        terminal.gone("Go on")
        _press_until(terminal, "\x1b[H", "Window approved")
        _press_until(terminal, "jj", "CI green")
        yield terminal


def _press_until(terminal: PseudoTerminal, keys: str, title: str) -> None:
    terminal.send(keys)
    deadline = time.monotonic() + PATIENCE
    while title not in terminal.reversed():
        if time.monotonic() > deadline:
            raise NotSeen(f"{title} does not come under the cursor")
        time.sleep(0.02)


def presses(console: PseudoTerminal, bare: PseudoTerminal, rounds: int) -> Iterator[tuple[float, float, int]]:
    """By turns: milliseconds from key to paint in both, and the bytes that the console sent for it."""
    for key, title in _WAY * rounds:
        at = console.send(key)
        took = console.first_bytes(at, title.encode()) - at
        time.sleep(PAUSE)
        sent = console.bytes_since(at)
        at = bare.send("j")
        yield 1000 * took, 1000 * (bare.first_bytes(at, b"ressed:") - at), sent
        time.sleep(PAUSE)


def measure(scratch: Path) -> list[Figure]:
    """A run that waits stands in the pane; then it writes 100,000 lines a second for ten seconds."""
    with ExitStack() as stack:
        urls = stack.enter_context(replicas(3))
        site = Site(scratch, urls, command="paced")
        stack.callback(site.close)
        site.start_run()
        console = stack.enter_context(at_checklist(site))
        bare = stack.enter_context(PseudoTerminal(BARE, site.environment, directory=ROOT))
        bare.seen("pressed:0:")
        site.watch_pid()
        quiet = list(presses(console, bare, QUIET))
        site.go()
        flooded = list(presses(console, bare, FLOODED))
        console.seen("the flood is over")
    return [
        _figure("key to paint, p95", quiet, 1.5),
        _figure("key to paint under a flood, p95", flooded, 2.0),
        Figure("bytes of a key press", p95([sent for _, _, sent in quiet]), "B", 1000),
    ]


def _figure(name: str, taken: list[tuple[float, float, int]], allowed: float) -> Figure:
    console, bare, _ = zip(*taken, strict=True)
    return Figure(name, p95(console), "ms", allowed, p95(bare))
