"""Work that takes seconds, on daemon threads: a frozen disk or command never holds up the console."""

import queue
import threading
from collections.abc import Callable
from typing import Any


class Background:
    """Runs one job per name at a time; results are taken up on the caller's own thread."""

    def __init__(self) -> None:
        self._busy: set[str] = set()
        self._results: queue.SimpleQueue[tuple[str, Callable[[Any], None], Any]] = queue.SimpleQueue()

    def run(self, name: str, job: Callable[[], Any], then: Callable[[Any], None]) -> bool:
        """Starts the job; `then` gets its result or the exception in a later `settle`.

        False, and nothing is started, while a job of that name is still at work.
        """
        if name in self._busy:
            return False
        self._busy.add(name)

        def work() -> None:
            try:
                result = job()
            except Exception as error:
                result = error
            self._results.put((name, then, result))

        threading.Thread(target=work, name=name, daemon=True).start()
        return True

    def is_busy(self, name: str) -> bool:
        """Whether a job of that name is at work, or its result not taken up yet."""
        return name in self._busy

    def settle(self) -> None:
        """Hands every result that is there to its `then`."""
        while True:
            try:
                name, then, result = self._results.get_nowait()
            except queue.Empty:
                return
            self._busy.discard(name)
            then(result)
