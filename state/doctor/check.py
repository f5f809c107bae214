"""One line of the examination."""

import shutil
import tempfile
from pathlib import Path
from typing import Literal

from msgspec import Struct


class Check(Struct, frozen=True):
    """`words` say what was found about `subject`, `mend` what to do; `mend` may be empty."""

    verdict: Literal["ok", "warn", "FAIL"]
    subject: str
    words: str
    mend: str = ""


def ok(subject: str, words: str) -> Check:
    """All is well."""
    return Check("ok", subject, words)


def warn(subject: str, words: str, mend: str = "") -> Check:
    """A window can be held, but somebody should know this first."""
    return Check("warn", subject, words, mend)


def fail(subject: str, words: str, mend: str = "") -> Check:
    """A window would come to a stop here."""
    return Check("FAIL", subject, words, mend)


def write_problem(directory: Path) -> str:
    """Why no file can be written in an existing directory, empty when one can; leaves nothing behind.

    Only trying tells: modes say nothing to root, nor about a disk that is full or read-only.
    """
    try:
        with tempfile.TemporaryFile(dir=directory) as stream:
            stream.write(b"drawbridge")
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""


def free_space(directory: Path) -> int:
    """Bytes that are free for this login on the directory's disk; raises OSError."""
    return shutil.disk_usage(directory).free


def size(count: float) -> str:
    """Bytes in decimal units: `214 MB`, `4.1 KB`."""
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def age(seconds: float) -> str:
    """How long ago, in one unit that leaves at least two of it: `6 s old`, `90 min old`, `3 d old`."""
    whole = max(0, int(seconds))
    for length, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if whole >= 2 * length:
            return f"{whole // length} {unit} old"
    return f"{whole} s old"
