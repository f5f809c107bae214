"""An operator without a screen: drives a session over a practice deployment, as the console would."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from state.console.approvals import for_run
from state.console.opening import join, open_window, policy_of
from state.console.plans import RunPlan
from state.console.session import Session
from state.deployment import runs
from state.events import Actor, Event
from state.host.locks import is_held
from state.intents import (
    SCREEN,
    AttestStep,
    BeginRollback,
    BeginStep,
    Check,
    GiveApproval,
    Intent,
    OpenWindow,
    Refusal,
    SendMessage,
)
from state.journal import mail
from state.journal.directory import JOURNAL, MAIL, RUNS, WATCH_LOCK
from state.journal.events import JournalReader
from state.rehearsal import layout
from state.rehearsal.practice import Practice
from state.settings import load
from state.window import ACTIVE, RESTORE, StepState, Window

KIM = Actor("kim", "kim", "bastion", "pts/1")
Kind = TypeVar("Kind", bound=Event)

#: Where nothing else is said, a practice deployment hurries.
PACE = 0.1


class Headless:
    """One window, driven through its session; every refusal that is not asked for fails the test."""

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def window(self) -> Window:
        """The window as it stands."""
        return self.session.window

    def until(self, done: Callable[[], Any], words: str, seconds: float = 30.0) -> Any:
        """Ticks until it is so."""
        deadline = time.monotonic() + seconds
        while True:
            self.session.tick()
            if found := done():
                return found
            assert time.monotonic() < deadline, f"not within {seconds:g} s: {words}"
            time.sleep(0.05)

    def must(self, intent: Intent) -> None:
        """What must not be refused."""
        assert (refusal := self.session.do(intent)) is None, refusal

    def events(self, kind: type[Kind]) -> list[Kind]:
        """The events of a kind, from the journal, whose chain is whole."""
        return events_of(self.session.directory, kind)

    def settle(self, step: str, state: StepState = StepState.DONE, seconds: float = 30.0) -> None:
        """Waits for the end of a step."""
        self.until(lambda: self.window.record(step).state not in ACTIVE, f"{step} does not end", seconds)
        record = self.window.record(step)
        assert record.state is state, (step, record.state, record.problem)

    def plan(self, step: str) -> RunPlan:
        """The command of a step."""
        found = self.session.plan(self.window.runbook.step(step))
        assert found is not None
        return found

    def run(self, step: str, state: StepState = StepState.DONE) -> None:
        """The command of a step, to its end."""
        refusal = self.session.start(self.plan(step))
        assert refusal is None, refusal
        self.settle(step, state)

    def attest(self, *steps: str) -> None:
        """Evidence for steps."""
        for step in steps:
            self.must(AttestStep(step, "kim", "CHG-1042"))

    def look(self, step: str, state: StepState = StepState.DONE) -> None:
        """A step that the console sees for itself."""
        self.must(BeginStep(step))
        self.settle(step, state)

    def sample(self, step: str) -> None:
        """A series of ops summaries."""
        assert self.session.take_samples(self.window.runbook.step(step)) is None
        self.settle(step)

    # The upgrade

    def prepare(self) -> None:
        """All before the deployment is changed."""
        self.attest("window-approved")
        self.look("backup-available")
        self.attest("ci-green", "rollback-owner")
        self.run("backup")
        self.sample("baseline")

    def upgrade(self, migrated: StepState = StepState.DONE) -> None:
        """From the beginning to just after the migrations."""
        self.prepare()
        self.run("deploy")
        self.run("migrate", migrated)

    # The way back

    def turn(self, depth: str, migration_class: str = "") -> None:
        """The direction turns."""
        window = self.window
        loses = self.session.view.losses(self.session.now()) if depth == RESTORE else ""
        restore = window.restore_phrase if depth == RESTORE else ""
        self.must(
            BeginRollback(depth, "it is not well", migration_class, window.rollback_phrase, restore, loses)
        )

    def stop_release(self) -> None:
        """Nothing runs any more, and the previous binaries are in place."""
        self.run("stop-release")
        self.run("redeploy-previous")

    def checks(self) -> tuple[Check, ...]:
        """The checks before a restore, as they come out now."""
        made: list[tuple[Check, ...]] = []
        self.until(lambda: self.session.check_restore(made.append), "the checks are not begun")
        return tuple(self.until(lambda: made, "the checks do not come")[0])

    def passed_checks(self) -> tuple[Check, ...]:
        """The checks, as soon as each of them passes: the watch sees a stop a moment later."""
        for _ in range(100):
            made = self.checks()
            if all(check.passed for check in made):
                return made
        raise AssertionError(f"the checks do not pass: {[check for check in made if not check.passed]}")

    def safety_backup(self) -> None:
        """The database as it is now, to a file, and counted."""
        plan = self.session.plan_safety_backup(self.window.runbook.step("restore"))
        assert self.session.start(plan) is None
        self.until(lambda: self.window.safety_backup, "the safety backup is not examined")

    def ask_restore(
        self, phrase: str | None = None, checks: tuple[Check, ...] | None = None
    ) -> Refusal | None:
        """Asks for the restore, as the dialog does."""
        typed = self.window.restore_phrase if phrase is None else phrase
        made = self.checks() if checks is None else checks
        return self.session.start(self.plan("restore"), typed, made)

    def second(self, step: str, name: str = "lee") -> None:
        """Another person's word for the command of a step, typed at this keyboard."""
        self.must(for_run(self.window, self.plan(step), ""))
        assert self.window.approval is not None
        lee = replace(KIM, operator=name)
        self.must(GiveApproval(self.window.approval.request, lee, self.window.approval_phrase, SCREEN))

    def restore(self) -> None:
        """The database goes back, up to the previous release not yet started."""
        checks = self.passed_checks()
        self.second("restore")
        assert (refusal := self.ask_restore(checks=checks)) is None, refusal
        self.settle("restore")

    def validate(self) -> None:
        """Health, the core actions and the backlog, and the message about it."""
        self.look("validate-health")
        self.look("validate-smoke")
        self.sample("validate-backlog")
        self.must(SendMessage("It was rolled back.", "copied"))

    def declare(self, outcome: str) -> None:
        """The outcome, with the gates as they stand."""
        assert (refusal := self.session.declare(outcome, "", {}, {})) is None, refusal


