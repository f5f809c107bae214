"""Examines in a process of its own: the console makes no call to the outside and never holds the token."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from msgspec.structs import asdict

from state.doctor.check import Check, fail
from state.host.environ import own_environment

#: Seconds that all of it may take; each part has a shorter deadline of its own.
PATIENCE = 90.0


def examine_apart(config: Path, variables: Mapping[str, str]) -> tuple[Check, ...]:
    """All checks but those of the terminal, which somebody sits at; raises OSError or TimeoutExpired.

    `variables` may hold secrets: they go through a pipe, not into the environment of a process.
    """
    done = subprocess.run(
        # -P: a file of that name in the working directory must not become our `state`.
        [sys.executable, "-P", "-m", "state.doctor"],
        cwd="/",
        env=own_environment(),
        input=json.dumps({"config": str(config), "variables": dict(variables)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    if done.returncode:
        return (fail("doctor", f"ended with {done.returncode}", "run `drawbridge doctor` to see why"),)
    return tuple(Check(**one) for one in json.loads(done.stdout))


def answer(asked: TextIO, out: TextIO) -> None:
    """The other end: reads what is asked, and writes what was found."""
    from state.doctor.examination import examine

    wanted = json.load(asked)
    found = examine(Path(wanted["config"]), wanted["variables"], Path("/"), at_terminal=False)
    json.dump([asdict(check) for check in found], out)
