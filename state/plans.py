"""What a step would run: the whole command before anybody said yes, and whether make knows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from state.deployment.runs import shown
from state.deployment.targets import TargetsError, missing_targets
from state.intents import Refusal
from state.runbook import Step, StepKind
from state.settings import Settings
from state.window import Window

#: Seconds that make may take to tell its targets; it usually takes a hundredth of one.
_PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class RunPlan:
    """A command in full. `shown` are the variables without secrets, `last_took` is in seconds."""

    step: Step
    argv: tuple[str, ...]
    directory: Path
    variables: Mapping[str, str]
    shown: Mapping[str, str]
    last_took: float | None


def plan(settings: Settings, window: Window, step: Step, now: float) -> RunPlan | None:
    """The command of a step as it would be run now; None where the operator attests instead."""
    variables = dict(settings.make.environment)
    command = settings.command(step.id)
    if step.kind is StepKind.MAKE:
        argv: tuple[str, ...] = ("make", step.target)
    elif step.kind is StepKind.SITE and command is not None:
        argv = command
    else:
        return None
    if step.writes_backup:
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d-%H%M%S")
        path = settings.make.backup_directory / f"artifortress-{window.id}-{stamp}.sql"
        variables["BACKUP_PATH"] = str(path)
    return RunPlan(step, argv, settings.make.directory, variables, shown(variables), _last_took(window, step))


def _last_took(window: Window, step: Step) -> float | None:
    for run in reversed(tuple(window.runs.values())):
        if run.step == step.id and run.exit_code == 0 and run.ended_at and run.started_at:
            return run.ended_at - run.started_at
    return None


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
