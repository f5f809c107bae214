"""What a step would run: the whole command before anybody said yes, and whether make knows it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from state.deployment.backup import SAFETY
from state.deployment.runs import shown
from state.deployment.targets import TargetsError, missing_targets
from state.intents import REHEARSAL, REHEARSAL_SUFFIX, SAFETY_BACKUP, Refusal
from state.runbook import Step, StepKind
from state.settings import Settings
from state.window import Window

#: Seconds that make may take to tell its targets; it usually takes a hundredth of one.
_PATIENCE = 5.0


class RunPlan(Struct, frozen=True):
    """A command in full. `shown` are the variables without secrets, `last_took` is in seconds.

    `purpose` is empty for the step's own command (see RunRequested).
    """

    step: Step
    argv: tuple[str, ...]
    directory: Path
    variables: Mapping[str, str]
    shown: Mapping[str, str]
    last_took: float | None
    purpose: str = ""


def plan(settings: Settings, window: Window, directory: Path, step: Step, now: float) -> RunPlan | None:
    """The command of a step as it would be run now; None where the operator attests instead.

    `directory` is the window's own, for what a command writes down.
    """
    command = settings.command(step.id)
    if step.kind is StepKind.MAKE:
        argv: tuple[str, ...] = ("make", step.target)
    elif step.kind is StepKind.SITE and command is not None:
        argv = command
    else:
        return None
    variables = _variables(settings, window, directory, step, now)
    took = window.durations.get(step.id)
    return RunPlan(step, argv, settings.make.directory, variables, shown(variables), took)


def _variables(settings: Settings, window: Window, directory: Path, step: Step, now: float) -> dict[str, str]:
    variables = dict(settings.make.environment)
    if step.writes_backup:
        variables["BACKUP_PATH"] = str(_backup_path(settings, window, "artifortress-", now))
    elif step.id == "restore" and window.backup is not None:
        variables["RESTORE_PATH"] = window.backup.path
    elif step.id == "redeploy-previous" and window.rollback and window.rollback.restores:
        # With a restore the previous release is started after it, by a step of its own.
        variables["START"] = "no"
    elif step.target == "phase6-drill":
        variables["REPORT_PATH"] = str(directory / f"drill-{_stamp(now)}.md")
    return variables


def safety_backup(settings: Settings, window: Window, step: Step, now: float) -> RunPlan:
    """A backup of the database as it is now: the way back from a restore."""
    variables = dict(settings.make.environment)
    variables["BACKUP_PATH"] = str(_backup_path(settings, window, SAFETY, now))
    argv = ("make", "db-backup")
    return RunPlan(step, argv, settings.make.directory, variables, shown(variables), None, SAFETY_BACKUP)


def rehearsal(settings: Settings, window: Window, step: Step) -> RunPlan:
    """The restore into a database of its own, which shows that the backup loads and how long it takes."""
    variables = dict(settings.make.environment)
    variables["RESTORE_PATH"] = window.backup.path if window.backup else ""
    variables["TARGET_DB"] = variables.get("POSTGRES_DB", "artifortress") + REHEARSAL_SUFFIX
    argv = ("make", "db-restore")
    return RunPlan(step, argv, settings.make.directory, variables, shown(variables), None, REHEARSAL)


def _backup_path(settings: Settings, window: Window, kind: str, now: float) -> Path:
    return settings.make.backup_directory / f"{kind}{window.id}-{_stamp(now)}.sql"


def _stamp(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).strftime("%Y%m%d-%H%M%S")


def missing_target(plan: RunPlan) -> Refusal | None:
    """A run of make that could only fail is refused before it is journalled."""
    if plan.argv[0] != "make" or len(plan.argv) != 2:
        return None
    try:
        missing = missing_targets(plan.directory, plan.argv[1:], plan.variables, _PATIENCE)
    except TargetsError as error:
        return Refusal(str(error))
    if not missing:
        return None
    return Refusal(
        f"The Makefile in {plan.directory} has no target {missing[0]}. "
        "Add it, or name the right checkout in drawbridge.toml, [make] directory."
    )
