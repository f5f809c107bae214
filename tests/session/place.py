"""A small site for sessions: a Makefile that really runs, an API that really answers, and a driver's hand."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from state.console.opening import attach, join, open_window, policy_of
from state.console.session import Clock, Session
from state.events import Actor
from state.host.locks import is_held
from state.intents import AttestStep, Intent, OpenWindow, Refusal, SkipStep
from state.journal.directory import DRIVER_LOCK, WATCH_LOCK
from state.readings import METRICS
from state.settings import Settings, load
from state.window import StepState

SAM = Actor("sam", "sam", "bastion", "pts/1")
KIM = Actor("kim", "kim", "laptop", "pts/2")

MAKEFILE = r"""
db-backup:
	@cp dump.sql "$$BACKUP_PATH"
db-migrate:
	@cat migrations.txt; exit $$(cat status 2>/dev/null || echo 0)
deploy:
	@echo deploying; while [ -e hold ]; do sleep 0.02; done; echo deployed >>deployed
smoke:
	@echo all is well
"""
DUMP = "--\n-- PostgreSQL database dump\n--\n\n--\n-- PostgreSQL database dump complete\n--\n"
MIGRATIONS = "Skipping 0001.sql (already applied).\nApplying 0002.sql...\nMigrations are up to date.\n"


def wait_for(true: Callable[[], Any], seconds: float = 60) -> Any:
    """What `true` returns once that is something; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
    return value


class Handler(BaseHTTPRequestHandler):
    """A deployment that is well and has no backlog."""

    def do_GET(self) -> None:
        body = json.dumps(
            {
                "/health/live": {"status": "ok"},
                "/health/ready": {"status": "ready", "dependencies": [{"name": "postgres", "healthy": True}]},
                "/v1/admin/ops/summary": {metric.key: 0 for metric in METRICS},
                "/v1/auth/whoami": {"subject": "admin", "scopes": ["admin"], "authSource": "token"},
                "/v1/admin/reconcile/blobs": {
                    **dict.fromkeys(("missingArtifactBlobRefs", "missingManifestBlobRefs"), 0),
                    "orphanBlobCount": 0,
                },
                "/v1/audit": [],
            }[self.path.partition("?")[0]]
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(ConnectionError):
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


class Place:
    """Settings, state directory and site of one test; what it leaves running is ended afterwards."""

    def __init__(self, root: Path, api: str) -> None:
        self.root = root
        self.site = root / "site"
        self.backups = root / "backups"
        self.state = root / "state"
        for directory in (self.site, self.backups):
            directory.mkdir()
        (self.site / "Makefile").write_text(MAKEFILE)
        (self.site / "dump.sql").write_text(DUMP)
        (self.site / "migrations.txt").write_text(MIGRATIONS)
        (self.backups / "old.sql").write_text(DUMP)
        (root / "token").write_text("tok-0123456789\n")
        (root / "token").chmod(0o600)
        (root / "drawbridge.toml").write_text(
            f"""environment = "production"
[api]
urls = ["{api}"]
token_file = "token"
ready_every = "250ms"
summary_every = "250ms"
[make]
directory = "site"
backup_directory = "backups"
environment = {{ PGPASSWORD = "hunter2hunter2" }}
[steps]
deploy = {{ command = ["make", "deploy"] }}
smoke = {{ command = ["make", "smoke"] }}
[judgement]
ready_for = "1s"
sustained_for = "1500ms"
release_after = "500ms"
samples = 3
grace = "500ms"
unplanned_allowed = "60s"
"""
        )
        self.sessions: list[Session] = []

    @property
    def window(self) -> Path:
        """The directory of the one window."""
        (found,) = (self.state / "windows").iterdir()
        return found

    @property
    def settings(self) -> Settings:
        return load(self.root / "drawbridge.toml")

    def open(self, actor: Actor = SAM, clock: Clock = time.time) -> Session:
        settings = self.settings
        opening = OpenWindow("production", "2.0", "1.9")
        return self._kept(open_window(self.state, settings, policy_of(settings), actor, opening, clock))

    def ask_second(self, rule: str, distinct: bool = True) -> None:
        """From now on the settings want a second operator for so much."""
        people = f'[people]\nsecond_operator = "{rule}"\ndistinct_login = {str(distinct).lower()}\n'
        self.edit("[judgement]\n", f"{people}[judgement]\n")

    def edit(self, old: str, new: str) -> None:
        """Changes the settings."""
        path = self.root / "drawbridge.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def attach(self, actor: Actor = SAM) -> Session | Refusal:
        settings = self.settings
        found = attach(self.window, settings, policy_of(settings), actor)
        return found if isinstance(found, Refusal) else self._kept(found)

    def resume(self, actor: Actor = SAM, typed: str = "") -> Session:
        """Drives the window; `typed` is the name of a driver who is gone without a word."""
        found = self.join(actor)
        # A child that is about to become the watch holds on to the drive of a closed console for an instant.
        wait_for(lambda: found.drives or found.take_drive(typed) is None, 5)
        return found

    def join(self, actor: Actor = SAM, only_looks: bool = False, clock: Clock = time.time) -> Session:
        """Drives the window where its drive is free, else looks."""
        settings = self.settings
        found = join(self.window, settings, policy_of(settings), actor, clock, only_looks)
        return self._kept(found)

    def _kept(self, session: Session | Refusal) -> Session:
        assert isinstance(session, Session), session
        self.sessions.append(session)
        return session

    def end(self) -> None:
        """Lets runs end and ends the watches, those included that are about to start."""
        (self.site / "hold").unlink(missing_ok=True)
        for session in self.sessions:
            session.close()
        for thread in threading.enumerate():
            if thread.name == "watch":
                thread.join()
        for window in (self.state / "windows").glob("*"):
            for run in (window / "runs").iterdir():
                wait_for(lambda run=run: not is_held(run / "lock"))
            for pid in watches(window):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            wait_for(lambda window=window: not watches(window) and not is_held(window / WATCH_LOCK))
            assert not is_held(window / DRIVER_LOCK)


def watches(window: Path) -> list[int]:
    """The processes that observe this window, by their command lines."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0")
            if b"state.watch" in words and str(window).encode() in words:
                found.append(int(process.name))
    return found


def settle(session: Session, step: str, *states: StepState, seconds: float = 60) -> None:
    """Ticks, as a console does, until the step is in one of the states (done, unless others are named)."""

    def there() -> bool:
        session.tick()
        return session.window.record(step).state in (states or (StepState.DONE,))

    wait_for(there, seconds)


def must(session: Session, intent: Intent) -> None:
    assert session.do(intent) is None


def run(session: Session, step: str) -> int:
    """Starts the command of a step; answers the run."""
    plan = session.plan(session.window.runbook.step(step))
    assert plan is not None
    assert session.start(plan) is None
    return session.window.record(step).run


def attest_preconditions(session: Session) -> None:
    for step in ("window-approved", "backup-available", "ci-green", "rollback-owner"):
        must(session, AttestStep(step, "kim", f"REF-{step}"))


def ready_to_run(place: Place, step: str = "deploy", **opened: Any) -> Session:
    """A window in which all before the step has been attested or skipped; `opened` as for `open`."""
    session = place.open(**opened)
    attest_preconditions(session)
    for before in ("backup", "baseline", "deploy", "migrate", "health"):
        if before == step:
            break
        must(session, SkipStep(before, "not in this test"))
    return session
