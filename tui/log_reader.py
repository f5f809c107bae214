"""The thread that keeps a log's index up to date, and tells when there is something new to draw."""

import threading
from collections.abc import Callable
from contextvars import copy_context
from time import monotonic

from tui.log_file import LogFile

#: Seconds between two looks at the file: a log that scrolls costs bytes on a slow line each time.
LOOK_EVERY = 0.25


class LogReader:
    """Indexes one log at a time, off the event loop.

    `tell` is called from the thread after a change, at most once per LOOK_EVERY and not again
    before `heard`; where it returns False, the thread ends.
    """

    def __init__(self, tell: Callable[[], bool]) -> None:
        self._tell = tell
        self._log: LogFile | None = None
        self._untold = threading.Event()
        self._wake = threading.Event()
        self._stopped = False
        self._untold.set()

    def start(self) -> None:
        """Starts the thread; it dies with the process."""
        run = copy_context().run
        threading.Thread(target=run, args=(self._work,), name="log-reader", daemon=True).start()

    def watch(self, log: LogFile | None) -> None:
        """Turns to another log, at once."""
        self._log = log
        self._wake.set()

    def heard(self) -> None:
        """What was told is drawn: the next change may be told."""
        self._untold.set()

    def stop(self) -> None:
        """Ends the thread soon."""
        self._stopped = True
        self._wake.set()

    def _work(self) -> None:
        told: tuple[LogFile | None, int] = (None, 0)
        pause = 0.0
        while not self._stopped:
            self._wake.wait(pause)
            self._wake.clear()
            log = self._log
            behind = log is not None and self._catch_up(log, LOOK_EVERY if log is told[0] else 0.0)
            # While the index is behind, the looks follow one another; each takes LOOK_EVERY at most,
            # the first one an instant: of a huge log the end is to be seen at once.
            pause = 0.0 if behind else LOOK_EVERY
            if log is not None and told != (log, log.version) and self._untold.is_set():
                told = (log, log.version)
                self._untold.clear()
                if not self._tell():
                    return

    def _catch_up(self, log: LogFile, seconds: float) -> bool:
        """Indexes for about so long; True when more is waiting."""
        until = monotonic() + seconds
        while log is self._log and not self._stopped:
            log.advance()
            if log.scanned >= log.size:
                return False
            if monotonic() > until:
                return True
        return True
