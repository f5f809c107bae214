"""Other programs beside the console, where they are installed: start, keys, idle, and a growing file."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which

from tests.bench.figures import median, p95
from tests.bench.processes import cpu_seconds, resident_mb
from tests.bench.pseudo_terminal import NotSeen, PseudoTerminal
from tests.bench.site import LAST_LINE, LINES, Site

TIMES, PRESSES, IDLE = 4, 20, 8
#: Program, arguments, a key that paints, and what its useful screen shows.
PEERS = (
    # Textual's own demo, of the first Python on the path.
    ("python", ("-m", "textual"), "\t", r"What is Textual"),
    ("tl", ("{log}",), "\x1b[A", r"compiling object"),
    ("posting", ("--collection", "{directory}"), "\t", r"Collection"),
    ("harlequin", (), "x", r"Data Catalog"),
    ("dolphie", ("--tab-setup",), "\t", r"Host"),
)
_GROW = """\
import sys
with open(sys.argv[1], "a") as log:
    for line in range(int(sys.argv[2])):
        log.write(f"compiling object {line:07} of the release\\n")
    log.write(sys.argv[3] + "\\n")
"""


def measure(directories: str, scratch: Path) -> Iterator[str]:
    """One line for each program that is there; `directories` as in PATH."""
    site = Site(scratch, ["http://127.0.0.1:1"])
    log = scratch / "short.log"
    log.write_text("".join(f"compiling object {line:07} of the release\n" for line in range(1000)))
    yield "\npeers: start, key to paint p95, bytes a key, idle bytes/s, idle CPU, memory"
    for name, arguments, key, useful in PEERS:
        if program := which(name, path=directories):
            words = [word.format(log=log, directory=scratch) for word in arguments]
            yield _told(f"{name:<10}", (program, *words), key, useful, site)
    yield "peers: seconds until the last of a million lines that a growing file got is on the screen"
    followers = (("less +F", which("less"), ("+F",)), ("tl", which("tl", path=directories), ()))
    for name, program, arguments in followers:
        if program:
            yield f"{name:<10} {_follow((program, *arguments), scratch / f'{name[:2]}.log', site)}"


def _told(name: str, argv: tuple[str, ...], key: str, useful: str, site: Site) -> str:
    try:
        return name + _measured(argv, key, useful, site)
    except (NotSeen, OSError) as error:
        return f"{name} could not be measured: {str(error).splitlines()[0]}"


def _measured(argv: tuple[str, ...], key: str, useful: str, site: Site) -> str:
    starts, taken, sent = [], [], []
    for number in range(TIMES):
        with PseudoTerminal(argv, site.environment) as peer:
            starts.append(peer.seen(useful, 30) - peer.started_at)
            if number < TIMES - 1:
                continue
            peer.settle(1, 10)
            for _ in range(PRESSES):
                at = peer.send(key)
                taken.append(1000 * (peer.first_bytes(at, seconds=5) - at))
                peer.settle(0.2, 1)
                sent.append(peer.bytes_since(at))
            cpu, at = cpu_seconds(peer.pid), time.monotonic()
            time.sleep(IDLE)
            cpu, rate = cpu_seconds(peer.pid) - cpu, peer.bytes_since(at) / IDLE
            memory = resident_mb(peer.pid)
    return (
        f" {1000 * median(starts):6.0f} ms {p95(taken):7.1f} ms {median(sent):8.0f} B"
        f" {rate:8.0f} B/s {100 * cpu / IDLE:5.1f} % {memory:4.0f} MB"
    )


def _follow(argv: tuple[str, ...], log: Path, site: Site) -> str:
    log.write_text("the first line\n")
    with PseudoTerminal((*argv, str(log)), site.environment) as peer:
        peer.seen("the first line")
        begun = time.monotonic()
        writer = [sys.executable, "-c", _GROW, str(log), str(LINES), LAST_LINE]
        subprocess.run(writer, check=True)
        written = time.monotonic() - begun
        try:
            seen = peer.seen(LAST_LINE, 30) - begun
        except NotSeen:
            return "not within 30 s"
        return f"{seen:.2f} s (written in {written:.2f} s), {resident_mb(peer.pid):.0f} MB"
