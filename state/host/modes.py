"""Makes what lies in the state directory, so that nobody but its owner, or its group, gets at it.

Alone a login keeps directories 0700 and files 0600. Where several logins share the state directory
it belongs to their group and is setgid, and what is made in it follows from the directory it lies in:
only the making of the state directory itself has to know the group.
"""

import os
import stat
from contextlib import suppress
from pathlib import Path

#: What the others of the group may do at most with what one of them makes.
READ, WRITE = 0o050, 0o070


def group_bits(directory: Path) -> int:
    """The group's part of a directory's mode; 0 where the directory is not set to hand it on."""
    mode = directory.stat().st_mode
    return mode & WRITE if mode & stat.S_ISGID else 0


def group_of(directory: Path) -> int | None:
    """The id of the group that a directory hands on to what is made in it, None where there is none."""
    return directory.stat().st_gid if group_bits(directory) else None


def make_root(path: Path, group: int | None) -> None:
    """The state directory, where it is not there yet, shared with the group of that id; raises OSError."""
    with suppress(FileExistsError):
        # Parents made along the way get the mode of the umask.
        path.mkdir(mode=0o700, parents=True)
        _settle(path, 0o700 if group is None else 0o700 | WRITE, group)


def make_directory(path: Path, others: int = WRITE) -> None:
    """A directory that follows the one it lies in; raises OSError, FileExistsError among them."""
    mode = 0o700 | (group_bits(path.parent) & others)
    path.mkdir(mode=mode)
    _settle(path, mode, None)


def _settle(path: Path, mode: int, group: int | None) -> None:
    """Gives a directory that was just made its very mode: umask and parent had a hand in it."""
    # By descriptor: whoever else may write in the parent could have put a link in its place.
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if group is not None:
            os.fchown(descriptor, -1, group)
        os.fchmod(descriptor, mode | stat.S_ISGID if mode & WRITE else mode)
    finally:
        os.close(descriptor)


def open_file(path: Path, flags: int, others: int = WRITE) -> int:
    """Opens a file, made where it is not there with the mode that follows from its directory.

    The answer is its descriptor. At no instant is the file open to more people than in the end. With
    O_EXCL it must not be there. Raises OSError.
    """
    mode = 0o600 | (group_bits(path.parent) & others & 0o060)
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        if flags & os.O_EXCL:
            raise
        return os.open(path, flags)
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != mode:
        # The umask has cut it.
        os.fchmod(descriptor, mode)
    return descriptor
