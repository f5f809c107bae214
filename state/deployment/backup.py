"""Looks at a database dump: is it there, whole, and what is its digest."""

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field

#: A whole plain-text dump of pg_dump says so near its end; newer versions put a line after it.
MARKER = b"-- PostgreSQL database dump complete"
_MARKER_WITHIN = 4096
_MARKER_LINE = re.compile(rb"^" + re.escape(MARKER) + rb"\r?$", re.MULTILINE)
# Rows of a table stand between these two; a row that looks like the mark does not end the dump.
_COPY_BEGIN = re.compile(rb"^COPY (?P<table>[^\n(]{1,200}?) \([^\n]{0,20000}\) FROM stdin;\n", re.MULTILINE)
_COPY_END = re.compile(rb"^\\\.\n", re.MULTILINE)
#: Bytes of an unfinished line that are kept for the next chunk: enough for the longest COPY line.
_LINE_BEGINS = 32 * 1024
_CHUNK = 1024 * 1024


#: How the backups are named that are taken right before a restore.
SAFETY = "artifortress-safety-"


class Examination(Struct, frozen=True):
    """`size` in bytes, `captured_at` in seconds since the epoch; `problem` is empty when it is whole.

    `rows` counts those of each table, by its name in the dump.
    """

    path: Path
    size: int
    sha256: str
    captured_at: float
    problem: str
    rows: Mapping[str, int] = field(default_factory=dict)


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
    return Examination(path, scan.size, digest.hexdigest(), captured_at, scan.problem(), scan.rows)


class _Scan:
    """Follows a dump line by line in chunks: its end, and the rows of each table's COPY."""

    def __init__(self) -> None:
        self.size = 0
        self.rows: dict[str, int] = {}
        self._tail = b"\n"
        self._partial = b""
        self._table = ""
        self._marked = False

    def feed(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self._tail = (self._tail + chunk)[-_MARKER_WITHIN:]
        data = self._partial + chunk
        whole = data.rfind(b"\n") + 1
        # Of a line without an end only its beginning matters, however long it grows.
        self._partial = data[whole:][:_LINE_BEGINS]
        position = 0
        while position < whole:
            position = (
                self._rows(data, position, whole) if self._table else self._between(data, position, whole)
            )

    def _between(self, data: bytes, position: int, whole: int) -> int:
        """Looks for the next COPY; answers where its rows begin, or the end."""
        begun = _COPY_BEGIN.search(data, position, whole)
        until = begun.start() if begun else whole
        self._marked = self._marked or _MARKER_LINE.search(data, position, until) is not None
        if begun is None:
            return whole
        self._marked = False
        self._table = begun["table"].decode("utf-8", "replace")
        self.rows.setdefault(self._table, 0)
        return begun.end()

    def _rows(self, data: bytes, position: int, whole: int) -> int:
        """Counts rows up to the end of the COPY; answers where that is, or the end."""
        ended = _COPY_END.search(data, position, whole)
        self.rows[self._table] += data.count(b"\n", position, ended.start() if ended else whole)
        if ended is None:
            return whole
        self._table = ""
        return ended.end()

    def problem(self) -> str:
        if self.size == 0:
            return "the backup is empty"
        if self._table:
            return "the backup is cut short: it ends within the rows of a table"
        marked = self._marked or self._partial.rstrip(b"\r") == MARKER
        # A row of a table may read like the mark: the last rows must stand before it.
        if not marked or MARKER not in self._tail:
            return "the backup is cut short: it does not end with pg_dump's completion mark"
        return ""


def newest(directory: Path) -> Path | None:
    """The newest file that looks like a dump (`*.sql`) in the directory; None where there is none.

    Raises OSError where the directory cannot be read.
    """
    dumps = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(directory) if _is_dump(entry)]
    return Path(max(dumps)[1]) if dumps else None


def _is_dump(entry: "os.DirEntry[str]") -> bool:
    # A safety backup holds what a rollback went away from: nothing to go back to.
    return entry.name.endswith(".sql") and not entry.name.startswith(SAFETY) and entry.is_file()
