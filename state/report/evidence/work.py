"""What was done: steps, runs, backups, the way back and what it lost, drills."""

from collections.abc import Iterable

from state.events import (
    BackupExamined,
    LogSealed,
    Recorded,
    RestoreChecked,
    RollbackBegun,
    RunEnded,
    RunRequested,
)
from state.judgement.advice import rows_lost
from state.report.document.work import Backup, Drill, Loss, RollbackEvidence, RunEvidence, StepEvidence
from state.report.evidence.words import moment_or_none
from state.report.moments import in_words, moment
from state.report.standing import Unseen, step_state
from state.runbook import Step
from state.text import is_secret_name
from state.text.counting import counted
from state.window import Note, Run, StepRecord, StepState, Window


def note_line(note: Note) -> str:
    """A note with its time and its author."""
    return f"{in_words(note.at)} {note.by}: {note.text}"


def steps(window: Window, unseen: Unseen | None) -> tuple[StepEvidence, ...]:
    """The checklist as it stands, steps to come included, in the states of `status`."""
    return tuple(_step(window, step, unseen) for step in window.checklist)


def _step(window: Window, step: Step, unseen: Unseen | None) -> StepEvidence:
    record = window.record(step.id)
    return StepEvidence(
        id=step.id,
        phase=step.phase,
        title=step.title,
        state=step_state(window, step.id, unseen),
        by=record.by,
        at=moment(record.at) if record.state is not StepState.TODO else None,
        evidence=_evidence(window, step, record),
        problem=record.problem,
        run=record.run or None,
        notes=tuple(map(note_line, record.notes)),
    )


def _evidence(window: Window, step: Step, record: StepRecord) -> str:
    """What speaks for the state of a step, in a few words."""
    if record.attested is not None:
        seen = record.attested
        return f"{seen.who}: {seen.reference} {seen.link}".rstrip()
    if record.backup is not None:
        return record.backup.path
    snapshot = window.snapshots.get(step.id)
    return counted(snapshot.samples, "sample") if snapshot is not None else record.detail


def runs(window: Window, records: Iterable[Recorded], unseen: Unseen | None) -> tuple[RunEvidence, ...]:
    """Every run, with the digest of its log where that is sealed, and its end though no console saw it."""
    sealed: dict[int, LogSealed] = {}
    typed: dict[int, str] = {}
    for recorded in records:
        match recorded.event:
            case LogSealed() as event:
                sealed[event.run] = event
            case RunRequested(confirmed=phrase):
                typed[recorded.seq] = phrase
    return tuple(
        _run(run, sealed.get(run.id), typed.get(run.id, ""), unseen if unseen and unseen.run is run else None)
        for run in window.runs.values()
    )


def _run(run: Run, sealed: LogSealed | None, phrase: str, end: Unseen | None) -> RunEvidence:
    ended_at = end.probe.ended_at if end else run.ended_at
    took = ended_at - run.started_at if ended_at and run.started_at else None
    return RunEvidence(
        id=run.id,
        step=run.step,
        purpose=run.purpose,
        command=" ".join(run.argv),
        directory=run.directory,
        variables={k: "***" if is_secret_name(k) else v for k, v in run.variables.items()},
        by=run.by,
        state=end.state if end else run.state.value,
        in_journal=end is None,
        exit_status=end.probe.exit_code if end else run.exit_code,
        requested=moment(run.requested_at),
        started=moment_or_none(run.started_at),
        ended=moment_or_none(ended_at),
        seconds=took,
        confirmed=phrase,
        signals=tuple(f"{signal} at {in_words(at)}" for at, signal in run.signals),
        last_line=run.last_line,
        left_running=run.left_running,
        migrations=run.migrations.applied if run.migrations else None,
        log_bytes=sealed.size if sealed else None,
        log_sha256=sealed.sha256 if sealed else None,
    )


def backups(records: Iterable[Recorded]) -> tuple[Backup, ...]:
    """Every look at a backup file."""
    return tuple(
        Backup(
            event=recorded.seq,
            step=event.step,
            path=event.path,
            bytes=event.size,
            sha256=event.sha256,
            captured=moment(event.captured_at),
            problem=event.problem,
            tables=len(event.rows),
            rows=sum(event.rows.values()),
        )
        for recorded in records
        if isinstance(event := recorded.event, BackupExamined)
    )


def rollbacks(records: Iterable[Recorded]) -> tuple[RollbackEvidence, ...]:
    """Every turn of the direction."""
    return tuple(
        RollbackEvidence(
            event=recorded.seq,
            at=moment(recorded.at),
            by=recorded.actor.seat,
            depth=event.depth,
            why=event.why,
            migration_class=event.migration_class,
            triggers=event.triggers,
            phrase=event.phrase,
            loses=event.loses,
        )
        for recorded in records
        if isinstance(event := recorded.event, RollbackBegun)
    )


def losses(window: Window, records: Iterable[Recorded]) -> tuple[Loss, ...]:
    """What each restore that ended well took the database back by."""
    backup = window.backup
    if backup is None:
        return ()
    records = tuple(records)
    restored = [
        (run, recorded.event.ended_at)
        for recorded in records
        if isinstance(recorded.event, RunEnded)
        and recorded.event.exit_code == 0
        and (run := window.runs.get(recorded.event.run)) is not None
        and run.step == "restore"
        and not run.purpose
    ]
    return tuple(
        Loss(
            restored=moment(ended_at),
            captured=moment(backup.captured_at),
            seconds=max(0.0, (run.started_at or ended_at) - backup.captured_at),
            rows=rows_lost(backup, window.safety_backup),
            told=_told(records, run.id),
        )
        for run, ended_at in restored
    )


def _told(records: Iterable[Recorded], restore: int) -> str:
    """What was last said of the loss before this restore was asked for."""
    said = [
        r.event.loses
        for r in records
        if r.seq < restore and isinstance(r.event, RollbackBegun | RestoreChecked) and r.event.loses
    ]
    return said[-1] if said else ""


def drills(window: Window) -> tuple[Drill, ...]:
    """The figures of the restore drills."""
    return tuple(
        Drill(run=d.run, backup=d.backup, restore=d.restore, total=d.total, passed=d.passed, report=d.report)
        for d in window.drills
    )
