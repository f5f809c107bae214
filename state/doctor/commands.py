"""Examines make and the site's own commands: is everything there that the steps will run."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from shlex import join

from state.deployment.targets import TargetsError, missing_targets
from state.doctor.check import Check, fail, ok, warn
from state.runbook import shipped
from state.settings import Settings
from state.settings.model import Steps
from state.text import redact

_STEPS = tuple(field.alias or name for name, field in Steps.model_fields.items())


def _runbook_targets() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The targets that an upgrade cannot do without, and those of a rollback and its rehearsal."""
    needed = dict.fromkeys(step.target for step in shipped().phase("upgrade").steps if step.target)
    targets = [step.target for phase in shipped().phases for step in phase.steps if step.target]
    # Not a step, but the quickest look at a restored database.
    wanted = dict.fromkeys(target for target in (*targets, "db-smoke") if target not in needed)
    return tuple(needed), tuple(wanted)


def examine(settings: Settings, env: Mapping[str, str]) -> Iterator[Check]:
    """One line for make and each target that is missing, one for each step of the site's own."""
    search = settings.make.environment.get("PATH", env.get("PATH", os.defpath))
    commands = {step: command for step in _STEPS if (command := settings.command(step))}
    goals = {step: goal for step, command in commands.items() if (goal := _goals(command))}
    needed, wanted = _runbook_targets()
    missing: tuple[str, ...] = ()
    if shutil.which("make", path=search) is None:
        yield fail("make", "is not on PATH", "install it (Debian: apt install make)")
    else:
        asked = dict.fromkeys((*needed, *wanted, *(goal for several in goals.values() for goal in several)))
        try:
            missing = missing_targets(settings.make.directory, tuple(asked), settings.make.environment)
        except TargetsError as error:
            yield fail("make", str(error))
        else:
            yield from _targets(settings.make.directory, needed, wanted, missing)
    for step in _STEPS:
        absent = [goal for goal in goals.get(step, ()) if goal in missing]
        yield _step(step, commands.get(step), absent, settings.make.directory, search)


def _targets(
    directory: Path, needed: tuple[str, ...], wanted: tuple[str, ...], missing: tuple[str, ...]
) -> Iterator[Check]:
    for target in (*needed, *wanted):
        if target in missing:
            verdict = fail if target in needed else warn
            yield verdict(
                "make",
                f"{directory} has no target {target}",
                "add it to the Makefile there, or name the Artifortress checkout in [make] directory",
            )
    if there := [target for target in (*needed, *wanted) if target not in missing]:
        yield ok("make", f"{directory} has {', '.join(there)}")


def _goals(command: tuple[str, ...]) -> tuple[str, ...]:
    """The targets of a plain `make …`; none where an option may change which Makefile is meant."""
    if Path(command[0]).name != "make" or any(word.startswith("-") for word in command[1:]):
        return ()
    return tuple(word for word in command[1:] if "=" not in word)


def _step(
    step: str, command: tuple[str, ...] | None, absent: list[str], directory: Path, search: str
) -> Check:
    subject = f"step {step}"
    if command is None:
        return ok(subject, f"no command in [steps.{step}]: the operator attests it")
    program = command[0]
    # A run starts in the checkout: that is what a path with a slash is relative to.
    place = str(directory / program) if "/" in program else program
    if shutil.which(place, path=search) is None:
        mend = f"install it, or mend [steps.{step}] command in drawbridge.toml"
        return fail(subject, f"{program} is not there or cannot be executed", mend)
    if absent:
        mend = f"add it to the Makefile, or mend [steps.{step}] command in drawbridge.toml"
        return fail(subject, f"{directory} has no target {', '.join(absent)}", mend)
    return ok(subject, redact(join(command)))
