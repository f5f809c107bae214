"""A run's log as numbered lines: a sparse index over a growing file, of which only visible lines are read."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from state.text import printable, redact
from state.text.redaction import LONGEST
from state.text.unfinished import hide_beginning
from tui.log_index import BLOCK, LineIndex

#: A line that begins after an entry of the index begins within so many bytes of it: a slice without
#: an entry lies less than a block behind one, and is at most a block long.
REACH = 2 * BLOCK
CHUNK = 4 * BLOCK
#: What is shown of a huge line, in bytes.
LINE_BYTES = 4096
#: Read beyond the cut and dropped after redaction, so that no secret is shown as its first half.
MARGIN = 1024
#: Bytes before the visible lines that are read with them: a key is known by its first line.
BEFORE = LONGEST


class LogFile:
    """A log that may not exist yet, grow, be cut, and hold any bytes at all.

    `advance` belongs to one thread; everything else may be called from another one meanwhile.
    Lines are counted from 0. `secrets` are values that must never be shown.
    """

    def __init__(self, path: Path, secrets: tuple[str, ...] = ()) -> None:
        self.path = path
        self._secrets = secrets
        self._index = LineIndex()
        #: Bytes in the file at the last look.
        self.size = 0
        #: Counts the changes that `advance` has seen.
        self.version = 0

    def hide(self, secrets: tuple[str, ...]) -> None:
        """These values are not shown either from now on: what is on the screen is drawn anew."""
        if secrets != self._secrets:
            self._secrets = secrets
            self.version += 1

    @property
    def line_count(self) -> int:
        """Lines known so far; a last line without newline counts."""
        return self._index.line_count

    @property
    def scanned(self) -> int:
        """Bytes indexed so far."""
        return self._index.scanned

    def advance(self, budget_bytes: int = 4 * 1024 * 1024) -> bool:
        """Looks at the file and indexes at most `budget_bytes` more of it; True when anything changed."""
        handle = self._opened()
        if handle is None:
            return self._is_gone() if self._index.identity else False
        with handle:
            status = os.fstat(handle.fileno())
            identity = (status.st_dev, status.st_ino)
            index = self._index
            changed = identity != index.identity or status.st_size < index.scanned
            if changed:
                # A log that was sealed is another file with the same lines: it takes the place of the
                # old one only when there is something in it.
                index = LineIndex(identity)
            self.size = status.st_size
            end = min(self.size, index.scanned + budget_bytes)
            while index.scanned < end:
                data = _read(handle.fileno(), min(CHUNK, end - index.scanned), index.scanned)
                if not data:
                    break
                for at in range(0, len(data), BLOCK):
                    index.feed(data[at : at + BLOCK])
                changed = True
            self._index = index
        self.version += changed
        return changed

    def lines(self, first: int, count: int) -> list[str]:
        """At most `count` lines from `first` on, printable and redacted; fewer where the log ends."""
        index = self._index
        count = min(count, index.line_count - first)
        handle = self._opened() if count > 0 else None
        if handle is None:
            return []
        with handle:
            descriptor = handle.fileno()
            start = self._offset_of(descriptor, index, first)
            before = _said(_read(descriptor, min(BEFORE, start), start - min(BEFORE, start)))
            shown = before + "\n".join(self._read_lines(descriptor, index, start, count))
        goes_on = first + count == index.line_count and index.ends_within_line
        return self._redacted(shown, goes_on)[before.count("\n") :]

    def tail(self, count: int) -> list[str]:
        """At most `count` lines up to the end of the file as it stands, indexed or not, as `lines` has them.

        Fewer where they take more than REACH bytes.
        """
        handle = self._opened()
        if handle is None:
            return []
        with handle:
            descriptor = handle.fileno()
            size = os.fstat(descriptor).st_size
            base = max(0, size - BEFORE - REACH)
            raw = _read(descriptor, size - base, base)
            size = base + len(raw)
            # What is cut off at its beginning is no line; it is known to be one behind a newline only.
            begin = raw.find(b"\n") + 1 or len(raw) if base else 0
            shown, start = [], base + begin
            for line in raw[begin:].removesuffix(b"\n").split(b"\n") if begin < len(raw) else ():
                end = start + len(line)
                is_huge = len(line) > LINE_BYTES + MARGIN
                shown.append(self._huge(descriptor, start, end) if is_huge else _said(line))
                start = end + 1
        return self._redacted("\n".join(shown), not raw.endswith(b"\n"))[-count:] if shown else []

    def _redacted(self, lines: str, goes_on: bool) -> list[str]:
        """Redaction keeps lines. Where the last one goes on, half a secret may stand at its end."""
        text = redact(lines, self._secrets)
        return (hide_beginning(text, self._secrets) if goes_on else text).split("\n")

    def search(
        self,
        pattern: str,
        start: int,
        forwards: bool = True,
        given_up: Callable[[], bool] = lambda: False,
        either_case: bool = False,
    ) -> int | None:
        """The nearest line with `pattern`, from line `start` on (or back), itself included.

        Plain text as it is typed; with `either_case` ASCII letters match in either one, which takes
        three times as long. Reads the indexed part in bounded chunks and asks `given_up` between them.
        May take seconds on a huge log: not for the event loop.
        """
        needle = pattern.encode("utf-8", "replace")
        needle = needle.lower() if either_case else needle
        letters = frozenset(needle)
        index = self._index
        handle = self._opened() if needle and 0 <= start < index.line_count else None
        if handle is None:
            return None
        with handle:
            descriptor = handle.fileno()
            if forwards:
                low, high = self._offset_of(descriptor, index, start), index.scanned
            else:
                low, high = 0, self._end_of(descriptor, index, self._offset_of(descriptor, index, start))
            for at, data, size in _windows(descriptor, low, high, len(needle) - 1, forwards):
                if given_up():
                    return None
                data = data.lower() if either_case else data
                # That it is not there is known soonest by a letter that is not, and backwards sooner than
                # forwards.
                hit = data.rfind(needle, 0, size) if all(letter in data for letter in letters) else -1
                hit = data.find(needle, 0, size) if forwards and hit >= 0 else hit
                if hit >= 0:
                    return self._line_at(descriptor, index, at + hit)
        return None

    def _opened(self) -> BinaryIO | None:
        """The file, opened anew for each look: it may be missing, replaced or gone by then."""
        try:
            return self.path.open("rb", buffering=0)
        except OSError:
            return None

    def _is_gone(self) -> bool:
        self._index = LineIndex()
        self.size = 0
        self.version += 1
        return True

    def _offset_of(self, descriptor: int, index: LineIndex, line: int) -> int:
        offset, number = index.before_line(line)
        if line == number:
            return offset
        data = _read(descriptor, REACH, offset)
        return offset + len(data) - len(data.split(b"\n", line - number)[-1])

    def _end_of(self, descriptor: int, index: LineIndex, start: int) -> int:
        """Where the line that begins at `start` ends, its newline not included."""
        newline = _read(descriptor, min(BLOCK, max(0, index.scanned - start)), start).find(b"\n")
        return start + newline if newline >= 0 else index.end_after(start)

    def _line_at(self, descriptor: int, index: LineIndex, offset: int) -> int:
        begin, number = index.before_offset(offset)
        return number + _read(descriptor, min(REACH, offset - begin), begin).count(b"\n")

    def _read_lines(self, descriptor: int, index: LineIndex, start: int, count: int) -> Iterator[str]:
        base, data = start, b""
        for _ in range(count):
            newline = data.find(b"\n", start - base)
            if newline < 0:
                base, data = start, _read(descriptor, BLOCK, start)
                newline = data.find(b"\n")
            end = base + newline if newline >= 0 else self._end_of(descriptor, index, start)
            if end - start > LINE_BYTES + MARGIN:
                yield self._huge(descriptor, start, end)
            else:
                yield _said(data[start - base : end - base])
            start = end + 1

    def _huge(self, descriptor: int, start: int, end: int) -> str:
        tail = _read(descriptor, LINE_BYTES + MARGIN, end - LINE_BYTES - MARGIN).rstrip(b"\r")
        if b"\r" in tail:
            return self._clean(tail)
        head = self._clean(_read(descriptor, LINE_BYTES + MARGIN, start))
        return f"{head[:-MARGIN]} … ({end - start} bytes in this line)"

    def _clean(self, raw: bytes) -> str:
        return redact(_said(raw), self._secrets)


def _said(raw: bytes) -> str:
    """Lines for the screen: of a progress display only what it said last."""
    return printable(raw.decode("utf-8", "replace"), newlines=True)


def _read(descriptor: int, count: int, offset: int) -> bytes:
    """At most `count` bytes; none where the disk fails, since a pane must not end the console."""
    try:
        return os.pread(descriptor, count, offset)
    except OSError:
        return b""


def _windows(
    descriptor: int, low: int, high: int, overlap: int, forwards: bool
) -> Iterator[tuple[int, bytearray, int]]:
    """The bytes from `low` to `high` in chunks, with offset and size, each reaching `overlap` into the next.

    All in one buffer, of which the rest is of an earlier chunk: a thread that takes and gives back memory
    for each would wait for the kernel most of the time.
    """
    buffer = bytearray(CHUNK + overlap)
    view = memoryview(buffer)
    begins = range(low, high, CHUNK)
    for at in begins if forwards else reversed(begins):
        try:
            size = os.preadv(descriptor, [view[: min(CHUNK + overlap, high - at)]], at)
        except OSError:
            continue
        yield at, buffer, size
