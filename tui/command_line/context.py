"""What the options before the command say, who sits here, and which window is meant."""

import os
import pwd
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from state.events import Actor
from state.journal.directory import windows as windows_of
from state.listing import listed
from state.settings import SettingsError, find, state_directory
from tui.command_line.ending import fail

if TYPE_CHECKING:
    from state.settings import Settings


class Context:
    """What the options before the command say, read when a command needs it."""

    def __init__(self, config: Path | None) -> None:
        """`config` is that of `--config`."""
        self.config = config

    def settings(self) -> "Settings":
        """The settings; raises SettingsError."""
        return load(find(self.config, os.environ, Path.cwd()))

    def state(self) -> Path:
        """The state directory; the settings file may be missing, but not wrong."""
        try:
            path = find(self.config, os.environ, Path.cwd())
        except SettingsError:
            if self.config is not None:
                raise
            return state_directory(None, os.environ)
        return state_directory(load(path), os.environ)


def load(path: Path) -> "Settings":
    from state.settings.reader import load

    return load(path)


def actor() -> Actor:
    """Who sits here, as far as the host knows."""
    login = pwd.getpwuid(os.getuid()).pw_name
    terminal = next((os.ttyname(fd) for fd in (0, 2) if os.isatty(fd)), "")
    origin = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return Actor(login, login, os.uname().nodename, terminal, origin, os.getuid())


def directory_of(state: Path, window: str | None) -> Path:
    """That of the named window; without a name of the open one, else of the newest."""
    if window is None:
        found = listed(state)
        if not found:
            fail(f"there is no window in {state}. To open one: `drawbridge`")
        return found[0].directory
    named = next((directory for directory in windows_of(state) if directory.name == window), None)
    if named is None:
        fail(f"there is no window {window} in {state}. To list them: `drawbridge windows`")
    return named


def names(found: Callable[[click.Context], list[str]]) -> Callable[..., list[str]]:
    """Completes an argument with those of the names that begin with what was typed; never fails."""

    def complete(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        try:
            return [name for name in found(context) if name.startswith(incomplete)]
        except Exception:
            # A shell that completes has no place for a sentence; the command itself will say it.
            return []

    return complete


def _window_names(context: click.Context) -> list[str]:
    state = Context(context.find_root().params.get("config")).state()
    return [directory.name for directory in windows_of(state)]


#: The name of a window, which a shell completes.
of_window = click.argument("window", required=False, shell_complete=names(_window_names))