def events_of(window: Path, kind: type[Kind]) -> list[Kind]:
    """The events of a kind, from a journal whose chain is whole."""
    with closing(JournalReader(window / JOURNAL)) as reader:
        assert reader.problem() == ""
        return [one.event for one in reader.after(0) if isinstance(one.event, kind)]


def begin(config: Path, releases: tuple[str, str], practice: bool = True) -> Headless:
    """A new window of the deployment that these settings are of; `releases`: new and previous."""
    settings = load(config)
    opening = OpenWindow(settings.environment, *releases, practice=practice)
    state = config.parent / "state"
    session = open_window(state, settings, policy_of(settings), KIM, opening)
    assert isinstance(session, Session), session
    return Headless(session)


def take_up(config: Path, window: Path) -> Headless:
    """A window that is there, taken up by the next session."""
    settings = load(config)
    session = join(window, settings, policy_of(settings), KIM)
    if not session.drives:
        assert session.window.driver is not None
        assert (refusal := session.take_drive(session.window.driver.actor.operator)) is None, refusal
    return Headless(session)


def hurry(practice: Practice, pace: float) -> None:
    """Commands that begin from now on keep this pace; what runs keeps its own."""
    replace(layout.load(practice.root), pace=pace).save()


def end_windows(state: Path) -> None:
    """Ends the runs and the watches of all windows."""
    for window in (state / "windows").iterdir() if (state / "windows").is_dir() else ():
        for run in (window / RUNS).iterdir() if (window / RUNS).is_dir() else ():
            runs.send_signal(run, "KILL")
        if is_held(window / WATCH_LOCK):
            mail.send(window / MAIL, "watch", "stop", {"why": "the test is over"})
            deadline = time.monotonic() + 20
            while is_held(window / WATCH_LOCK):
                assert time.monotonic() < deadline, "the watch does not end"
                time.sleep(0.05)


def database(practice: Practice, name: str = layout.DATABASE) -> Path:
    """The file of the practice database."""
    return practice.root / f"{name}.db"


@contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a database that nobody drops meanwhile."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as link:
        yield link


def audit(practice: Practice) -> dict[int, float]:
    """The audit log as it is now: when each row was written (seconds since the epoch), by its id."""
    with reading(database(practice)) as link:
        return dict(link.execute("select id, occurred_at from audit_log").fetchall())


def tables(practice: Practice) -> set[str]:
    """The tables of the practice database; none where there is no database."""
    if not database(practice).exists():
        return set()
    with reading(database(practice)) as link:
        return {name for (name,) in link.execute("select name from sqlite_master where type = 'table'")}
