"""The right to decide for one window: an exclusive lock that dies with the process that holds it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from msgspec import Struct

from state.host import locks, modes
from state.journal.directory import DRIVER_LOCK, unwritable


@contextmanager
def turn(window: Path) -> Iterator[None]:
    """One console at a time looks whether it may take the drive, and takes it; raises DirectoryError.

    Lock and epoch change hands together: of two that want it at once the second sees the first.
    """
    try:
        descriptor = os.open(window, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise unwritable(window, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Drive(Struct):
    """The drive of one window, as long as its lock is held."""

    _descriptor: int

    @classmethod
    def take(cls, window: Path, patience: float = 0.5) -> "Drive | None":
        """The drive, or None where another console holds it; raises DirectoryError.

        The watch probes the lock for an instant now and then, hence the `patience` (seconds).
        """
        lock = window / DRIVER_LOCK
        deadline = time.monotonic() + patience
        while True:
            try:
                descriptor = modes.open_file(lock, os.O_RDWR | os.O_CLOEXEC)
            except OSError as error:
                raise unwritable(window, error) from error
            if locks.take(descriptor, 0.0) and _lies_at(descriptor, lock):
                return cls(descriptor)
            os.close(descriptor)
            if time.monotonic() >= deadline:
                return None
            time.sleep(0.02)

    @classmethod
    def take_over(cls, window: Path) -> "Drive":
        """The drive of a console that is stopped or frozen and so keeps its lock; raises DirectoryError.

        A lock cannot be taken from a process: another file takes the place of the one it holds. What
        that console decides when it wakes is refused by its epoch.
        """
        fresh = window / f".{DRIVER_LOCK}.{os.getpid()}"
        try:
            descriptor = modes.open_file(fresh, os.O_RDWR | os.O_CLOEXEC)
            locks.take(descriptor)
            fresh.rename(window / DRIVER_LOCK)
        except OSError as error:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
            raise unwritable(window, error) from error
        return cls(descriptor)

    def __enter__(self) -> "Drive":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def release(self) -> None:
        """Gives the drive up."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _lies_at(descriptor: int, lock: Path) -> bool:
    """Whether this is the lock file still, and none that another has taken the place of."""
    try:
        return os.path.samestat(os.fstat(descriptor), lock.stat())
    except FileNotFoundError:
        return False
