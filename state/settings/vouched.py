"""Which text of a settings file was read without a mistake: a status line need not read it all anew."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from state.host import modes

_DIRECTORY = "settings"


def digest_of(path: Path, text: str) -> str:
    """Of the text, its file, and the rules it was read by: what an earlier version took may be wrong now."""
    digest = hashlib.sha256(f"{path}\0{text}".encode())
    with os.scandir(Path(__file__).parent) as entries:
        rules = sorted((one.name, one.stat().st_mtime_ns) for one in entries if one.name.endswith(".py"))
    digest.update(repr(rules).encode())
    return digest.hexdigest()


def vouch(state: Path, digest: str) -> None:
    """Notes that settings with this digest are right; does nothing where that cannot be kept."""
    place = state / _DIRECTORY
    with suppress(OSError):
        with suppress(FileExistsError):
            modes.make_directory(place)
        # Empty: that it is there says all.
        os.close(modes.open_file(place / digest, os.O_WRONLY))


def is_vouched(state: Path, digest: str) -> bool:
    """Whether settings with this digest were read without a mistake."""
    return (state / _DIRECTORY / digest).exists()
