"""What must be there before the command line is even loaded: the status line and the first screen.

Both only read. Whatever is wrong is left to the command line, which says it as it always does.
"""

import os
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from state.journal.directory import DirectoryError
from state.journal.directory import windows as windows_of
from state.journal.events import JournalError
from state.journal.readings import ReadingsError
from state.listing import listed, open_windows
from state.settings.errors import SettingsError
from state.settings.lookup import (
    environment_at_once,
    find,
    state_directory,
    state_directory_at_once,
    theme_at_once,
)
from state.view import View

_WRONG = (SettingsError, DirectoryError, JournalError, ReadingsError, OSError)


def status_line(arguments: Sequence[str]) -> str | None:
    """The answer to `[--config FILE] status [WINDOW] --line`; None where that was not asked so plainly."""
    config, rest = _split(arguments)
    named = [word for word in rest[1:] if word != "--line"]
    if rest[:1] != ["status"] or "--line" not in rest or len(named) > 1 or "-" in {w[:1] for w in named}:
        return None
    with suppress(*_WRONG):
        state = _state(config)
        directory = None if state is None else _directory(state, named)
        if directory is not None:
            from state.report.short import as_line

            with closing(View(directory)) as view:
                view.refresh(time.time())
                return as_line(view)
    return None


def first_screen(arguments: Sequence[str]) -> None:
    """Shows the one open window as it was left, where `[--config FILE]` alone asks for the console."""
    config, rest = _split(arguments)
    # A shell that completes asks without any argument as well.
    if rest or "_DRAWBRIDGE_COMPLETE" in os.environ:
        return
    from tui.present.sizes import is_tiny
    from tui.terminal import SCREEN, refuse_unusable_terminal

    if refuse_unusable_terminal() or is_tiny(*(size := os.get_terminal_size(SCREEN))):
        return
    with suppress(*_WRONG):
        path = find(config, os.environ, Path.cwd())
        environment, state = environment_at_once(path), state_directory_at_once(path, os.environ)
        found = open_windows(state, environment) if environment and state else ()
        if len(found) == 1:
            from tui.first_screen import FIRST_SCREEN
            from tui.present.opening import opening
            from tui.tones import DEFAULT, MONOCHROME, RENDITIONS

            theme = theme_at_once(path)
            look = MONOCHROME if "NO_COLOR" in os.environ else theme if theme in RENDITIONS else DEFAULT

            now = time.time()
            with closing(View(found[0].directory, found[0].window)) as view:
                view.refresh(now)
                FIRST_SCREEN.show(opening(view, now, *size), look)


def _split(arguments: Sequence[str]) -> tuple[Path | None, list[str]]:
    """What `--config` names before the command, and the rest."""
    if len(arguments) > 1 and arguments[0] == "--config":
        return Path(arguments[1]), list(arguments[2:])
    return None, list(arguments)


def _state(config: Path | None) -> Path | None:
    try:
        path = find(config, os.environ, Path.cwd())
    except SettingsError:
        if config is not None:
            raise
        return state_directory(None, os.environ)
    return state_directory_at_once(path, os.environ)


def _directory(state: Path, named: Sequence[str]) -> Path | None:
    if not named:
        return next((one.directory for one in listed(state)), None)
    return next((one for one in windows_of(state) if one.name == named[0]), None)
