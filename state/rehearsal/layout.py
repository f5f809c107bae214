"""Where everything of a practice deployment lies, and what `practice.json` keeps of it."""

import json
import os
import time
from pathlib import Path
from typing import Any

from msgspec import Struct

from state.rehearsal.scenarios import Scenario, scenario_named

DATABASE = "artifortress"
#: The processes of the deployment, in the order in which they start.
SERVERS = ("api-1", "api-2")
PROCESSES = (*SERVERS, "worker")


class PracticeError(Exception):
    """The practice deployment cannot do what was asked; the message is for an operator."""


class Layout(Struct, frozen=True):
    """One practice deployment under `root`, as its `practice.json` describes it.

    `ports`: process name to TCP port on 127.0.0.1, the same through every deploy. `pace` scales
    every duration (1 = for people, less = for tests). `python` and `source`: the interpreter and
    the directory that holds the package `state`, for the Makefile and the processes.
    `unused_for`: seconds without a console after which the processes end. `created`: epoch seconds.
    """

    root: Path
    scenario: Scenario
    ports: dict[str, int]
    python: str
    source: str
    pace: float
    unused_for: float
    created: float

    @property
    def site(self) -> Path:
        """The checkout in which make runs."""
        return self.root / "site"

    @property
    def migrations(self) -> Path:
        """The migration files of the installed release."""
        return self.site / "db" / "migrations"

    @property
    def backups(self) -> Path:
        """Where dumps go when nobody says otherwise."""
        return self.root / "backups"

    @property
    def objects(self) -> Path:
        """The object store: one file a blob, and no part of any backup."""
        return self.root / "objects"

    @property
    def run(self) -> Path:
        """Locks, logs and marks of the processes."""
        return self.root / "run"

    @property
    def token(self) -> Path:
        """The file with the admin token, 0600."""
        return self.root / "token"

    @property
    def in_use(self) -> Path:
        """Locked shared by whoever looks at the deployment: unlocked for long, it ends."""
        return self.root / "in-use.lock"

    @property
    def stopped(self) -> Path:
        """Exists while the services are down on purpose: nothing may start them but make."""
        return self.run / "stopped"

    def database(self, name: str = DATABASE) -> Path:
        """The file of a database; the drill and a rehearsed restore have their own."""
        return self.root / f"{name}.db"

    def url(self, server: str) -> str:
        """Base URL of one API replica."""
        return f"http://127.0.0.1:{self.ports[server]}"

    def pause(self, seconds: float) -> None:
        """Sleep for `seconds` of practice time."""
        time.sleep(seconds * self.pace)

    def save(self) -> None:
        """Write `practice.json`."""
        body = {
            "scenario": self.scenario.name,
            "ports": self.ports,
            "python": self.python,
            "source": self.source,
            "pace": self.pace,
            "unused_for": self.unused_for,
            "created": self.created,
        }
        replace_file(self.root / "practice.json", json.dumps(body, indent=2) + "\n")


def load(root: Path) -> Layout:
    """The deployment under `root`; PracticeError when there is none or its description is damaged."""
    path = root / "practice.json"
    try:
        body: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return Layout(
            root=root,
            scenario=scenario_named(body["scenario"]),
            ports={name: int(body["ports"][name]) for name in SERVERS},
            python=str(body["python"]),
            source=str(body["source"]),
            pace=float(body["pace"]),
            unused_for=float(body["unused_for"]),
            created=float(body["created"]),
        )
    except OSError as error:
        raise PracticeError(f"There is no practice deployment in {root}: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise PracticeError(f"{path} is damaged. Remove the directory {root} and start again.") from error


def replace_file(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a whole file or leave the old one: readers never see half of it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as out:
        out.write(text)
    fresh.replace(path)
