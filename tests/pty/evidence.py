"""What is known of a window without its console: the journal, the runs' directories, `status --json`."""

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from state.deployment import runs as standing
from state.events import Event, Recorded, RunEnded, RunRequested
from state.journal.directory import JOURNAL, RUNS
from state.journal.events import JournalReader

from .terminal import PATIENCE, until

DRAWBRIDGE = str(Path(sys.executable).with_name("drawbridge"))
Kind = TypeVar("Kind", bound=Event)


def environment(home: Path, **more: str) -> dict[str, str]:
    """What a login has, and nothing of the machine that runs the tests."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "XDG_STATE_HOME": str(home / "state"), **more}


class Evidence:
    """Reads the one window of a deployment; its journal must be whole at every look."""

    def __init__(self, config: Path, home: Path) -> None:
        """`config` is the settings file of the deployment, beside its state; `home` that of the login."""
        self.config = config
        self._home = home

    @property
    def window(self) -> Path:
        """The directory of the one window."""
        state = self.config.parent / "state"
        (found,) = [path for path in (state / "windows").iterdir() if not path.name.startswith(".")]
        return found

    def drawbridge(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """A command beside the console."""
        return subprocess.run(
            [DRAWBRIDGE, "--config", str(self.config), *arguments],
            env=environment(self._home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def status(self) -> dict[str, Any]:
        """What `status --json` says."""
        done = self.drawbridge("status", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        return dict(json.loads(done.stdout))

    def step(self, step: str) -> dict[str, Any]:
        """What `status --json` says of one step."""
        (found,) = [one for one in self.status()["steps"] if one["id"] == step]
        return dict(found)

    def recorded(self) -> list[Recorded]:
        """The journal, its chain unbroken."""
        with closing(JournalReader(self.window / JOURNAL)) as reader:
            assert reader.problem() == ""
            return reader.after(0)

    def events(self, kind: type[Kind]) -> list[Kind]:
        """The events of a kind."""
        return [one.event for one in self.recorded() if isinstance(one.event, kind)]

    def run_of(self, step: str) -> int:
        """The id of the one run of a step."""
        (found,) = [
            one.seq
            for one in self.recorded()
            if isinstance(one.event, RunRequested) and one.event.step == step
        ]
        return found

    def await_exit(self, run: int) -> tuple[int, str]:
        """Exit status and whole output of a run, from its directory alone."""
        directory = self.window / RUNS / str(run)
        until((directory / "exit").exists, f"run {run} does not end", 30)
        return int((directory / "exit").read_text()), (directory / "log").read_text()

    def ends_of(self, run: int) -> list[RunEnded]:
        """How often a run ended, as the journal has it."""
        return [event for event in self.events(RunEnded) if event.run == run]

    def await_running(self, step: str) -> int:
        """The run of a step, as soon as it has said something: it goes on for a while then."""
        until(lambda: [e for e in self.events(RunRequested) if e.step == step], f"{step} is not requested")
        run = self.run_of(step)
        log = self.window / RUNS / str(run) / "log"
        until(lambda: log.exists() and log.stat().st_size > 0, f"{step} says nothing", every=0.01)
        return run

    def assert_runs_on(self, run: int) -> None:
        """It lives, and nobody has written down an end of it."""
        probe = standing.probe(self.window / RUNS / str(run), time.time())
        assert probe.standing is standing.Standing.RUNNING
        assert self.ends_of(run) == []
