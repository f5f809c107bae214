"""What is said in passing of a step that goes on by itself, where there is nothing to decide about it."""

from state.runbook import Step, StepKind
from state.text.counting import counted
from state.window import StepState, Window
from tui.present import words
from tui.present.checklist import Progress

#: Seconds within which a post is answered. One that is still open then was lost with a console or a watch.
_POSTED_WITHIN = 60.0


def under_way(window: Window, step: Step, progress: Progress, now: float) -> str:
    """How far it is, as one sentence; empty for a step that waits for the operator."""
    record = window.record(step.id)
    if record.state is StepState.CHECKING:
        return f"{step.title} has run; what it made is being checked."
    if record.state is not StepState.BEGUN:
        return ""
    match step.kind:
        case StepKind.SAMPLE if window.sampling is not None and window.sampling.step == step.id:
            taken, wanted = min(progress.samples, window.sampling.wanted), window.sampling.wanted
            return (
                f"{step.title}: {taken} of {counted(wanted, 'sample')} taken; the others come by themselves."
            )
        case StepKind.STABLE:
            held, wanted_for = words.duration(progress.ready_for), words.duration(window.policy.ready_for)
            return f"{step.title}: ready for {held} of {wanted_for}; it passes by itself."
        case StepKind.EXAMINE:
            return f"{step.title} is being looked at."
        case StepKind.PROBE:
            return f"{step.title}: the answers are awaited; they were asked for once more."
        case StepKind.MESSAGE if now - record.at < _POSTED_WITHIN:
            return "The message is being posted; the channel has not answered yet."
    return ""
