"""What an operator who looks elsewhere is called for: a long step that ended, a trigger that tripped."""

from state.window import StepState, Window

_AT_WORK = frozenset({StepState.BEGUN, StepState.RUNNING, StepState.CHECKING})
_ENDED = {StepState.DONE: "is done", StepState.FAILED: "FAILED", StepState.UNKNOWN: "is unknown"}


def calls(before: Window, after: Window, least: float) -> tuple[str, ...]:
    """Sentences of the console's own words and nothing else; `least` are the seconds of a long step."""
    said = [
        f"{after.environment}: trigger {name} tripped"
        for name, record in after.triggers.items()
        if name not in before.triggers or before.triggers[name].at != record.at
    ]
    for step in after.direction:
        was, now = before.record(step.id), after.record(step.id)
        ended = was.state in _AT_WORK and now.state in _ENDED
        if ended and now.at - _began(before, step.id) >= least:
            said.append(f"{after.environment}: {step.title} {_ENDED[now.state]}")
    return tuple(said)


def _began(window: Window, step: str) -> float:
    record = window.record(step)
    run = window.runs.get(record.run)
    return record.at if run is None else run.started_at or run.requested_at
