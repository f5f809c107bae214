"""What came of what was asked: looks at runs, backups, samples and gates, and puts it into events.

Every function answers with facts for the journal and changes nothing itself, so that a console
that died half-way leaves nothing behind that the next one would not find again.
"""

from collections.abc import Iterable
from pathlib import Path

from state.console.history import History
from state.deployment import backup, runs
from state.deployment.drill import read_figures
from state.deployment.migrations import read_listing
from state.events import (
    BackupExamined,
    DrillRecorded,
    Event,
    MessageSent,
    MigrationsListed,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunSignalled,
    RunStarted,
    SnapshotRecorded,
    StepFailed,
    StepPassed,
    TriggerCleared,
    TriggerTripped,
)
from state.intents import POSTED, SAFETY_BACKUP
from state.judgement.baseline import summarise
from state.judgement.gates import GateState
from state.judgement.phrases import duration
from state.judgement.triggers import Trigger
from state.judgement.verdicts import Verdicts
from state.readings import Ask, Observed, ReadingClass
from state.rules import STOP_SIGNALS
from state.runbook import StepKind
from state.text import printable
from state.text.counting import counted
from state.view import missing_blobs, samples_taken
from state.window import Run, RunState, StepState, Window

#: Seconds between INT, TERM and KILL.
STOP_GRACE = 10.0

_LEFT_BEHIND = (
    "It was killed; how far it came is unknown, and something that it started still runs: "
    "look for it with fuser on the run's lock."
)
_LOST = {
    runs.Standing.KILLED: "It was killed; how far it came is unknown.",
    runs.Standing.REBOOTED: "The host was rebooted while it ran; how far it came is unknown.",
}

_NO_ROOM = (
    "The disk had no room to write down that it runs, so nothing has run. Free the disk, then run it again."
)
_GONE = "It was started, and nothing is left that tells how far it came."


def of_run(
    window: Window, run: Run, directory: Path, now: float, secrets: Iterable[str] = ()
) -> tuple[Event, ...]:
    """The news of an open run: started, ended, lost, or never started. Empty: it goes on.

    `secrets` are values that must not be in the words of it.
    """
    probe = runs.probe(directory, now)
    if probe.standing is runs.Standing.FINISHED and probe.exit_code is not None:
        if probe.left_running and _is_being_stopped(run, directory, now):
            return ()
        return _ended(window, run, directory, probe, secrets)
    if probe.standing is runs.Standing.RUNNING:
        if _killed(run, directory, now):
            return (*_migrations(window, run, directory), RunLost(run.id, _LEFT_BEHIND))
        return () if run.state is RunState.RUNNING else (RunStarted(run.id),)
    if probe.standing is runs.Standing.NO_ROOM:
        return (RunNotStarted(run.id, _NO_ROOM),)
    if probe.standing is runs.Standing.NEVER_STARTED:
        if run.state is RunState.RUNNING:
            # It was seen to start: whatever has become of its directory, something has run.
            return (RunLost(run.id, _GONE),)
        return (RunNotStarted(run.id, "It was never started: the console ended before. Nothing has run."),)
    listing = _migrations(window, run, directory)
    return (*listing, RunLost(run.id, _LOST[probe.standing]))


def _is_being_stopped(run: Run, directory: Path, now: float) -> bool:
    """Whether what it started is still to be stopped: a stop means the whole group, not its first process.

    Of another login's run this console sends nothing harder: waiting for it would never end.
    """
    if runs.unstoppable(directory):
        return False
    return bool(run.signals) and not _has_nothing_harder(run, now) and not runs.is_gone(directory)


def _killed(run: Run, directory: Path, now: float) -> bool:
    """Whether KILL has ended it, though something that it started still holds its lock."""
    return _has_nothing_harder(run, now) and runs.is_gone(directory)


def _has_nothing_harder(run: Run, now: float) -> bool:
    """Whether KILL was sent and has had its grace."""
    sent = run.signals[-1] if run.signals else (0.0, "")
    return sent[1] == STOP_SIGNALS[-1] and not 0 <= now - sent[0] < STOP_GRACE


def _ended(
    window: Window, run: Run, directory: Path, probe: runs.Probe, secrets: Iterable[str]
) -> tuple[Event, ...]:
    code = probe.exit_code if probe.exit_code is not None else -1
    line = runs.failing_line(directory, secrets) if code else ""
    ended = RunEnded(run.id, code, probe.ended_at or 0.0, line, probe.left_running)
    return (*_migrations(window, run, directory), ended, *_drill(window, run, code))


def _drill(window: Window, run: Run, code: int) -> tuple[Event, ...]:
    """The figures of a drill; one whose report cannot be read has not passed."""
    if window.runbook.step(run.step).target != "phase6-drill":
        return ()
    report = run.variables.get("REPORT_PATH", "")
    figures = read_figures(Path(report))
    if figures is None:
        return (DrillRecorded(run.id, 0.0, 0.0, 0.0, False, report),)
    passed = code == 0
    return (DrillRecorded(run.id, figures.backup, figures.restore, figures.total, passed, report),)


def _migrations(window: Window, run: Run, directory: Path) -> tuple[Event, ...]:
    if window.runbook.step(run.step).target != "db-migrate":
        return ()
    listing = read_listing(directory / "log")
    return (
        MigrationsListed(run.id, listing.applied, listing.skipped, listing.complete, listing.interrupted),
    )


