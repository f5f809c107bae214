"""Where windows lie: the state directory, and one directory a window."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote
from types import TracebackType

from msgspec import Struct

from state.host import modes
from state.host.groups import group_name, group_named, unshared
from state.journal.mounts import MOUNTINFO, mount_of

JOURNAL = "journal.db"
READINGS = "readings.db"
RUNS = "runs"
MAIL = "mail"
DRIVER_LOCK = "driver.lock"
WATCH_LOCK = "watch.lock"


class DirectoryError(Exception):
    """The state directory cannot be used: one sentence with the mend."""


def windows(state: Path) -> Iterator[Path]:
    """The directories of all windows, oldest first; none where the state directory is not there yet."""
    try:
        found = sorted(path for path in (state / "windows").iterdir() if not path.name.startswith("."))
    except FileNotFoundError:
        return
    except OSError as error:
        raise DirectoryError(
            f"{state} cannot be read ({error.strerror}). Mend its modes, or set DRAWBRIDGE_STATE."
        ) from error
    yield from (path for path in found if path.is_dir())


def name(environment: str, now: float) -> str:
    """The id of a window opened now: readable, and sorting by time."""
    return f"{datetime.fromtimestamp(now, UTC):%Y-%m-%d-%H%M%S}-{environment}"


class Draft(Struct):
    """A window's directory in the making, under a name that no listing shows."""

    path: Path
    _final: Path

    @classmethod
    def make(cls, state: Path, window: str) -> "Draft":
        """An empty directory for a window of that name; raises DirectoryError."""
        import secrets

        root = state / "windows"
        try:
            if (root / window).exists():
                raise DirectoryError(f"{window} was opened this second. Try again.")
            path = root / f".{window}-{secrets.token_hex(4)}"
            for directory in (path, path / RUNS, path / MAIL):
                modes.make_directory(directory)
        except OSError as error:
            raise unwritable(state, error) from error
        return cls(path, root / window)

    def publish(self) -> Path:
        """Moves it into place, durably, and answers where it is now."""
        try:
            self.path.rename(self._final)
            descriptor = os.open(self._final.parent, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise unwritable(self._final.parent, error) from error
        return self._final

    def __enter__(self) -> "Draft":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        import shutil

        if self.path.exists():
            shutil.rmtree(self.path, ignore_errors=True)


@contextmanager
def opening(state: Path, group: str | None = None) -> Iterator[None]:
    """One console at a time opens a window in this state directory; raises DirectoryError.

    `group` is the name of the group that shares the directory, None where nobody does.
    """
    root = state / "windows"
    shared_with = None if group is None else _shared_with(group)
    try:
        modes.make_root(state, shared_with)
        refuse_network(state)
        with suppress(FileExistsError):
            modes.make_directory(root)
        for directory in (state, root):
            _refuse_another_group(directory, shared_with)
        descriptor = os.open(root, os.O_RDONLY)
    except OSError as error:
        raise unwritable(state, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _shared_with(group: str) -> int:
    number = group_named(group)
    words, mend = unshared(group)
    if number is None or words:
        raise DirectoryError(f"No window can be shared: {words}: {mend}.")
    return number


def _refuse_another_group(directory: Path, group: int | None) -> None:
    """Raises DirectoryError where a window would be shared with others than the settings say."""
    shared_with = modes.group_of(directory)
    if group is None and shared_with is not None:
        name = group_name(shared_with)
        raise DirectoryError(
            f"{directory} is shared with the group {name}, of which the settings say nothing. "
            f'Add `group = "{name}"` to [people] in drawbridge.toml, or `chmod 700 {quote(str(directory))}`.'
        )
    if group is not None and shared_with != group:
        name = group_name(group)
        raise DirectoryError(
            f"{directory} is not shared with the group {name}. Share it with "
            f"`chgrp {name} {quote(str(directory))} && chmod 2770 {quote(str(directory))}`, "
            "or leave group out of [people] in drawbridge.toml."
        )


def refuse_network(state: Path) -> None:
    """Raises DirectoryError where the locks and the journal could not be trusted."""
    mount = mount_of(state.resolve(), MOUNTINFO.read_text(encoding="utf-8", errors="replace"))
    if mount is not None and mount.is_network:
        raise DirectoryError(
            f"{state} lies on a network file system ({mount.kind}, mounted on {mount.point}), where locks "
            "cannot be trusted. Set DRAWBRIDGE_STATE to a local directory."
        )


def unwritable(path: Path, error: OSError) -> DirectoryError:
    """The sentence for a state directory that refuses."""
    return DirectoryError(
        f"{path} cannot be written ({error.strerror}). Mend its modes or its disk, or set DRAWBRIDGE_STATE."
    )
