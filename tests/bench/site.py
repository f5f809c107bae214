"""A deployment to measure on: settings, a Makefile that floods, replicas, and windows of any length."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from state.console.opening import open_window, policy_of
from state.console.session import Session
from state.events import (
    Actor,
    Event,
    NoteAdded,
    ObserverJoined,
    ObserverLeft,
    RunEnded,
    RunRequested,
    RunStarted,
    TriggerCleared,
    TriggerTripped,
)
from state.host.locks import is_held
from state.intents import AttestStep, OpenWindow
from state.journal.directory import JOURNAL, READINGS, RUNS, WATCH_LOCK
from state.journal.events import JournalReader, JournalWriter
from state.journal.readings import ReadingsReader
from state.journal.readings_writer import ReadingsWriter
from state.readings import METRICS, Ask, Reading, ReadingClass
from state.settings import Settings, load

ROOT = Path(__file__).parents[2]
SAM = Actor("sam", "sam", "bastion", "pts/1")
PATIENCE = 60.0
#: What a million lines of a run look like; the last one comes alone.
LINES = 1_000_000
LAST_LINE = "the flood is over"

_MAKEFILE = f"""\
flood:
	@while [ ! -e go ]; do sleep 0.01; done; seq -f 'compiling object %07.f of the release' {LINES}
	@echo {LAST_LINE}; date +%s.%N > done
paced:
	@while [ ! -e go ]; do sleep 0.01; done; {sys.executable} pace.py {LINES}
	@echo {LAST_LINE}
short:
	@echo one line
"""
_PACE = """\
import sys, time
begun, lines = time.monotonic(), int(sys.argv[1])
for first in range(0, lines, 1000):
    for line in range(first, first + 1000):
        print(f"compiling object {line:07} of the release")
    time.sleep(max(0.0, begun + first / 100_000 - time.monotonic()))
"""


class Site:
    """One settings file, its state directory, and whatever runs for them."""

    def __init__(self, root: Path, urls: Sequence[str], ready_every: str = "2s", command: str = "") -> None:
        """`command` is the make target that the step `ci-green` runs; empty: the operator attests it."""
        self.root, self.make = root, root / "make"
        self.make.mkdir(parents=True)
        (self.make / "Makefile").write_text(_MAKEFILE)
        (self.make / "pace.py").write_text(_PACE)
        (root / "token").write_text("tok-0123456789\n")
        (root / "token").chmod(0o600)
        step = f'[steps.ci-green]\ncommand = ["make", "{command}"]\n' if command else ""
        self.config = root / "drawbridge.toml"
        self.config.write_text(
            f'environment = "bench"\nstate = "state"\n[api]\nurls = {json.dumps(list(urls))}\n'
            f'token_file = "token"\nready_every = "{ready_every}"\nsummary_every = "15s"\n'
            f'[make]\ndirectory = "make"\nbackup_directory = "make"\n{step}'
        )
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(root), "PYTHONPATH": str(ROOT)}

    @property
    def settings(self) -> Settings:
        """The settings, as the console reads them."""
        return load(self.config)

    @property
    def state(self) -> Path:
        """The state directory."""
        return self.root / "state"

    @property
    def window(self) -> Path:
        """The directory of the one window."""
        (found,) = (self.state / "windows").iterdir()
        return found

    def drawbridge(self, *arguments: str) -> tuple[str, ...]:
        """The command with its settings."""
        return (sys.executable, "-P", "-m", "tui", "--config", str(self.config), *arguments)

    def open(self) -> Session:
        """A new window, driven by this process and observed by nobody."""
        settings = self.settings
        opening = OpenWindow("bench", "v1.5.0", "v1.4.2")
        session = open_window(self.state, settings, policy_of(settings), SAM, opening)
        assert isinstance(session, Session), session
        return session

    def open_and_leave(self, events: int = 0, readings: int = 0) -> None:
        """A window that was left after so many more events, with a last known health and more readings."""
        with closing(self.open()) as session:
            assert session.do(AttestStep("window-approved", "kim", "CHG-1")) is None
            session.leave()
        self.add_events(events)
        self.add_readings(readings)

    def start_run(self) -> int:
        """Starts the command of `ci-green`, which waits for `go` and outlives this process; its id."""
        with closing(self.open()) as session:
            for step in ("window-approved", "backup-available"):
                assert session.do(AttestStep(step, "kim", "CHG-1")) is None
            plan = session.plan(session.window.runbook.step("ci-green"))
            assert plan is not None
            assert (refusal := session.start(plan)) is None, refusal
            run = session.window.record("ci-green").run
            session.leave()
        self.add_readings(60)
        return run

    def go(self) -> float:
        """Lets what waits begin; when, in seconds since the epoch."""
        (self.make / "go").touch()
        return time.time()

    def add_events(self, count: int) -> None:
        """What a very long window is made of, a hundred events at a time: a run with a note, and triggers
        that trip and clear, an incident, and people who come to look and go."""
        now = time.time()
        with closing(JournalWriter(self.window / JOURNAL, SAM, now)) as journal:
            last = journal.append([NoteAdded("", "a long night begins")], now)[-1].seq
            for first in range(0, count, 100):
                together = [*_a_run(last + 1, now), *_unrest(first, min(96, count - first - 4))]
                last = journal.append(together, now)[-1].seq

    def add_readings(self, count: int) -> None:
        """Readings of all replicas up to now, the last one of each a healthy one."""
        replicas, every = self.settings.api.urls, self.settings.api.ready_every
        rounds = max(2, count // (2 * len(replicas)))
        begin = time.time() - rounds * every
        with closing(ReadingsWriter(self.window / READINGS, every, 5.0)) as writer:
            for first in range(0, rounds, 500):
                together = []
                for number in range(first, min(rounds, first + 500)):
                    at = begin + number * every
                    for replica in replicas:
                        together += [_live(replica, at), _ready(replica, at)]
                    if number % 8 == 0:
                        together.append(_summary(replicas[0], at, number))
                writer.append(together)

    def runs(self) -> list[int]:
        """The ids of all runs, oldest first."""
        with closing(JournalReader(self.window / JOURNAL)) as journal:
            return [one.seq for one in journal.after(0) if isinstance(one.event, RunRequested)]

    def run_directory(self, run: int) -> Path:
        """Where a run keeps its log."""
        return self.window / RUNS / str(run)

    def watch_pid(self) -> int:
        """The process that observes the window, once there is one."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if is_held(self.window / WATCH_LOCK):
                with closing(ReadingsReader(self.window / READINGS)) as reader:
                    alive = [one.pid for one in reader.watches() if one.ended_at is None]
                if alive and _works_at(alive[-1], self.window):
                    return alive[-1]
            time.sleep(0.05)
        raise TimeoutError("no watch began")

    def close(self) -> None:
        """Ends the watches, and lets runs end that wait."""
        (self.make / "go").touch()
        for window in (self.state / "windows").glob("*"):
            if is_held(window / WATCH_LOCK):
                with suppress(ProcessLookupError):
                    os.kill(self.watch_pid(), signal.SIGTERM)
            for lock in (*window.glob("runs/*/lock"), window / WATCH_LOCK):
                _until_free(lock)
            for run in window.glob("runs/*"):
                _end_rewriting(run)