def next_signal(run: Run, now: float) -> tuple[Event, ...]:
    """The next harder signal for a run that was asked to stop and has had its grace."""
    # A clock that was set back must not keep the next signal waiting.
    if not run.signals or 0 <= now - run.signals[-1][0] < STOP_GRACE:
        return ()
    sent = STOP_SIGNALS.index(run.signals[-1][1])
    return (RunSignalled(run.id, STOP_SIGNALS[sent + 1]),) if sent + 1 < len(STOP_SIGNALS) else ()


def backup_to_examine(window: Window) -> Run | None:
    """The run whose backup was written and not looked at yet."""
    for step in window.checklist:
        record = window.record(step.id)
        if step.writes_backup and record.state is StepState.CHECKING:
            return window.runs[record.run]
    seen = window.safety_backup.run if window.safety_backup else 0
    for run in window.runs.values():
        if run.purpose == SAFETY_BACKUP and run.exit_code == 0 and run.id > seen:
            return run
    return None


def of_backup(step: str, run: int, path: Path, begun_at: float | None, now: float) -> BackupExamined:
    """What a look at a backup found. Takes seconds for a large file.

    A dump shows the database as it was when the dump began (`begun_at`, where that is known), not
    when its file was last written: what was written meanwhile is not in it.
    """
    found = backup.examine(path)
    captured_at = found.captured_at if begun_at is None else begun_at
    age = max(0.0, now - captured_at)
    # Anybody who may write backups gives them their names.
    name, problem = printable(str(path)), printable(found.problem)
    return BackupExamined(step, name, found.size, found.sha256, captured_at, age, problem, run, found.rows)


def of_newest_backup(step: str, directory: Path, stale_after: float, now: float) -> BackupExamined:
    """What a look at the newest backup found: whole, and not older than `stale_after` seconds."""
    try:
        path = backup.newest(directory)
    except OSError as error:
        problem = f"{directory} cannot be read ({error.strerror})"
        return BackupExamined(step, str(directory), 0, "", 0.0, 0.0, problem)
    if path is None:
        return BackupExamined(step, str(directory), 0, "", 0.0, 0.0, f"no *.sql backup in {directory}")
    fact = of_backup(step, 0, path, None, now)
    if not fact.problem and fact.age > stale_after:
        problem = f"the newest backup is {duration(fact.age)} old, {duration(stale_after)} is allowed"
        return BackupExamined(step, fact.path, fact.size, fact.sha256, fact.captured_at, fact.age, problem)
    return fact


def of_sampling(window: Window, observed: Observed, seen: Verdicts) -> tuple[Event, ...]:
    """The snapshot, once the series has as many samples as were wanted."""
    taken = samples_taken(window, observed)
    if window.sampling is None or len(taken) < window.sampling.wanted:
        return ()
    taken = taken[: window.sampling.wanted]
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
        missing_blobs=missing_blobs(window, observed, seen.at),
    )
    return (snapshot,)


def of_triggers(window: Window, board: tuple[Trigger, ...]) -> tuple[Event, ...]:
    """The triggers that trip now, also anew after they were waved off for less, and those that are over."""
    known = window.triggers
    tripped = tuple(
        TriggerTripped(t.id, t.reason, t.causes)
        for t in board
        if t.holds and (t.id not in known or known[t.id].trips_again(t.causes))
    )
    cleared = tuple(TriggerCleared(t.id) for t in board if t.released and t.id in window.triggers)
    return (*tripped, *cleared)


def of_core_actions(window: Window, observed: Observed) -> tuple[Event, ...]:
    """What came of the core actions, once the watch has done those that were asked for."""
    reading = observed.latest.get((Ask.SMOKE, window.policy.replicas[0]))
    for step in window.direction:
        record = window.record(step.id)
        if step.kind is not StepKind.PROBE or record.state is not StepState.BEGUN:
            continue
        if reading is None or reading.at <= record.at:
            return ()
        actions = (reading.values or {}).get("actions", [])
        evidence = {"actions": list(actions)}
        failed = [f"{action['name']}: {action['words']}" for action in actions if not action["ok"]]
        if reading.reading_class is ReadingClass.OK and not failed:
            return (StepPassed(step.id, counted(len(actions), "action"), evidence),)
        return (StepFailed(step.id, "; ".join(failed) or reading.reason, evidence),)
    return ()


def of_posting(window: Window, observed: Observed) -> tuple[Event, ...]:
    """What the webhook said of a message that is on its way."""
    reading = observed.latest.get((Ask.POST, window.policy.replicas[0]))
    posting = window.posting
    if posting is None or reading is None or (reading.values or {}).get("id") != str(posting.id):
        return ()
    if reading.reading_class is ReadingClass.OK:
        return (MessageSent(posting.text, POSTED),)
    return (StepFailed("communicate", f"the message was not posted: {reading.reason}"),)


def of_earlier_drill(step: str, history: History) -> Event:
    """Whether the drill has passed since the last rollback of this environment."""
    if history.drill is None:
        problem = (
            "no restore drill has passed since the last rollback: run it as the follow-up of that window"
        )
        return StepFailed(step, problem)
    seconds = round(history.drill.total)
    return StepPassed(step, f"passed, {seconds} s", {"report": history.drill.report})


def of_health(window: Window, seen: Verdicts) -> tuple[Event, ...]:
    """The health step has passed, once the readiness gate says so."""
    gate = next(gate for gate in seen.gates if gate.id == "readiness")
    if gate.state is not GateState.PASS:
        return ()
    for step in window.direction:
        if step.kind is StepKind.STABLE and window.record(step.id).state is StepState.BEGUN:
            return (StepPassed(step.id, gate.reason, dict(gate.numbers)),)
    return ()
