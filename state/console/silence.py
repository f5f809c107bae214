"""Says what has fallen silent: a run that prints nothing more, and a watch that keeps nothing more."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from state.host.locks import is_held
from state.journal.directory import RUNS, WATCH_LOCK
from state.judgement.phrases import duration
from state.readings import Observed
from state.watch.log import WATCH_LOG
from state.window import Run, Window

#: Intervals of readiness without a reading that are no silence yet, and the seconds on top of them: the
#: slowest answer that is waited for, and the way to the disk.
_INTERVALS, _SLACK = 3, 10.0

#: Bytes that say whether there is room: less might still fit where nothing more does.
_PAGE = 4096


def of_run(run: Run, directory: Path, now: float) -> float:
    """Seconds since an open run last printed something, or began; `directory` is the run's."""
    began = run.started_at or run.requested_at
    try:
        began = max(began, (directory / "log").stat().st_mtime)
    except OSError:
        # Its log comes with it, or its end is told elsewhere.
        return 0.0
    return max(0.0, now - began)


class Silence:
    """Looks at the open run and at the watch of one window; it belongs to one console."""

    def __init__(self, directory: Path, silent_after: float) -> None:
        """`directory` is the window's; a run may be silent for `silent_after` seconds."""
        self._directory = directory
        self._silent_after = silent_after
        self._last: tuple[bool, Observed | None] = (False, None)
        self._since = 0.0

    def look(self, window: Window, observed: Observed, drives: bool, now: float) -> Iterator[tuple[str, str]]:
        """What to say of each, by its name: a sentence, or nothing where all is well.

        A console that does not drive (`drives`) cannot stop a run: it is told who can.
        """
        yield "silent run", self._run(window, drives, now)
        yield "silent watch", self._watch(window, observed)

    def _run(self, window: Window, drives: bool, now: float) -> str:
        run = window.open_run
        if run is None or not run.started_at:
            return ""
        seconds = of_run(run, self._directory / RUNS / str(run.id), now)
        if seconds < self._silent_after:
            return ""
        silent = f"{run.title} has printed nothing for {duration(seconds)}, and still runs."
        if drives:
            return f"{silent} See what it waits for, or stop it (x)."
        return f"{silent} See what it waits for; whoever drives can stop it."

    def _watch(self, window: Window, observed: Observed) -> str:
        """Nothing new, from a watch that lives: by our own clock, since the wall's may be set."""
        lives = window.is_open and is_held(self._directory / WATCH_LOCK)
        if (lives, observed) != self._last:
            self._last, self._since = (lives, observed), time.monotonic()
        silent = time.monotonic() - self._since
        if not lives or silent < _INTERVALS * window.policy.ready_every + _SLACK:
            return ""
        return f"The watch has kept no reading for {duration(silent)}: {self._why()}"

    def _why(self) -> str:
        # A disk that broke still calls itself writable: only writing tells.
        try:
            with tempfile.TemporaryFile(dir=self._directory, buffering=0) as probe:
                probe.write(bytes(_PAGE))
        except OSError as error:
            return f"the state directory cannot be written ({error.strerror}). Look at its disk."
        return f"its words are in {self._directory / WATCH_LOG}."
