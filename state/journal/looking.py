"""Opens a database of the window to look at it: never written, whatever it lies on."""

import os
import sqlite3
from pathlib import Path


def connect(path: Path, patience: float) -> sqlite3.Connection:
    """A read-only connection in autocommit that waits `patience` seconds for a lock; raises sqlite3.Error."""
    address = f"file:{_quoted(path)}?mode=ro"
    if _is_left_for_good(path):
        address += "&immutable=1"
    return sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None)


def on_one_line(error: Exception) -> str:
    """SQLite's words, which may quote a damaged schema over several lines: an operator reads one sentence."""
    return " ".join(str(error).split())


def _is_left_for_good(path: Path) -> bool:
    """Whether it was closed in order and lies where nobody can write: SQLite would want to make its -shm."""
    try:
        is_read_only = os.statvfs(path).f_flag & os.ST_RDONLY
        # What a write-ahead log still holds, an immutable look would pass over.
        return bool(is_read_only) and not _size(path.with_name(f"{path.name}-wal"))
    except OSError:
        return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _quoted(path: Path) -> str:
    # urllib's quote would be one more import on the way to the first screen.
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
