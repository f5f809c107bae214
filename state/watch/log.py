"""The watch's few lines in the window's directory, for whoever wonders."""

import os
from datetime import UTC, datetime
from pathlib import Path

from state.host import modes
from state.text import printable, redact

WATCH_LOG = "watch.log"

#: Lines that one watch writes at most.
_LINES = 200


class Log:
    """Writes single lines: few, printable, without secrets."""

    def __init__(self, path: Path, secrets: tuple[str, ...]) -> None:
        self._path = path
        self._secrets = secrets
        self._left = _LINES
        self._last = ""

    def __call__(self, text: str) -> None:
        """Writes one line, unless it says what the last one said; a disk that refuses is left alone."""
        line = redact(printable(text), self._secrets)[:500]
        if line == self._last or self._left == 0:
            return
        self._last, self._left = line, self._left - 1
        try:
            flags = os.O_APPEND | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
            descriptor = modes.open_file(self._path, flags)
        except OSError:
            return
        try:
            os.write(descriptor, f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z {line}\n".encode())
        except OSError:
            pass
        finally:
            os.close(descriptor)
