"""Examines the state directory, where windows are kept."""

from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from state.doctor.check import Check, fail, free_space, ok, size, warn, write_problem
from state.journal.mounts import mount_of

_SUBJECT = "state directory"
_ELSEWHERE = "or set DRAWBRIDGE_STATE"
#: Bytes: a window with long logs and its readings stays below this.
_ENOUGH = 100_000_000


def examine(state: Path, mountinfo: str) -> Iterator[Check]:
    """Can it be made and written, by nobody else, on a local disk with room.

    `mountinfo` is the text of `/proc/self/mountinfo`. Raises OSError.
    """
    nearest = next(path for path in (state, *state.parents) if path.exists())
    if not nearest.is_dir():
        yield fail(_SUBJECT, f"{nearest} is not a directory", f"move it away, {_ELSEWHERE}")
        return
    if problem := write_problem(nearest):
        yield fail(
            _SUBJECT,
            f"{nearest} cannot be written ({problem})",
            f"mend its owner, modes or disk, {_ELSEWHERE}",
        )
        return
    flaws = [*_open_to_others(state), *_mounted(nearest, mountinfo), *_room(nearest)]
    yield from flaws
    if not flaws:
        made = "" if nearest == state else ", will be made with the first window"
        yield ok(_SUBJECT, f"{state}{made}, {size(free_space(nearest))} free")


def _open_to_others(state: Path) -> Iterator[Check]:
    for directory in (state, state / "windows"):
        mode = directory.stat().st_mode & 0o777 if directory.is_dir() else 0
        if mode & 0o077:
            yield fail(
                _SUBJECT,
                f"{directory} is open to others (mode {mode:04o})",
                f"chmod 700 {quote(str(directory))}",
            )


def _mounted(nearest: Path, mountinfo: str) -> Iterator[Check]:
    mount = mount_of(nearest.resolve(), mountinfo)
    if mount is not None and mount.is_network:
        yield fail(
            _SUBJECT,
            f"{nearest} is on a network file system ({mount.kind} at {mount.point}): no place for a journal",
            "put `state` in drawbridge.toml on a local disk, " + _ELSEWHERE,
        )


def _room(nearest: Path) -> Iterator[Check]:
    if (free := free_space(nearest)) < _ENOUGH:
        yield warn(
            _SUBJECT, f"only {size(free)} free on the disk of {nearest}", f"free some space, {_ELSEWHERE}"
        )
