"""What follows outside from an event that is on disk now: a signal, a letter to the watch."""

from pathlib import Path

from state.console.observation import Observation
from state.deployment import runs
from state.events import (
    Event,
    PostRequested,
    RollbackBegun,
    RunEnded,
    RunSignalled,
    SamplingBegun,
    StepBegun,
    WindowDeclared,
)
from state.runbook import StepKind
from state.window import Window


def follow(event: Event, window: Window, observation: Observation, runs_directory: Path) -> None:
    """Does what this event asks for; `window` has taken it in, `runs_directory` holds a directory a run."""
    match event:
        case RunSignalled():
            try:
                runs.send_signal(runs_directory / str(event.run), event.signal)
            except runs.RunError as error:
                observation.tell("stop", str(error))
        case SamplingBegun() | RunEnded():
            # Missing blobs are counted before a change, after it, and after a restore.
            observation.reconcile()
        case StepBegun() if window.runbook.step(event.step).kind is StepKind.PROBE:
            observation.smoke()
        case PostRequested() if window.posting is not None:
            observation.post(str(window.posting.id), event.text)
        case RollbackBegun() if window.backup is not None:
            observation.audit_since(window.backup.captured_at)
        case WindowDeclared():
            observation.close()
