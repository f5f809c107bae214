"""What must be done: the shipped runbook, read from `runbook.toml`, as phases of steps."""

import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path

from msgspec import Struct


class StepKind(StrEnum):
    """How a step is done; `runbook.toml` says what each means."""

    ATTEST = "attest"
    EXAMINE = "examine"
    MAKE = "make"
    SITE = "site"
    SAMPLE = "sample"
    STABLE = "stable"
    PROBE = "probe"
    MESSAGE = "message"
    DECLARE = "declare"


class Step(Struct, frozen=True):
    """One line of the checklist. `target` is set for make steps only."""

    id: str
    phase: str
    title: str
    kind: StepKind
    explain: str
    target: str = ""
    reference: str = ""
    disrupts: bool = False
    changes: bool = False
    keeps_down: bool = False
    writes_backup: bool = False
    only_after_rollback: bool = False
    only_with_restore: bool = False


class Phase(Struct, frozen=True):
    """A part of the runbook, its steps in the order in which they are done."""

    id: str
    title: str
    steps: tuple[Step, ...]


class Runbook(Struct, frozen=True):
    """The phases in order."""

    phases: tuple[Phase, ...]

    def phase(self, phase_id: str) -> Phase:
        """The phase of that id; KeyError where there is none."""
        for phase in self.phases:
            if phase.id == phase_id:
                return phase
        raise KeyError(phase_id)

    def step(self, step_id: str) -> Step:
        """The step of that id; KeyError where there is none."""
        for phase in self.phases:
            for step in phase.steps:
                if step.id == step_id:
                    return step
        raise KeyError(step_id)


def parse(text: str) -> Runbook:
    """A runbook from TOML text; ValueError, TypeError or KeyError where it is not one."""
    document = tomllib.loads(text)
    phases = []
    for phase in document["phase"]:
        steps = tuple(
            Step(**{**step, "phase": phase["id"], "kind": StepKind(step["kind"])}) for step in phase["step"]
        )
        phases.append(Phase(phase["id"], phase["title"], steps))
    return Runbook(tuple(phases))


@cache
def shipped() -> Runbook:
    """The runbook that Drawbridge ships."""
    return parse(Path(__file__).with_name("runbook.toml").read_text(encoding="utf-8"))
