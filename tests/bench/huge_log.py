"""Opening, jumping and searching in a log of 1 GB, against less and grep on the same file."""

import subprocess
import time
from collections.abc import Iterator
from math import inf
from pathlib import Path

from tests.bench.figures import Figure, median
from tests.bench.keys import at_checklist
from tests.bench.processes import forget_peak, peak_mb, resident_mb
from tests.bench.pseudo_terminal import PseudoTerminal
from tests.bench.site import Site, replicas

SIZE = 1_000_000_000
TIMES = 5
#: Short enough for the frame of the pane, which says where it was found; what it begins with is in every
#: line.
NEEDLE = "object lost"
_FIRST = "compiling object 000000001 of"
_ANY = r"compiling object \d+ of"
_HOME, _END, _LEFT = "\x1b[H", "\x1b[F", "\x1b[D"


def measure(scratch: Path) -> list[Figure]:
    """Two runs that are over, the earlier one with the huge log; the console begins on the later one."""
    with replicas(1) as urls:
        site = Site(scratch, urls)
        try:
            site.open_and_leave(events=200, readings=60)
            huge, small = (site.run_directory(run) for run in site.runs())
            for directory in (huge, small):
                directory.mkdir(mode=0o700)
            (small / "log").write_text("one line\n")
            (small / "log").chmod(0o600)
            _write_huge(huge / "log")
            with at_checklist(site) as console:
                return list(_in_console(console, site, huge / "log"))
        finally:
            site.close()


def _write_huge(log: Path) -> None:
    command = ["seq", "-f", "compiling object %09.f of the release", "100000000"]
    with log.open("wb") as file, subprocess.Popen(command, stdout=subprocess.PIPE) as lines:
        assert lines.stdout is not None
        written = 0
        while written < SIZE:
            written += file.write(lines.stdout.read(1 << 20))
        lines.terminate()
        file.write(f"\n{NEEDLE}\n".encode())
    log.chmod(0o600)


def _in_console(console: PseudoTerminal, site: Site, log: Path) -> Iterator[Figure]:
    console.send("4")
    console.seen("one line")
    time.sleep(1)
    before = resident_mb(console.pid)
    forget_peak(console.pid)
    begun = console.send(_LEFT)
    ready = console.seen(_ANY, since=begun) - begun
    yield Figure("1 GB log: ready", 1000 * ready, "ms", 300)
    less = median([_less_ready(site, log) for _ in range(TIMES)])
    yield Figure("the same in less, its start included", 1000 * less, "ms", inf)
    # The index is complete when the end is: only then the last line stands at the bottom.
    console.seen(NEEDLE)
    jumps = [
        _jump(console, key, line) for _ in range(TIMES) for key, line in ((_HOME, _FIRST), (_END, NEEDLE))
    ]
    yield Figure("1 GB log: jump to an end", 1000 * max(jumps), "ms", 300)
    searches = [(_search(console), _grep(log)) for _ in range(3)]
    search, grep = (median(column) for column in zip(*searches, strict=True))
    yield Figure("1 GB log: search, against grep -F", search, "s", 2.0, grep)
    yield Figure("1 GB log: memory over idle", peak_mb(console.pid) - before, "MB", 20)


def _jump(terminal: PseudoTerminal, key: str, line: str) -> float:
    begun = terminal.send(key)
    took = terminal.seen(line, since=begun) - begun
    terminal.settle(0.2)
    return took


def _less_ready(site: Site, log: Path) -> float:
    with PseudoTerminal(("less", str(log)), site.environment) as less:
        return less.seen(_FIRST) - less.started_at


def _search(console: PseudoTerminal) -> float:
    """Seconds from enter to the one line that has the needle, from the first line on."""
    _jump(console, _HOME, _FIRST)
    console.send("/")
    console.settle(0.3)
    console.send(NEEDLE)
    console.settle(0.2)
    begun = console.send("\r")
    # In the frame of the pane: the words themselves stand in the search line as well.
    took = console.seen(r"on line \d+ · n N", since=begun) - begun
    console.settle(0.3)
    return took


def _grep(log: Path) -> float:
    begun = time.perf_counter()
    subprocess.run(["grep", "-F", NEEDLE, str(log)], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun
