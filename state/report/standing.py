"""How things stand beyond the journal: a run that ended while no console was there, a step that cannot come.

The directory of a run knows its end before the journal does, which only a console that drives writes.
"""

from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from state.deployment.runs import Probe, Standing, probe
from state.host.locks import is_held
from state.journal.directory import DRIVER_LOCK, RUNS
from state.window import ROLLED_BACK, Run, StepState, Window

_LOST = {
    Standing.KILLED: "was killed; how far it came is unknown",
    Standing.REBOOTED: "was cut by a reboot; how far it came is unknown",
    Standing.NEVER_STARTED: "was never started",
    Standing.NO_ROOM: "was never started: the disk had no room for it",
}
_STATES = {
    Standing.FINISHED: "ended",
    Standing.KILLED: "lost",
    Standing.REBOOTED: "lost",
    Standing.NEVER_STARTED: "not_started",
    Standing.NO_ROOM: "not_started",
}
#: What waits to be done, by somebody or by the console itself.
_TO_COME = frozenset({StepState.TODO, StepState.BEGUN})


class Unseen(Struct, frozen=True):
    """The end of a run that no console has taken into the journal yet."""

    run: Run
    probe: Probe

    @property
    def state(self) -> str:
        """ended, lost or not_started, as the journal will call it."""
        return _STATES[self.probe.standing]

    @property
    def ended_well(self) -> bool:
        """Whether its exit status is 0."""
        return self.probe.exit_code == 0

    @property
    def words(self) -> str:
        """What became of it, as what follows its name."""
        if self.probe.ended_at is None:
            return f"{_LOST[self.probe.standing]} (not yet in the journal)"
        at = datetime.fromtimestamp(self.probe.ended_at, UTC).strftime("%H:%M:%S")
        return f"has ended with exit status {self.probe.exit_code} at {at} UTC (not yet in the journal)"

    @property
    def short(self) -> str:
        """The same, for a status bar."""
        if self.probe.exit_code is None:
            return f"{self.state.replace('_', ' ')}, not yet in the journal"
        return f"ended with exit status {self.probe.exit_code}, not yet in the journal"


def unseen_end(directory: Path, window: Window, now: float) -> Unseen | None:
    """The end of the window's open run where its directory has it; None where it runs, or none is open."""
    run = window.open_run
    if run is None:
        return None
    probed = probe(directory / RUNS / str(run.id), now)
    if probed.standing is Standing.RUNNING:
        return None
    if probed.standing is Standing.NEVER_STARTED and is_held(directory / DRIVER_LOCK):
        # Its console is about to start it.
        return None
    return Unseen(run, probed)


def step_state(window: Window, step_id: str, unseen: Unseen | None) -> str:
    """The state of a step as anybody outside may rely on it: never waiting for what cannot come any more.

    As in the journal, but `ended` (or `lost`, `not_started`) where its run is over and no console knows
    that, and `not_done` where the window has turned back or closed before its turn came.
    """
    state = window.record(step_id).state
    if unseen is not None and unseen.run.step == step_id and not unseen.run.purpose:
        return unseen.state
    over = window.outcome and window.outcome != ROLLED_BACK
    if state in _TO_COME and (over or step_id not in {step.id for step in window.direction}):
        return "not_done"
    return state.value
