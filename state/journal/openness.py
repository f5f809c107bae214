"""Finds what in the state directory is open to too many, or shut to those who share it."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from shlex import quote

from msgspec import Struct

from state.host import modes
from state.host.groups import group_name, is_member, login_name
from state.journal.directory import MAIL, RUNS

#: What the next driver or watch writes on, whoever began it; anything else is only read by the others.
_WRITTEN = frozenset({".db", ".db-wal", ".db-shm", ".lock", ".log"})


class Flaw(Struct, frozen=True):
    """`words` say what is wrong with which file, `mend` is the command that puts it right.

    One that is not grave lets nobody in who should stay out; it keeps somebody out who shares.
    """

    words: str
    mend: str
    is_grave: bool = True


def of_place(path: Path, group: int | None) -> Iterator[Flaw]:
    """What is wrong with the state directory itself, or with that of all windows; raises OSError.

    `group` is the id of the group that shares it, None where nobody does.
    """
    about = path.stat()
    yield from _owner(path, about, group)
    yield from _mode(path, about, _most(group), group)


def of_window(window: Path, group: int | None) -> Iterator[Flaw]:
    """What is wrong with a window's directory and all that lies in it; what cannot be seen is left out."""
    with suppress(OSError):
        yield from of_place(window, group)
    for path, about, most in _within(window, _most(group)):
        yield from _owner(path, about, group)
        yield from _mode(path, about, most, group)


def problem(window: Path) -> str:
    """Why a window is not to be opened as its files are: one sentence with the mend, empty when all is well.

    A window is whole in itself: its own directory tells whether a group shares it, and which.
    """
    try:
        about = window.stat()
        group = modes.group_of(window)
    except OSError:
        # Whoever opens it meets the same, in words of its own.
        return ""
    most = _most(group)
    for place in ((window, about, most), *_within(window, most)):
        for flaw in _mode(*place, group):
            if flaw.is_grave:
                return f"{flaw.words}. Mend it with `{flaw.mend}`, then try again."
    return ""


def _most(group: int | None) -> int:
    return 0o700 if group is None else stat.S_ISGID | 0o700 | modes.WRITE


def _within(directory: Path, most: int) -> Iterator[tuple[Path, os.stat_result, int]]:
    """All that lies in a directory that may have the mode `most`, each with the mode that it may have."""
    try:
        paths = sorted(directory.iterdir())
    except OSError:
        return
    # A letter's owner vouches for what it says, and what a run left is its own login's word.
    of_file = 0o640 if directory.name == MAIL or directory.parent.name == RUNS else 0o660
    for path in paths:
        try:
            about = path.lstat()
        except OSError:
            continue
        if stat.S_ISDIR(about.st_mode):
            yield path, about, most
            yield from _within(path, most)
        elif not stat.S_ISLNK(about.st_mode):
            yield path, about, most & of_file


def _mode(path: Path, about: os.stat_result, most: int, group: int | None) -> Iterator[Flaw]:
    mode = stat.S_IMODE(about.st_mode)
    is_foreign = group is not None and about.st_gid != group
    needed = most if stat.S_ISDIR(about.st_mode) or path.suffix in _WRITTEN else most & ~0o020
    if mode & 0o777 & ~most:
        words = f"{path} is open to others (mode {mode:04o})"
    elif is_foreign and mode & 0o070:
        words = f"{path} is open to the group {group_name(about.st_gid)}"
    elif group is not None and (is_foreign or needed & ~mode):
        words = f"{path} is shut to the group {group_name(group)} (mode {mode:04o})"
        yield Flaw(words, _mend(path, about, most, group), is_grave=False)
        return
    else:
        return
    yield Flaw(words, _mend(path, about, most, group))


def _mend(path: Path, about: os.stat_result, most: int, group: int | None) -> str:
    # chmod leaves a directory's setgid bit as it is, unless the number begins with zeros.
    zeros = "00" if about.st_mode & stat.S_ISGID & ~most else ""
    mend = f"chmod {zeros}{most:o} {quote(str(path))}"
    if group is not None and about.st_gid != group:
        mend = f"chgrp {group_name(group)} {quote(str(path))} && {mend}"
    mine = os.geteuid() in (0, about.st_uid)
    return mend if mine else f"{mend} (as {login_name(about.st_uid)})"


def _owner(path: Path, about: os.stat_result, group: int | None) -> Iterator[Flaw]:
    me, owner = os.geteuid(), about.st_uid
    if owner == me or (group is not None and is_member(owner, group)):
        return
    whose = "not to this login" if group is None else f"who is not in the group {group_name(group)}"
    yield Flaw(
        f"{path} belongs to {login_name(owner)}, {whose}", f"chown {login_name(me)} {quote(str(path))}"
    )
