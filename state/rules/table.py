"""What all rules share: the table of intents, and whether a step's turn has come."""

from collections.abc import Callable
from typing import Any, TypeVar

from state.events import Event
from state.intents import Intent, Refusal
from state.runbook import Step, StepKind
from state.window import ACTIVE, SETTLED, StepState, Window

Wanted = TypeVar("Wanted", bound=Intent)
Decision = tuple[Event, ...] | Refusal
DECIDE: dict[type[Intent], Callable[[Window, Any, float], Decision]] = {}


def on(
    kind: type[Wanted],
) -> Callable[[Callable[[Window, Wanted, float], Decision]], Callable[..., Decision]]:
    def register(function: Callable[[Window, Wanted, float], Decision]) -> Callable[..., Decision]:
        DECIDE[kind] = function
        return function

    return register


def may_do(window: Window, step_id: str) -> Step | Refusal:
    """The step, where it may be done now: known, in order, and nothing else under way.

    `decide` asks this of every intent that does a step; a screen asks it before a dialog opens.
    """
    direction = window.direction
    step = next((s for s in direction if s.id == step_id), None)
    if step is None:
        if window.rollback is not None and any(s.id == step_id for s in window.checklist):
            return Refusal("The window is rolling back: the steps of the upgrade are over.")
        return Refusal(f"There is no step {step_id} in this window as it stands.")
    for other in direction:
        state = window.record(other.id).state
        # Waiting for health stands in nobody's way: a release that never gets ready can be deployed again.
        if state in ACTIVE and other.id != step_id and other.kind is not StepKind.STABLE:
            return Refusal(f"{other.title} is under way. Let it end, or stop or skip it, then go on.")
    # What follows up has no order among itself.
    for earlier in direction if step.phase != "follow_up" else ():
        if earlier.id == step_id:
            break
        if window.record(earlier.id).state not in SETTLED:
            return Refusal(f"{earlier.title} comes first. Do it, or skip it with a reason.")
    return step


def idle(window: Window, step: Step) -> Refusal | None:
    """A step under way is not started a second time."""
    state = window.record(step.id).state
    if state is StepState.RUNNING:
        return Refusal(f"{step.title} is running. Wait for its end, or stop it with x.")
    if state is StepState.CHECKING:
        return Refusal(f"{step.title} has run; what it made is being checked. Wait for the answer.")
    return None


def of_kind(window: Window, step_id: str, *kinds: StepKind) -> Step | Refusal:
    step = may_do(window, step_id)
    if isinstance(step, Refusal):
        return step
    if step.kind not in kinds:
        return Refusal(f"{step.title} is not done this way.")
    return idle(window, step) or step
