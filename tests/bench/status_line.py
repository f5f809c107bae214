"""`status --line`, which a status bar asks every few seconds, against Python with sqlite3."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.figures import Figure, median
from tests.bench.site import Site

TIMES = 12
_HEAVY = ("textual", "aiohttp", "pydantic")
_LOADED = """\
import sys
sys.argv = ["drawbridge", *{arguments!r}]
from tui.__main__ import main
try:
    main()
except SystemExit:
    pass
print(*{{name.partition(".")[0] for name in sys.modules}})
"""


def measure(scratch: Path) -> list[Figure]:
    """Both by turns, and what was imported that a line of text does not need."""
    site = Site(scratch, ["http://127.0.0.1:1"])
    try:
        site.open_and_leave(readings=60)
        line = site.drawbridge("status", "--line")
        floor = (sys.executable, "-P", "-c", "import sqlite3")
        pairs = [(_took(line, site), _took(floor, site)) for _ in range(TIMES)]
        program = _LOADED.format(arguments=line[4:])
        loaded = _run((sys.executable, "-P", "-c", program), site).splitlines()[-1].split()
    finally:
        site.close()
    status, bare = (median(column) for column in zip(*pairs, strict=True))
    return [
        Figure("status --line", status, "ms", 3.0, bare),
        Figure("status --line: heavy packages imported", len(set(_HEAVY) & set(loaded)), "", 0),
    ]


def _took(argv: Sequence[str], site: Site) -> float:
    begun = time.perf_counter()
    _run(argv, site)
    return 1000 * (time.perf_counter() - begun)


def _run(argv: Sequence[str], site: Site) -> str:
    return subprocess.run(
        argv, env=site.environment, cwd="/", capture_output=True, text=True, timeout=60, check=True
    ).stdout
