"""Which settings file an environment's windows were last opened with, for whoever meets them elsewhere."""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from state.host import modes
from state.text import printable

_DIRECTORY = "environments"
_LONGEST = 4096
#: As in the settings, but that none is a way out of the directory.
_NAME = re.compile(r"(?!\.)[A-Za-z0-9._-]{1,40}")


def note(state: Path, environment: str, settings: Path) -> None:
    """Keeps the path of the settings file; does nothing where it cannot be kept: it is a hint, no fact."""
    place = state / _DIRECTORY
    if not _NAME.fullmatch(environment) or settings_of(state, environment) == settings:
        return
    draft = place / f".{environment}.{secrets.token_hex(4)}"
    with suppress(OSError):
        with suppress(FileExistsError):
            modes.make_directory(place)
        with os.fdopen(modes.open_file(draft, os.O_WRONLY | os.O_EXCL), "w", encoding="utf-8") as stream:
            stream.write(str(settings))
        draft.replace(place / environment)


def settings_of(state: Path, environment: str) -> Path | None:
    """The path that was noted last; None where nobody has noted one, or it cannot be one."""
    if not _NAME.fullmatch(environment):
        return None
    try:
        with (state / _DIRECTORY / environment).open(encoding="utf-8") as stream:
            path = printable(stream.read(_LONGEST))
    except (OSError, UnicodeError):
        return None
    return Path(path) if path.startswith("/") else None
