"""What came of what was asked: looks at runs, backups, samples and gates, and puts it into events.

Every function answers with facts for the journal and changes nothing itself, so that a console
that died half-way leaves nothing behind that the next one would not find again.
"""

from pathlib import Path

from state.deployment import backup, runs
from state.deployment.migrations import read_listing
from state.events import (
    BackupExamined,
    Event,
    MigrationsListed,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunSignalled,
    RunStarted,
    SnapshotRecorded,
    StepPassed,
)
from state.judgement.baseline import summarise
from state.judgement.gates import GateState
from state.judgement.phrases import duration
from state.judgement.verdicts import Verdicts
from state.readings import Ask, Observed, Reading, ReadingClass
from state.rules import STOP_SIGNALS
from state.runbook import StepKind
from state.text import printable
from state.window import Run, RunState, StepState, Window

#: Seconds between INT, TERM and KILL.
STOP_GRACE = 10.0

_LOST = {
    runs.Standing.KILLED: "It was killed; how far it came is unknown.",
    runs.Standing.REBOOTED: "The host was rebooted while it ran; how far it came is unknown.",
}

_GONE = "It was started, and its directory is gone; how far it came is unknown."


def of_run(window: Window, run: Run, directory: Path, now: float) -> tuple[Event, ...]:
    """The news of an open run: started, ended, lost, or never started. Empty: it goes on."""
    probe = runs.probe(directory, now)
    if probe.standing is runs.Standing.FINISHED and probe.exit_code is not None:
        return _ended(window, run, directory, probe)
    if probe.standing is runs.Standing.RUNNING:
        return () if run.state is RunState.RUNNING else (RunStarted(run.id),)
    if probe.standing is runs.Standing.NEVER_STARTED:
        if run.state is RunState.RUNNING and not directory.exists():
            return (RunLost(run.id, _GONE),)
        return (RunNotStarted(run.id, "It was never started: the console ended before. Nothing has run."),)
    listing = _migrations(window, run, directory)
    return (*listing, RunLost(run.id, _LOST[probe.standing]))


def _ended(window: Window, run: Run, directory: Path, probe: runs.Probe) -> tuple[Event, ...]:
    code = probe.exit_code if probe.exit_code is not None else -1
    line = runs.failing_line(directory) if code else ""
    ended = RunEnded(run.id, code, probe.ended_at or 0.0, line, probe.left_running)
    return (*_migrations(window, run, directory), ended)


def _migrations(window: Window, run: Run, directory: Path) -> tuple[Event, ...]:
    if window.runbook.step(run.step).target != "db-migrate":
        return ()
    listing = read_listing(directory / "log")
    return (
        MigrationsListed(run.id, listing.applied, listing.skipped, listing.complete, listing.interrupted),
    )


def next_signal(run: Run, now: float) -> tuple[Event, ...]:
    """The next harder signal for a run that was asked to stop and has had its grace."""
    if not run.signals or now - run.signals[-1][0] < STOP_GRACE:
        return ()
    sent = STOP_SIGNALS.index(run.signals[-1][1])
    return (RunSignalled(run.id, STOP_SIGNALS[sent + 1]),) if sent + 1 < len(STOP_SIGNALS) else ()


def backup_to_examine(window: Window) -> tuple[str, int, Path] | None:
    """Step, run and file of a backup that was written and not looked at yet."""
    for step in window.checklist:
        record = window.record(step.id)
        if step.writes_backup and record.state is StepState.CHECKING:
            return step.id, record.run, Path(window.runs[record.run].variables["BACKUP_PATH"])
    return None


def of_backup(step: str, run: int, path: Path, now: float) -> BackupExamined:
    """What a look at this window's own backup found. Takes seconds for a large file."""
    found = backup.examine(path)
    age = max(0.0, now - found.captured_at)
    # Anybody who may write backups gives them their names.
    name, problem = printable(str(path)), printable(found.problem)
    return BackupExamined(step, name, found.size, found.sha256, found.captured_at, age, problem, run)


def of_newest_backup(step: str, directory: Path, stale_after: float, now: float) -> BackupExamined:
    """What a look at the newest backup found: whole, and not older than `stale_after` seconds."""
    try:
        path = backup.newest(directory)
    except OSError as error:
        problem = f"{directory} cannot be read ({error.strerror})"
        return BackupExamined(step, str(directory), 0, "", 0.0, 0.0, problem)
    if path is None:
        return BackupExamined(step, str(directory), 0, "", 0.0, 0.0, f"no *.sql backup in {directory}")
    fact = of_backup(step, 0, path, now)
    if not fact.problem and fact.age > stale_after:
        problem = f"the newest backup is {duration(fact.age)} old, {duration(stale_after)} is allowed"
        return BackupExamined(step, fact.path, fact.size, fact.sha256, fact.captured_at, fact.age, problem)
    return fact


def samples_taken(window: Window, observed: Observed) -> tuple[Reading, ...]:
    """The good ops readings since the series began, oldest first."""
    if window.sampling is None:
        return ()
    since = window.sampling.since
    return tuple(r for r in observed.ops if r.reading_class is ReadingClass.OK and r.at > since)


def of_sampling(window: Window, observed: Observed, seen: Verdicts) -> tuple[Event, ...]:
    """The snapshot, once the series has as many samples as were wanted."""
    taken = samples_taken(window, observed)
    if window.sampling is None or len(taken) < window.sampling.wanted:
        return ()
    base = window.policy.replicas[0]
    whoami = observed.latest.get((Ask.WHOAMI, base))
    snapshot = SnapshotRecorded(
        step=window.sampling.step,
        first_at=taken[0].at,
        last_at=taken[-1].at,
        samples=len(taken),
        metrics=summarise(taken),
        base=base,
        subject=str((whoami.values or {}).get("subject", "")) if whoami else "",
        ready=seen.readiness.worst,
        skew=taken[-1].skew,
        verdicts=tuple(seen.rows_as_json()),
    )
    return (snapshot,)


def of_health(window: Window, seen: Verdicts) -> tuple[Event, ...]:
    """The health step has passed, once the readiness gate says so."""
    gate = next(gate for gate in seen.gates if gate.id == "readiness")
    if gate.state is not GateState.PASS:
        return ()
    for step in window.checklist:
        if step.kind is StepKind.STABLE and window.record(step.id).state is StepState.BEGUN:
            return (StepPassed(step.id, gate.reason, dict(gate.numbers)),)
    return ()
