"""Starts the watch of a window so that it outlives whoever started it."""

import os
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE, STDOUT

from state.host import modes
from state.host.environ import TOKEN_VARIABLE, search_path, secret_names
from state.host.locks import is_held
from state.journal.directory import WATCH_LOCK
from state.watch.command import WatchCommand
from state.watch.log import WATCH_LOG

__all__ = ["WatchCommand", "is_alive", "spawn"]

#: A log that has grown beyond this many bytes begins anew with the next watch.
_LOG_SIZE = 256 * 1024


def spawn(window_dir: Path, command: WatchCommand, secret_variables: Iterable[str] = ()) -> None:
    """Starts a watch and hands it the command; raises OSError where that fails.

    Its environment loses the admin token and the `secret_variables`. Where a watch runs already
    the new one waits a little for its end, and goes.
    """
    from plumbum import local

    # plumbum merges onto a snapshot of the environment made at its import: secrets go from there.
    for name in (TOKEN_VARIABLE, *secret_variables):
        if name in local.env:
            del local.env[name]
    # -P: a file of that name in the working directory must not become our `state`.
    watch = local[sys.executable]["-P", "-m", "state.watch", str(window_dir.absolute())]
    log = _open_log(window_dir / WATCH_LOG)
    try:
        process = watch.popen(
            cwd="/",
            # What commands need and a watch does not: it has no business in another environment.
            env={**dict.fromkeys(secret_names(os.environ), ""), "PYTHONPATH": search_path()},
            stdin=PIPE,
            stdout=log,
            stderr=STDOUT,
            new_session=True,
        )
    finally:
        os.close(log)
    # Somebody must take note of its end while this process lives, or it stays as a zombie.
    threading.Thread(target=process.wait, daemon=True).start()
    assert process.stdin is not None
    with process.stdin, suppress(BrokenPipeError):
        # Past the buffer, which would try again at closing. Where the watch ended before it
        # listened, is_alive tells and the log says why.
        os.write(process.stdin.fileno(), command.to_line())


def is_alive(window_dir: Path) -> bool:
    """Whether a watch runs for this window."""
    return is_held(window_dir / WATCH_LOCK)


def _open_log(path: Path) -> int:
    descriptor = modes.open_file(path, os.O_APPEND | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    if os.fstat(descriptor).st_size > _LOG_SIZE:
        os.ftruncate(descriptor, 0)
    return descriptor
