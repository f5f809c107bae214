"""The windows of a state directory, each folded from its journal, readable or not."""

from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from msgspec import Struct

from state.events import UnknownEvent, WindowDeclared
from state.fold import fold
from state.host.locks import is_held
from state.intents import SUCCESS
from state.journal.directory import DRIVER_LOCK, JOURNAL, windows
from state.journal.events import JournalError, JournalReader
from state.stored_fold import recall
from state.window import ROLLED_BACK, Window


class Listed(Struct, frozen=True):
    """`window` is None where its journal cannot be read; `problem` says why. `driven`: by a live console."""

    directory: Path
    window: Window | None
    driven: bool
    problem: str = ""


def listed(state: Path) -> tuple[Listed, ...]:
    """All windows, open ones first, each group newest first; raises DirectoryError."""
    found = [_listed(directory) for directory in windows(state)]
    found.reverse()
    return tuple(sorted(found, key=rank))


def running_release(windows: Iterable[Window], environment: str) -> str:
    """The release that the last window of an environment left running; empty where no window tells.

    Which one an abandoned window left, nobody knows once it had begun to change anything.
    """
    own = [window for window in windows if window.environment == environment and window.outcome]
    for window in sorted(own, key=lambda window: window.opened_at, reverse=True):
        if window.outcome == SUCCESS:
            return window.release
        if window.outcome == ROLLED_BACK or not window.change_begun:
            return window.previous_release
        return ""
    return ""


def open_windows(state: Path, environment: str) -> tuple[Listed, ...]:
    """The readable ones of this environment whose outcome is still to come, newest first.

    At once: what is declared is not folded, and of a long journal only what came since it was kept.
    Raises DirectoryError.
    """
    found = [one for one in map(_if_open, windows(state)) if one is not None]
    return tuple(one for one in reversed(found) if one.window and one.window.environment == environment)


def _if_open(directory: Path) -> Listed | None:
    driven = is_held(directory / DRIVER_LOCK)
    with suppress(JournalError, UnknownEvent), closing(JournalReader(directory / JOURNAL)) as reader:
        if not reader.holds(WindowDeclared.kind()):
            kept = recall(directory, reader)
            return Listed(directory, fold(reader.after(kept.seq), kept), driven)
    return None


def rank(one: Listed) -> int:
    """Open before what is only to be followed up, and that before what is over."""
    if one.window is None or one.window.is_open:
        return 0
    return 1 if one.window.takes_decisions else 2


def _listed(directory: Path) -> Listed:
    driven = is_held(directory / DRIVER_LOCK)
    try:
        with closing(JournalReader(directory / JOURNAL)) as reader:
            return Listed(directory, fold(reader.after(0)), driven)
    except (JournalError, UnknownEvent) as error:
        return Listed(directory, None, driven, str(error))
