"""Locks that die with their holder, and how to look at one without being seen."""

import fcntl
import os
import time
from pathlib import Path


def is_held(lock: Path) -> bool:
    """Whether somebody holds this lock exclusively; a lock file that is not there is not held.

    Probed shared: exclusive probes of two processes would take each other for the holder.
    """
    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)


def take(descriptor: int, patience: float = 0.5) -> bool:
    """Takes the lock of an open file exclusively; False where somebody keeps it for `patience` seconds.

    Whoever looks at it holds it for an instant, and must not be taken for its holder.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.02)
