"""How the events of runs, and of what they made, are told."""

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
from state.judgement.phrases import duration
from state.report.telling.told import Kind, because, on, plural, run_title, step_title
from state.window import Window


@on(RunRequested, Kind.RUNS, turning=True)
def _(window: Window, r: Recorded, e: RunRequested) -> str:
    return f"{run_title(window, r.seq)} asked for, in {e.directory}"


@on(RunStarted, Kind.RUNS)
def _(window: Window, r: Recorded, e: RunStarted) -> str:
    return f"{run_title(window, e.run)} started"


@on(RunNotStarted, Kind.RUNS)
def _(window: Window, r: Recorded, e: RunNotStarted) -> str:
    return f"{run_title(window, e.run)} was NOT started{because(e.reason)}"


@on(RunEnded, Kind.RUNS, turning=True)
def _(window: Window, r: Recorded, e: RunEnded) -> str:
    run = window.runs.get(e.run)
    took = f" after {duration(e.ended_at - run.started_at)}" if run and run.started_at else ""
    word = "ended well" if e.exit_code == 0 else f"FAILED with exit status {e.exit_code}"
    left = "; something that it started still ran" if e.left_running else ""
    return f"{run_title(window, e.run)} {word}{took}{because(e.last_line if e.exit_code else '')}{left}"


@on(RunLost, Kind.RUNS, turning=True)
def _(window: Window, r: Recorded, e: RunLost) -> str:
    return f"{run_title(window, e.run)} LOST, its exit status is unknown{because(e.reason)}"


@on(RunSignalled, Kind.RUNS)
def _(window: Window, r: Recorded, e: RunSignalled) -> str:
    return f"{run_title(window, e.run)} sent {e.signal}"


@on(LogSealed, Kind.RUNS)
def _(window: Window, r: Recorded, e: LogSealed) -> str:
    return f"{run_title(window, e.run)}: log sealed, {plural(e.size, 'byte')}, SHA-256 {e.sha256}"


@on(MigrationsListed, Kind.RUNS)
def _(window: Window, r: Recorded, e: MigrationsListed) -> str:
    stopped = f", stopped in {e.interrupted}" if e.interrupted else ""
    whole = "" if e.complete or stopped else ", and never said that they are up to date"
    return (
        f"{run_title(window, e.run)}: {plural(len(e.applied), 'migration')} applied, "
        f"{e.skipped} there before{stopped}{whole}"
    )


@on(BackupExamined, Kind.RUNS)
def _(window: Window, r: Recorded, e: BackupExamined) -> str:
    found = f"NOT good: {e.problem}" if e.problem else f"whole, {plural(e.size, 'byte')}, SHA-256 {e.sha256}"
    return f"{step_title(window, e.step)}: backup {e.path} is {found}"
