"""What a long journal came to, kept beside it for the screen that must be there at once.

It is a cache and never the truth: nothing is decided on it. A console that drives folds its journal
from the first event on and verifies the whole chain; this only says sooner what that will say.
"""

import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from msgspec import MsgspecError, Struct
from msgspec.json import decode, encode

import state
from state.host import modes
from state.journal.events import JournalReader
from state.window import Window

STORED = "fold.json"
#: So many events are folded faster than an operator notices.
WORTH = 500


class Stored(Struct, frozen=True):
    """`window` is the fold up to the event `window.seq`, which has this `hash`, by this `code`."""

    code: str
    hash: str
    window: Window


def recall(directory: Path, journal: JournalReader) -> Window:
    """The window as it was kept, to be folded on from there; an empty one where nothing kept fits.

    What another version wrote fits no more, nor what belongs to another journal than this one.
    """
    try:
        stored = decode((directory / STORED).read_bytes(), type=Stored)
    except (OSError, MsgspecError):
        return Window()
    fits = stored.code == _code() and stored.hash == journal.hash_of(stored.window.seq)
    return stored.window if fits else Window()


def keep(directory: Path, journal: JournalReader, window: Window) -> None:
    """Keeps the fold for the next console. Where that cannot be, the next one folds for itself."""
    fresh = directory / f".{STORED}.{os.getpid()}"
    stored = Stored(_code(), journal.hash_of(window.seq), window)
    try:
        with os.fdopen(modes.open_file(fresh, os.O_EXCL | os.O_WRONLY), "wb") as file:
            file.write(encode(stored))
        fresh.rename(directory / STORED)
    except OSError:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


@cache
def _code() -> str:
    """Changes with every file that has a say in what events come to."""
    root = Path(state.__file__).parent
    files = (root, root / "events", root / "fold")
    stats = [path.stat() for folder in files for path in sorted(folder.iterdir()) if path.suffix in _SOURCES]
    return f"{len(stats)} {sum(one.st_size for one in stats)} {max(one.st_mtime_ns for one in stats)}"


_SOURCES = frozenset({".py", ".toml"})
