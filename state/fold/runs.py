"""The fold of runs: asked for, started, ended, lost, and what they left behind."""

from msgspec.structs import replace

from state.events import (
    BackupExamined,
    LogSealed,
    MigrationsListed,
    Recorded,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    RunSignalled,
    RunStarted,
)
from state.fold.table import begin_disruption, end_disruption, enter, on, set_run
from state.window import (
    Run,
    RunState,
    StepState,
    Window,
)


@on(RunRequested)
def _(window: Window, r: Recorded, e: RunRequested) -> Window:
    run = Run(r.seq, e.step, e.argv, e.directory, e.variables, r.at, r.actor.operator, purpose=e.purpose)
    window = replace(window, runs={**window.runs, run.id: run})
    return window if run.purpose else enter(window, r, e.step, StepState.RUNNING, run=run.id)


@on(RunStarted)
def _(window: Window, r: Recorded, e: RunStarted) -> Window:
    return set_run(_took_effect(window, e.run, r.at), e.run, state=RunState.RUNNING, started_at=r.at)


def _took_effect(window: Window, run_id: int, at: float) -> Window:
    """A run that really began: only now does it disturb, and undo what was judged before it."""
    run = window.runs[run_id]
    if run.purpose or run.state is not RunState.REQUESTED:
        return window
    return begin_disruption(window, run.step, at)


@on(RunNotStarted)
def _(window: Window, r: Recorded, e: RunNotStarted) -> Window:
    seemed_to_run = window.runs[e.run].state is RunState.RUNNING
    window = set_run(window, e.run, state=RunState.NOT_STARTED, ended_at=r.at, last_line=e.reason)
    if seemed_to_run:
        return _finish(window, r, e.run, StepState.FAILED, r.at, e.reason)
    run = window.runs[e.run]
    if run.purpose:
        return window
    return enter(window, r, run.step, StepState.FAILED, by=run.by, problem=e.reason, run=run.id)


@on(RunLost)
def _(window: Window, r: Recorded, e: RunLost) -> Window:
    window = _took_effect(window, e.run, r.at)
    window = set_run(window, e.run, state=RunState.LOST, ended_at=r.at, last_line=e.reason)
    return _finish(window, r, e.run, StepState.UNKNOWN, r.at, e.reason)


@on(RunEnded)
def _(window: Window, r: Recorded, e: RunEnded) -> Window:
    window = _took_effect(window, e.run, r.at)
    run = window.runs[e.run]
    window = set_run(
        window,
        e.run,
        state=RunState.ENDED,
        # A short run may have ended before its start was on disk.
        started_at=min(run.started_at or run.requested_at, e.ended_at),
        ended_at=e.ended_at,
        exit_code=e.exit_code,
        last_line=e.last_line,
        left_running=e.left_running,
    )
    if e.exit_code != 0:
        problem = e.last_line or f"exit status {e.exit_code}"
        return _finish(window, r, e.run, StepState.FAILED, e.ended_at, problem)
    if run.migrations is not None and not run.migrations.complete:
        problem = "exit 0, but it never said that the migrations are up to date"
        return _finish(window, r, e.run, StepState.FAILED, e.ended_at, problem)
    if run.step == "restore" and not run.purpose:
        window = replace(window, restored_at=e.ended_at)
    if window.approval is not None and window.approval.subject == run.step:
        window = replace(window, approval=None)
    checked = window.runbook.step(run.step).writes_backup
    return _finish(window, r, e.run, StepState.CHECKING if checked else StepState.DONE, e.ended_at, "")


def _finish(window: Window, r: Recorded, run_id: int, state: StepState, at: float, problem: str) -> Window:
    run = window.runs[run_id]
    if run.purpose:
        return window
    window = enter(window, r, run.step, state, by=run.by, problem=problem, run=run_id)
    return end_disruption(window, run.step, at)


@on(RunSignalled)
def _(window: Window, r: Recorded, e: RunSignalled) -> Window:
    return set_run(window, e.run, signals=(*window.runs[e.run].signals, (r.at, e.signal)))


@on(LogSealed)
def _(window: Window, r: Recorded, e: LogSealed) -> Window:
    return set_run(window, e.run, sealed=True)


@on(MigrationsListed)
def _(window: Window, r: Recorded, e: MigrationsListed) -> Window:
    return set_run(window, e.run, migrations=e)


@on(BackupExamined)
def _(window: Window, r: Recorded, e: BackupExamined) -> Window:
    if e.run and window.runs[e.run].purpose:
        return replace(window, safety_backup=e)
    step = window.runbook.step(e.step)
    by = window.record(e.step).by if step.writes_backup else r.actor.operator
    state = StepState.FAILED if e.problem else StepState.DONE
    before_changes = not window.change_begun
    window = enter(window, r, e.step, state, by=by, problem=e.problem, run=e.run, backup=e)
    # A backup taken after a change is a safety copy: a rollback goes back to the one before it.
    kept = step.writes_backup and not e.problem and before_changes
    return replace(window, backup=e) if kept else window
