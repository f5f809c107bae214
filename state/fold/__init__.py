"""The fold: each event moves the window to its next value, and nothing else ever does."""

from collections.abc import Iterable

from msgspec.structs import replace

from state.events import Recorded, UnknownEvent
from state.fold import people, rollback, runs, steps
from state.fold.table import EVOLVE
from state.window import Window

__all__ = ["evolve", "fold", "people", "rollback", "runs", "steps"]


def evolve(window: Window, recorded: Recorded) -> Window:
    """The window after one more event; raises UnknownEvent where it makes no sense after those before."""
    try:
        moved = EVOLVE[type(recorded.event)](window, recorded, recorded.event)
    except KeyError as error:
        raise UnknownEvent(
            f"{recorded.event.kind()} number {recorded.seq} speaks of {error}, which this version does not "
            "know. Open the window with the Drawbridge that wrote it."
        ) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise UnknownEvent(
            f"{recorded.event.kind()} number {recorded.seq} has another shape than this version gives it "
            f"({error}). Open the window with the Drawbridge that wrote it."
        ) from error
    operator = recorded.actor.operator
    known = moved.operators if operator in moved.operators else (*moved.operators, operator)
    return replace(moved, seq=recorded.seq, last_at=recorded.at, operators=known)


def fold(records: Iterable[Recorded], window: Window | None = None) -> Window:
    """The window after all of these events, from the start or from a window already folded."""
    folded = window if window is not None else Window()
    for recorded in records:
        folded = evolve(folded, recorded)
    return folded
