"""The windows of a state directory, each folded from its journal, readable or not."""

from dataclasses import dataclass
from pathlib import Path

from state.events import UnknownEvent
from state.fold import fold
from state.journal.directory import DRIVER_LOCK, JOURNAL, windows
from state.journal.events import JournalError, JournalReader
from state.locks import is_held
from state.window import Window


@dataclass(frozen=True, slots=True)
class Listed:
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


def rank(one: Listed) -> int:
    """Open before what is only to be followed up, and that before what is over."""
    if one.window is None or one.window.is_open:
        return 0
    return 1 if one.window.takes_decisions else 2


def _listed(directory: Path) -> Listed:
    driven = is_held(directory / DRIVER_LOCK)
    try:
        reader = JournalReader(directory / JOURNAL)
        try:
            return Listed(directory, fold(reader.after(0)), driven)
        finally:
            reader.close()
    except (JournalError, UnknownEvent) as error:
        return Listed(directory, None, driven, str(error))
