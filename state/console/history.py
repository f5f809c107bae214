"""What one window needs of the others of its environment: a rollback, and the drill since."""

from pathlib import Path

from msgspec import Struct

from state.events import DrillRecorded
from state.listing import listed
from state.window import ROLLED_BACK, RunState, Window


class History(Struct, frozen=True):
    """`rolled_back_at`: the last rollback's end, in seconds since the epoch, None without one.

    `drill`: the newest drill that passed after it. `restore_seconds`: how long the last measured
    restore took, of a drill, a rehearsal or a real one; None where none ever was.
    """

    rolled_back_at: float | None = None
    drill: DrillRecorded | None = None
    restore_seconds: float | None = None


def of_environment(state: Path, environment: str) -> History:
    """The history of an environment, from the journals of all its windows; raises DirectoryError."""
    windows = [one.window for one in listed(state) if one.window is not None]
    own = sorted((w for w in windows if w.environment == environment), key=lambda w: w.opened_at)
    ended = [w.closed_at for w in own if w.outcome == ROLLED_BACK and w.closed_at is not None]
    rolled_back_at = max(ended, default=None)
    drills = [(w.runs[d.run].ended_at or 0.0, d) for w in own for d in w.drills if d.passed]
    since = [d for at, d in sorted(drills, key=lambda pair: pair[0]) if at >= (rolled_back_at or 0.0)]
    return History(rolled_back_at, since[-1] if since else None, _restore_seconds(own))


def _restore_seconds(windows: list[Window]) -> float | None:
    measured: list[tuple[float, float]] = []
    for window in windows:
        measured += [(window.runs[d.run].ended_at or 0.0, d.restore) for d in window.drills]
        for run in window.runs.values():
            ended_well = run.state is RunState.ENDED and run.exit_code == 0
            if run.argv[-1:] == ("db-restore",) and ended_well and run.started_at and run.ended_at:
                measured.append((run.ended_at, run.ended_at - run.started_at))
    return max(measured, default=(0.0, None), key=lambda pair: pair[0])[1]
