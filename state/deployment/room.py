"""Keeps room on the disk for what must still find a place there when it is full, and gives it back."""

import ctypes
import errno
import fcntl
import os
from pathlib import Path

_KEEP_SIZE = 1


def reserve(descriptor: int, size: int) -> None:
    """Keeps `size` bytes for a file without making it longer; raises OSError where there is no room."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.fallocate(descriptor, _KEEP_SIZE, ctypes.c_long(0), ctypes.c_long(size)) == 0:
        return
    number = ctypes.get_errno()
    # A file system that reserves nothing is no reason to start nothing.
    if number not in (errno.EOPNOTSUPP, errno.ENOSYS):
        raise OSError(number, os.strerror(number))


def give_back(path: Path) -> None:
    """Frees what was reserved behind the end of a file, unless anybody has it open for writing.

    Nothing that is written may be cut off. Raises OSError where that cannot be known, or not be done.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        # The kernel grants this while nobody writes; whoever is to write has it open from its beginning.
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        os.truncate(path, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)
