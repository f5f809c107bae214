"""Who can be killed: the console, the watch of a window and the keeper of its run, each known for sure."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from state.host.locks import is_held
from state.journal.directory import READINGS, RUNS, WATCH_LOCK
from state.journal.readings import ReadingsError, ReadingsReader


@dataclass(frozen=True, slots=True)
class Victim:
    """A process held by a handle: its number cannot become that of a stranger. `run`: of a keeper."""

    name: str
    pid: int
    handle: int
    run: int = 0

    def kill(self) -> bool:
        """`kill -9`; False where it had ended before."""
        try:
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True


def console(pid: int) -> Victim | None:
    """The console, a child of whoever asks."""
    return _held("console", pid, (b"tests.torture.driver",))


def watch(window: Path) -> Victim | None:
    """The watch that observes the window now."""
    if not is_held(window / WATCH_LOCK):
        return None
    try:
        with closing(ReadingsReader(window / READINGS)) as reader:
            watches = [one for one in reader.watches() if one.ended_at is None]
    except ReadingsError:
        return None
    return _held("watch", watches[-1].pid, (b"state.watch", str(window).encode())) if watches else None


def keeper(window: Path) -> Victim | None:
    """The keeper of the run that goes on now."""
    for run in newest_runs(window):
        with suppress(OSError, ValueError):
            pid = int((run / "pid").read_text(encoding="ascii"))
            if is_held(run / "lock"):
                return _held("keeper", pid, (b"keeper.sh", str(run).encode()), int(run.name))
    return None


def newest_runs(window: Path) -> Sequence[Path]:
    """The directories of the runs, newest first."""
    return sorted((window / RUNS).iterdir(), key=lambda run: int(run.name), reverse=True)


def _held(name: str, pid: int, words: tuple[bytes, ...], run: int = 0) -> Victim | None:
    """A handle on the process, if it is the one that these words of its command line say."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    with suppress(OSError):
        said = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if all(any(part.endswith(word) for part in said) for word in words):
            return Victim(name, pid, handle, run)
    os.close(handle)
    return None


@contextmanager
def aimed(*found: Victim | None) -> Iterator[list[Victim]]:
    """Those of them that are there."""
    there = [one for one in found if one is not None]
    try:
        yield there
    finally:
        for one in there:
            os.close(one.handle)