def _end_rewriting(run: Path) -> None:
    """A huge log is sealed for longer than it is measured."""
    for pid in (int(place.name) for place in Path("/proc").glob("[0-9]*")):
        if _works_at(pid, run):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)


def _until_free(lock: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while is_held(lock) and time.monotonic() < deadline:
        time.sleep(0.05)


def _works_at(pid: int, directory: Path) -> bool:
    try:
        return str(directory).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _a_run(request: int, at: float) -> list[Event]:
    """Four events; the number of the first one is the run's."""
    return [
        RunRequested("ci-green", ("make", "short"), "/srv", {"CI": "yes"}),
        RunStarted(request),
        RunEnded(request, 0, at, "one line"),
        NoteAdded("ci-green", f"looked at it again, number {request}"),
    ]


def _unrest(number: int, count: int) -> list[Event]:
    each: tuple[Event, ...] = (
        TriggerTripped("backlog", f"failed search jobs: {number} > 20"),
        ObserverJoined(f"observer-{number}", SAM),
        TriggerCleared("backlog"),
        ObserverLeft(f"observer-{number}"),
    )
    return [each[place % len(each)] for place in range(count)]


def _live(replica: str, at: float) -> Reading:
    return Reading(Ask.LIVE, replica, at, ReadingClass.OK, at, 200, 4.0, None, {})


def _ready(replica: str, at: float) -> Reading:
    parts = [{"name": "postgres", "state": "ready", "detail": ""}]
    values = {"status": "ready", "dependencies": parts}
    return Reading(Ask.READY, replica, at, ReadingClass.OK, at, 200, 4.0, None, values)


def _summary(replica: str, at: float, number: int) -> Reading:
    values = {metric.key: number % 5 for metric in METRICS}
    return Reading(Ask.OPS, replica, at, ReadingClass.OK, at, 200, 9.0, None, values)


@contextmanager
def replicas(count: int) -> Iterator[tuple[str, ...]]:
    """The addresses of so many replicas, as long as the block lasts."""
    program = [sys.executable, "-m", "tests.bench.replicas", str(count)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
        try:
            assert server.stdout is not None
            yield tuple(f"http://127.0.0.1:{port}" for port in server.stdout.readline().split())
        finally:
            server.terminate()
