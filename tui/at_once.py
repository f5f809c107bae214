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
from state.settings.source import text_of
from state.settings.vouched import digest_of, is_vouched
from state.view import View
from state.window import Window

_WRONG = (SettingsError, DirectoryError, JournalError, ReadingsError, OSError)


def status_line(arguments: Sequence[str]) -> str | None:
    """The answer to `[--config FILE] status [WINDOW] --line`; None where that was not asked so plainly."""
    config, rest = _split(arguments)
    named = [word for word in rest[1:] if word != "--line"]
    if rest[:1] != ["status"] or "--line" not in rest or len(named) > 1 or "-" in {w[:1] for w in named}:
        return None
    with suppress(*_WRONG):
        state = _state_of_right_settings(config)
        directory = None if state is None else _directory(state, named)
        if directory is not None:
            from state.report.short import as_line

            with closing(View(directory)) as view:
                view.refresh(time.time())
                return as_line(view)
    return None


def first_screen(arguments: Sequence[str]) -> None:
    """Shows a window as it was left, where `[--config FILE] [watch [WINDOW]]` asks for it."""
    config, rest = _split(arguments)
    # A shell that completes asks without any argument as well.
    if "_DRAWBRIDGE_COMPLETE" in os.environ or any(word.startswith("-") for word in rest):
        return
    with suppress(*_WRONG):
        if not rest:
            show_open(find(config, os.environ, Path.cwd()))
        elif rest[0] == "watch" and len(rest) < 3:
            state = _state_of_right_settings(config)
            directory = None if state is None else _directory(state, rest[1:])
            if directory is not None:
                _show(directory, None, config)


def show_open(path: Path) -> None:
    """Shows the one open window of the environment that this settings file names, where there is one."""
    with suppress(*_WRONG):
        environment, state = environment_at_once(path), state_directory_at_once(path, os.environ)
        found = open_windows(state, environment) if environment and state else ()
        if len(found) == 1:
            _show(found[0].directory, found[0].window, path)


def _show(directory: Path, window: Window | None, config: Path | None) -> None:
    from tui.present.sizes import is_tiny
    from tui.terminal import SCREEN, refuse_unusable_terminal

    if refuse_unusable_terminal() or is_tiny(*(size := os.get_terminal_size(SCREEN))):
        return
    from tui.first_screen import FIRST_SCREEN
    from tui.present.opening import opening

    now = time.time()
    with closing(View(directory, window)) as view:
        view.refresh(now)
        FIRST_SCREEN.show(opening(view, now, *size), _look(config))


def _look(config: Path | None) -> str:
    from tui.tones import DEFAULT, MONOCHROME, RENDITIONS

    if "NO_COLOR" in os.environ:
        return MONOCHROME
    with suppress(*_WRONG):
        theme = theme_at_once(find(config, os.environ, Path.cwd()))
        return theme if theme in RENDITIONS else DEFAULT
    return DEFAULT


def _split(arguments: Sequence[str]) -> tuple[Path | None, list[str]]:
    """What `--config` names before the command, and the rest."""
    if len(arguments) > 1 and arguments[0] == "--config":
        return Path(arguments[1]), list(arguments[2:])
    return None, list(arguments)


def _state_of_right_settings(config: Path | None) -> Path | None:
    """The state directory; None where nobody has read the settings as they are without a mistake."""
    try:
        path = find(config, os.environ, Path.cwd())
    except SettingsError:
        if config is not None:
            raise
        return state_directory(None, os.environ)
    state = state_directory_at_once(path, os.environ)
    if state is None or not is_vouched(state, digest_of(path.absolute(), text_of(path))):
        return None
    return state


def _directory(state: Path, named: Sequence[str]) -> Path | None:
    if not named:
        return next((one.directory for one in listed(state)), None)
    return next((one for one in windows_of(state) if one.name == named[0]), None)
