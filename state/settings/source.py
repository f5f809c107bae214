"""The text of `drawbridge.toml` and the tables in it, not yet looked at."""

import re
import tomllib
from pathlib import Path
from typing import Any

from state.settings.errors import SettingsError
from state.text import printable

_LARGEST = 256 * 1024


def text_of(path: Path) -> str:
    """What stands in the file; raises SettingsError."""
    try:
        with path.open("rb") as stream:
            body = stream.read(_LARGEST + 1)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): mend its path or its mode.") from None
    if len(body) > _LARGEST:
        raise SettingsError(f"{path} is larger than 256 KiB: that is no drawbridge.toml.")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}, line {line}: not UTF-8: save the file as UTF-8.") from None


def tables(path: Path, text: str) -> dict[str, Any]:
    """The tables of a text that was read from `path`; raises SettingsError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(_syntax(path, str(error))) from None


def _syntax(path: Path, problem: str) -> str:
    place = re.search(r" \(at line (\d+), column \d+\)$", problem)
    where = f", line {place[1]}" if place else ""
    what = problem[: place.start()] if place else problem
    return f"{path}{where}: not valid TOML: {printable(what)[:200]}."
