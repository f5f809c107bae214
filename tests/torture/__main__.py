"""Torments the project and counts what is lost: `python -m tests.torture`, or `make torture`."""

import argparse
import shlex
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import clock, console_death, damage, death, disk, ends, output, stopping
from .figures import Figures, document, table


@dataclass(frozen=True, slots=True)
class Torment:
    """What is done to it (first seed, trials), and how often when nobody says otherwise."""

    inflict: Callable[[int, int], Figures]
    trials: int


TORMENTS = {
    "death": Torment(death.inflict, 1000),
    "console-death": Torment(console_death.inflict, 50),
    "ends": Torment(ends.inflict, 16),
    "runs": Torment(stopping.inflict, 18),
    "disk": Torment(disk.inflict, 24),
    "output": Torment(output.inflict, 1),
    "damage": Torment(damage.inflict, 400),
    "clock": Torment(clock.inflict, 200),
}


def main(arguments: list[str]) -> int:
    """1 where anything was found, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--only", default="", help=f"some of {','.join(TORMENTS)}")
    parser.add_argument("--seeds", type=int, default=1, help="the first seed; each trial takes the next")
    parser.add_argument("--trials", type=int, default=0, help="how often, instead of the usual number")
    parser.add_argument("--json", type=Path, default=Path("build/torture.json"), help="where the figures go")
    given = parser.parse_args(arguments)
    names = given.only.split(",") if given.only else list(TORMENTS)
    if unknown := set(names) - TORMENTS.keys():
        parser.error(f"there is no torment called {', '.join(sorted(unknown))}")
    # A shell that starts this in the background has INT ignored, and everything would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    rows = []
    for name in names:
        torment = TORMENTS[name]
        print(f"{name}…", file=sys.stderr, flush=True)
        rows.append(torment.inflict(given.seeds, given.trials or torment.trials))
        print(table(rows[-1:]), file=sys.stderr, flush=True)
    given.json.parent.mkdir(parents=True, exist_ok=True)
    given.json.write_text(document(rows, shlex.join(["python", "-m", "tests.torture", *arguments])))
    print(table(rows), end="")
    return 1 if any(row.findings for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
