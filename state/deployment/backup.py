"""Looks at a database dump: is it there, whole, and what is its digest."""

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

#: A whole plain-text dump of pg_dump says so near its end; newer versions put a line after it.
MARKER = b"-- PostgreSQL database dump complete"
_MARKER_WITHIN = 4096
_MARKER_LINE = re.compile(rb"\n" + re.escape(MARKER) + rb"\r?(?:\n|\Z)")
# Rows of a table stand between these two; a row that looks like the mark does not end the dump.
_COPY_BEGIN = re.compile(rb"\nCOPY [^\n]{1,2000} FROM stdin;\n")
_COPY_END = b"\n\\.\n"
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Examination:
    """`size` in bytes, `captured_at` in seconds since the epoch; `problem` is empty when it is whole."""

    path: Path
    size: int
    sha256: str
    captured_at: float
    problem: str


def examine(path: Path) -> Examination:
    """One pass over the file; what is wrong with it stands in `problem`, nothing is raised."""
    digest = hashlib.sha256()
    scan = _Scan()
    try:
        if path.exists() and not path.is_file():
            return Examination(path, 0, "", 0.0, f"{path} is not a regular file")
        with path.open("rb") as stream:
            captured_at = os.fstat(stream.fileno()).st_mtime
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                scan.feed(chunk)
    except FileNotFoundError:
        return Examination(path, 0, "", 0.0, f"{path} is not there")
    except OSError as error:
        return Examination(path, 0, "", 0.0, f"{path} cannot be read ({error.strerror})")
    return Examination(path, scan.size, digest.hexdigest(), captured_at, scan.problem())


class _Scan:
    """Follows a dump chunk by chunk: its end, and whether a COPY is still open there."""

    def __init__(self) -> None:
        self.size = 0
        self._tail = b"\n"
        self._copy_begun = self._copy_ended = -1

    def feed(self, chunk: bytes) -> None:
        # The tail of the chunk before goes along, so that nothing is missed on the boundary.
        seen = self._tail + chunk
        offset = self.size - len(self._tail)
        for begun in _COPY_BEGIN.finditer(seen):
            self._copy_begun = offset + begun.start()
        if (ended := seen.rfind(_COPY_END)) >= 0:
            self._copy_ended = offset + ended
        self.size += len(chunk)
        self._tail = seen[-_MARKER_WITHIN:]

    def problem(self) -> str:
        if self.size == 0:
            return "the backup is empty"
        if self._copy_begun > self._copy_ended:
            return "the backup is cut short: it ends within the rows of a table"
        offset = self.size - len(self._tail)
        marks = [offset + mark.start() for mark in _MARKER_LINE.finditer(self._tail)]
        # A row of a table may read like the mark: the last rows must stand before it.
        if not marks or marks[-1] < self._copy_ended:
            return "the backup is cut short: it does not end with pg_dump's completion mark"
        return ""


def newest(directory: Path) -> Path | None:
    """The newest file that looks like a dump (`*.sql`) in the directory; None where there is none.

    Raises OSError where the directory cannot be read.
    """
    dumps = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(directory) if _is_dump(entry)]
    return Path(max(dumps)[1]) if dumps else None


def _is_dump(entry: "os.DirEntry[str]") -> bool:
    return entry.name.endswith(".sql") and entry.is_file()
