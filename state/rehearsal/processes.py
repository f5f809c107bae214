"""The processes of the practice deployment: entering, starting, stopping and knowing them."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from state.rehearsal.layout import PROCESSES, SERVERS, Layout, PracticeError

#: Seconds that a process gets to end by itself, and to begin.
_STOPPING, _STARTING = 5.0, 15.0
#: What this process started: kept, since a child that is not waited for stays a zombie.
_started: list[subprocess.Popen[bytes]] = []


def enter(layout: Layout, name: str) -> None:
    """Become the process `name`: hold its lock for life, and end when nobody needs it any more.

    Ends this process when another one of that name runs already.
    """
    handle = os.open(_lock(layout, name), os.O_CREAT | os.O_RDWR, 0o600)
    if not _locked_within(handle, fcntl.LOCK_EX, 2.0):
        print(f"{name} runs already", flush=True)
        sys.exit(0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_when_unneeded, args=(layout, name, handle), daemon=True).start()


def _end_when_unneeded(layout: Layout, name: str, handle: int) -> None:
    """Ends the process once its directory is gone, or when no console held `in-use.lock` for long."""
    used = time.monotonic()
    while True:
        time.sleep(1)
        if not _same_file(_lock(layout, name), handle):
            os._exit(0)
        if in_use(layout):
            used = time.monotonic()
        elif time.monotonic() - used > layout.unused_for:
            print("nobody has looked for long: ending", flush=True)
            os._exit(0)


def _same_file(path: Path, handle: int) -> bool:
    try:
        there = path.stat()
    except OSError:
        return False
    return os.path.samestat(there, os.fstat(handle))


def in_use(layout: Layout) -> bool:
    """Whether somebody holds the deployment.

    A probe of ours may look like a console to another probe: that only delays the end.
    """
    try:
        handle = os.open(layout.in_use, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError:
        return False
    try:
        return not _try_lock(handle, fcntl.LOCK_EX)
    finally:
        os.close(handle)


def running(layout: Layout, name: str) -> bool:
    """Whether the process lives: it holds its lock exactly as long as it does."""
    try:
        handle = os.open(_lock(layout, name), os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        return not _try_lock(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


def start(layout: Layout) -> None:
    """Start whatever does not run, and wait until it does. PracticeError when it does not come up."""
    for name in PROCESSES:
        _launch(layout, name)
    deadline = time.monotonic() + _STARTING
    for name in PROCESSES:
        while not (running(layout, name) and (name not in SERVERS or answers(layout, name))):
            if time.monotonic() > deadline:
                raise PracticeError(f"{name} did not start. Its log says why: {_log(layout, name)}")
            time.sleep(0.05)


def _launch(layout: Layout, name: str) -> None:
    """Start one process unless it runs. It inherits nothing: no descriptor, no environment, no session."""
    lock = os.open(_lock(layout, name), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if not _locked_within(lock, fcntl.LOCK_EX, 0.2):
            return
        os.ftruncate(lock, 0)  # the number of a killed predecessor: whoever reads it would signal a stranger
    finally:
        os.close(lock)
    module = "state.rehearsal.server" if name in SERVERS else "state.rehearsal.worker"
    arguments = [layout.python, "-P", "-m", module, str(layout.root)]
    if name in SERVERS:
        arguments.append(name)
    environment = {"PYTHONPATH": layout.source, "PYTHONUNBUFFERED": "1"}
    environment |= {key: os.environ[key] for key in ("PATH", "HOME", "LANG", "TZ") if key in os.environ}
    with _log(layout, name).open("ab") as log:
        child = subprocess.Popen(
            arguments,
            cwd=layout.site,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            close_fds=True,
            start_new_session=True,
        )
    _started[:] = [old for old in _started if old.poll() is None] + [child]


def stop(layout: Layout) -> None:
    """End every process and wait for it; one that does not obey is killed."""
    for name in reversed(PROCESSES):
        _signal(layout, name, signal.SIGTERM)
    for name in reversed(PROCESSES):
        if _ended_within(layout, name, _STOPPING):
            continue
        _signal(layout, name, signal.SIGKILL)
        if not _ended_within(layout, name, _STOPPING):
            raise PracticeError(f"{name} could not be stopped; {_lock(layout, name)} is still locked.")


def _ended_within(layout: Layout, name: str, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while running(layout, name):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _signal(layout: Layout, name: str, number: signal.Signals) -> None:
    """Signal the holder of the lock. The number in the file is only believed while it is locked."""
    deadline = time.monotonic() + 1.0
    while running(layout, name) and time.monotonic() < deadline:
        with suppress(FileNotFoundError, ProcessLookupError):
            written = _lock(layout, name).read_text(encoding="ascii")
            if written.isdigit():
                os.kill(int(written), number)
                return
        time.sleep(0.02)


def answers(layout: Layout, server: str) -> bool:
    """Whether a replica answers `/health/live`."""
    try:
        with socket.create_connection(("127.0.0.1", layout.ports[server]), timeout=2) as link:
            link.sendall(b"GET /health/live HTTP/1.0\r\n\r\n")
            return b" 200 " in link.recv(64)
    except OSError:
        return False


def _locked_within(handle: int, how: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not _try_lock(handle, how):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _try_lock(handle: int, how: int) -> bool:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock(layout: Layout, name: str) -> Path:
    return layout.run / f"{name}.lock"


def _log(layout: Layout, name: str) -> Path:
    return layout.run / f"{name}.log"
