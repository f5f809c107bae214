"""The command as it can be typed: by its bare name only where a shell would find this very program by it."""

import os
import re
import shlex
import sys
from pathlib import Path
from typing import TextIO

from state.settings.errors import SettingsError
from state.settings.lookup import find

NAME = "drawbridge"
#: A command in a sentence, with the stop that would be copied with it.
_QUOTED = re.compile(r"\s*`([^`\n]+)`[.,;:]?\s*")


def command(config: Path | None = None, *, elsewhere: bool = False) -> str:
    """What begins a command line; with `config` one that works with that settings file.

    `elsewhere` is for another terminal, which need not stand in this working directory nor have this
    environment.
    """
    from shutil import which

    own = Path(sys.argv[0])
    name = NAME
    # Started as a module there is no file of that name to be typed.
    if own.name == NAME and not _is_same(own, which(NAME)):
        near = os.path.relpath(own)
        name = str(own.absolute()) if elsewhere or near.startswith("..") else near
        if "/" not in name:
            name = f"./{name}"
    named = [] if config is None or _is_found(config, elsewhere) else ["--config", str(config)]
    return shlex.join([name, *named])


def as_typed(words: str, config: Path | None = None, *, elsewhere: bool = False) -> str:
    """A sentence that names commands by the bare name, with each as it can be typed; as `command` has it."""
    if f"`{NAME}" not in words:
        return words
    name = command(config, elsewhere=elsewhere)
    return words.replace(f"`{NAME} ", f"`{name} ").replace(f"`{NAME}`", f"`{name}`")


def for_stream(words: str, stream: TextIO) -> str:
    """What is printed of sentences: on a terminal each command stands apart, so that it can be copied whole.

    Where no terminal breaks lines, a sentence stays one line, with its commands in quotes.
    """
    return _QUOTED.sub(r"\n  \1\n", words).strip("\n") if stream.isatty() else words


def _is_found(config: Path, elsewhere: bool) -> bool:
    """Whether this settings file is looked up without being named."""
    environment = {k: v for k, v in os.environ.items() if not elsewhere or k != "DRAWBRIDGE_CONFIG"}
    try:
        found = find(None, environment, Path("/") if elsewhere else Path.cwd())
    except SettingsError:
        return False
    return _is_same(config, str(found))


def _is_same(own: Path, found: str | None) -> bool:
    try:
        return found is not None and own.samefile(found)
    except OSError:
        return False
