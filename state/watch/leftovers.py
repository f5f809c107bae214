"""Seals the logs of runs that ended while nobody drives: no secret waits on the disk for a console."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event

from state.deployment.sealing import seal
from state.events import LogSealed, UnknownEvent
from state.host.locks import is_held
from state.journal.directory import DRIVER_LOCK, JOURNAL, RUNS
from state.journal.events import JournalError, JournalReader


class Leftovers:
    """The runs of a window that no console has sealed. A driver seals them itself, and journals that."""

    def __init__(self, window: Path, secrets: tuple[str, ...], note: Callable[[str], None]) -> None:
        """`window` is its directory; `secrets` are values that no log may keep."""
        self._window = window
        self._secrets = secrets
        self._note = note
        self._done: set[str] = set()
        self._waited_for = Event()

    def leave(self) -> None:
        """Somebody waits: what is not sealed by now stays raw for the next watch, or for a driver."""
        self._waited_for.set()

    def seal(self) -> None:
        """Seals what there is, unless a console drives. Takes seconds for a large log."""
        try:
            waiting = [run for run in (self._window / RUNS).iterdir() if run.name not in self._done]
        except OSError:
            return
        for run in waiting:
            if self._waited_for.is_set() or is_held(self._window / DRIVER_LOCK):
                return
            try:
                wanted = self._is_nobodys(run.name)
                if seal(run, self._secrets, wanted, lambda: not self._waited_for.is_set()) is not None:
                    self._done.add(run.name)
            except FileNotFoundError:
                self._done.add(run.name)
            except OSError as error:
                self._note(f"the log of run {run.name} cannot be sealed: {error.strerror}")

    def _is_nobodys(self, run: str) -> Callable[[], bool]:
        """Asked while no one else can be at its log: a driver may have sealed it and journalled that."""

        def is_nobodys() -> bool:
            if is_held(self._window / DRIVER_LOCK):
                return False
            if self._is_sealed(run):
                self._done.add(run)
                return False
            return True

        return is_nobodys

    def _is_sealed(self, run: str) -> bool:
        try:
            with closing(JournalReader(self._window / JOURNAL)) as journal:
                facts = (one.event for one in journal.after(0))
                return any(isinstance(fact, LogSealed) and str(fact.run) == run for fact in facts)
        except (JournalError, UnknownEvent):
            # What cannot be read may say so: then it is left as it is.
            return True
