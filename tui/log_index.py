"""Where the lines of a growing log begin: sparse, so that a log of gigabytes takes next to no memory."""

import threading
from array import array
from bisect import bisect_right

#: The index keeps one line start for about every so many bytes.
BLOCK = 64 * 1024


class LineIndex:
    """Where lines begin, as far as the file was scanned; safe between one writer and many readers."""

    def __init__(self, identity: tuple[int, int] | None = None) -> None:
        self.identity = identity
        self.scanned = 0
        self._newlines = 0
        self._tail = 0
        self._starts = array("Q", [0])
        self._numbers = array("Q", [0])
        self._lock = threading.Lock()

    def feed(self, data: bytes) -> None:
        """Takes the next bytes of the file, at most one BLOCK."""
        with self._lock:
            first = data.find(b"\n")
            if first >= 0:
                start = self.scanned + first + 1
                if start - self._starts[-1] >= BLOCK:
                    self._starts.append(start)
                    self._numbers.append(self._newlines + 1)
                self._newlines += data.count(b"\n")
                self._tail = self.scanned + data.rfind(b"\n") + 1
            self.scanned += len(data)

    @property
    def ends_within_line(self) -> bool:
        """Whether what was scanned ends without a newline."""
        with self._lock:
            return self.scanned > self._tail

    @property
    def line_count(self) -> int:
        with self._lock:
            return self._newlines + (self.scanned > self._tail)

    def before_line(self, line: int) -> tuple[int, int]:
        """The last entry at or before a line: its byte offset and its line number."""
        with self._lock:
            entry = bisect_right(self._numbers, line) - 1
            return self._starts[entry], self._numbers[entry]

    def before_offset(self, offset: int) -> tuple[int, int]:
        """The last entry at or before a byte offset: its byte offset and its line number."""
        with self._lock:
            entry = bisect_right(self._starts, offset) - 1
            return self._starts[entry], self._numbers[entry]

    def end_after(self, offset: int) -> int:
        """Where the line before the first entry after `offset` ends, else where the scan stands."""
        with self._lock:
            entry = bisect_right(self._starts, offset)
            return self._starts[entry] - 1 if entry < len(self._starts) else self.scanned
