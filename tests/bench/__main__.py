"""Measures every row beside its floor: `python -m tests.bench [--only ROW,...] [--keep] [--peers BIN]`.

Exit status 1 where a figure is over what is allowed, worse than the kept one by more than a quarter,
or could not be measured.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from tests.bench import peers
from tests.bench.figures import Figure, table, with_worse
from tests.bench.site import ROOT

ROWS = (
    *("start", "resume", "status_line", "keys", "idle"),
    *("flood", "huge_log", "journal", "polling"),
)
KEPT = Path(__file__).parent / "kept.json"
RESULT = ROOT / "build" / "bench.json"


def main(arguments: list[str]) -> int:
    """Runs the bench."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--only", default=",".join(ROWS), help=f"rows to measure, of {', '.join(ROWS)}")
    parser.add_argument("--keep", action="store_true", help="compare with these scores from now on as well")
    parser.add_argument(
        "--peers", default="", help="directories of programs to measure beside it, as in PATH"
    )
    chosen = parser.parse_args(arguments)
    kept: dict[str, float] = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    RESULT.parent.mkdir(exist_ok=True)
    load = os.getloadavg()[0]
    figures, failed = [], []
    with tempfile.TemporaryDirectory(dir=RESULT.parent) as scratch:
        for row in chosen.only.split(","):
            print(f"measuring {row} …", file=sys.stderr, flush=True)
            try:
                figures += import_module(f"tests.bench.{row}").measure(Path(scratch) / row)
            except Exception as error:
                failed.append(f"{row} could not be measured: {error}")
        others = peers.measure(chosen.peers, Path(scratch) / "peers") if chosen.peers else ()
    print(table(figures, kept))
    print(f"\nload of the machine: {load:.1f} before, {os.getloadavg()[0]:.1f} after, {os.cpu_count()} cores")
    for line in (*others, *failed):
        print(line)
    _write(figures, load)
    if chosen.keep:
        KEPT.write_text(json.dumps(with_worse(kept, figures), indent=2) + "\n")
    return 1 if failed or any(one.verdict(kept) != "ok" for one in figures) else 0


def _write(figures: list[Figure], load: float) -> None:
    measured = [
        {
            "name": f.name,
            "value": f.value,
            "unit": f.unit,
            "floor": f.floor,
            "score": f.score,
            "holds": f.holds,
        }
        for f in figures
    ]
    about = {
        "at": time.time(),
        "load": load,
        "python": platform.python_version(),
        "textual": version("textual"),
    }
    RESULT.write_text(json.dumps({**about, "figures": measured}, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
