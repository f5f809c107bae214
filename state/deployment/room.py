"""Keeps room on the disk for what must still find a place there when it is full."""

import ctypes
import errno
import os

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
