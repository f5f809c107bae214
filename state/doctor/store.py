"""Examines the state directory, where windows are kept."""

import stat
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from state.doctor.check import Check, fail, free_space, ok, size, warn, write_problem
from state.host.groups import group_named, unshared
from state.journal.directory import DirectoryError, windows
from state.journal.mounts import mount_of
from state.journal.openness import Flaw, of_place, of_window

_SUBJECT = "state directory"
_ELSEWHERE = "or set DRAWBRIDGE_STATE"
#: Bytes: a window with long logs and its readings stays below this.
_ENOUGH = 100_000_000
#: So many files with wrong modes are named; a state directory that was moved may have thousands.
_NAMED = 5


def examine(state: Path, mountinfo: str, group: str | None = None) -> Iterator[Check]:
    """Can it be made and written, by nobody else or by the group alone, on a local disk with room.

    `mountinfo` is the text of `/proc/self/mountinfo`, `group` the name of the group that shares it.
    Raises OSError.
    """
    if group is not None and any(stranger := unshared(group)):
        yield fail(_SUBJECT, *stranger)
        return
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
    number = None if group is None else group_named(group)
    found = [*_modes(state, number), *_way(state, number), *_mounted(nearest, mountinfo), *_room(nearest)]
    yield from found
    if not found:
        made = "" if nearest == state else ", will be made with the first window"
        shared = "" if group is None else f", shared with the group {group}"
        yield ok(_SUBJECT, f"{state}{shared}{made}, {size(free_space(nearest))} free")


def _modes(state: Path, group: int | None) -> Iterator[Check]:
    """The first few files and directories that are open to too many or too few, the worst first."""
    flaws: list[Flaw] = []
    for directory in (state, state / "windows"):
        if directory.is_dir():
            flaws += of_place(directory, group)
    try:
        flaws += chain.from_iterable(of_window(window, group) for window in windows(state))
    except DirectoryError as error:
        yield fail(_SUBJECT, str(error))
    flaws.sort(key=lambda flaw: not flaw.is_grave)
    for flaw in flaws[:_NAMED]:
        yield _verdict(flaw, flaw.words, flaw.mend)
    if more := flaws[_NAMED:]:
        yield _verdict(more[0], f"{len(more)} more like these", "mend those named, then run doctor again")


def _verdict(flaw: Flaw, words: str, mend: str) -> Check:
    return (fail if flaw.is_grave else warn)(_SUBJECT, words, mend)


def _way(state: Path, group: int | None) -> Iterator[Check]:
    """Whether the others of the group get as far as the state directory, by the modes of what it lies in."""
    for directory in state.resolve().parents if group is not None else ():
        about = directory.stat() if directory.exists() else None
        if about is None or about.st_mode & stat.S_IXOTH:
            continue
        if about.st_gid != group or not about.st_mode & stat.S_IXGRP:
            yield warn(
                _SUBJECT,
                f"{directory} may be shut to others of the group (mode {stat.S_IMODE(about.st_mode):04o})",
                "put `state` in drawbridge.toml where all of them get, such as below /var/lib",
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
