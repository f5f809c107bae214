"""Starts and stops the API of a site as a detached process: `service.py start|stop SITE PORT`."""

import fcntl
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_STARTING, _STOPPING = 15.0, 5.0  # seconds
_KEPT = ("PATH", "HOME", "LANG", "PGHOST", "PGPORT", "PGUSER", "POSTGRES_DB")


class ServiceError(Exception):
    """The API did not start or stop; the message is for whoever called make."""


def lock_file(site: Path) -> Path:
    """Locked by the API as long as it lives, with its process id as content."""
    return site / "run" / "api.lock"


def is_running(site: Path) -> bool:
    """Whether the API of this site lives."""
    try:
        handle = os.open(lock_file(site), os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        # A shared lock, so that two that look do not see each other.
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def start(site: Path, port: int) -> None:
    """Starts the API and waits until it answers. It inherits no descriptor, session or stray variable."""
    if is_running(site):
        return
    log = site / "run" / "api.log"
    log.parent.mkdir(exist_ok=True)
    lock_file(site).write_text("")  # the number of a killed predecessor may be a stranger's by now
    with log.open("ab") as out:
        api = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("api.py"), site, str(port)],
            cwd=site,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    if not _within(_STARTING, lambda: api.poll() is not None or (is_running(site) and _is_live(port))):
        raise ServiceError(f"The API does not answer. Its log: {log}")
    if api.poll() is not None:
        raise ServiceError(f"The API ended at once: {log.read_text(errors='replace')[-500:]}")


def stop(site: Path) -> None:
    """Ends the API and waits for it; one that does not obey is killed. Nothing to do when it is down."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not is_running(site):
            return
        with suppress(ValueError, ProcessLookupError):
            os.kill(int(lock_file(site).read_text(encoding="ascii")), number)
        _within(_STOPPING, lambda: not is_running(site))
    if is_running(site):
        raise ServiceError(f"The API does not end; {lock_file(site)} is still locked.")


def _is_live(port: int) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"http://127.0.0.1:{port}/health/live", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _within(seconds: float, done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def main(what: str, site: Path, port: int) -> int:
    """One command; its exit status."""
    try:
        if what == "start":
            start(site, port)
            print(
                f"api of release {(site / 'release').read_text().strip()} is live on http://127.0.0.1:{port}"
            )
        else:
            stop(site)
            print("api is stopped")
    except ServiceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], Path(sys.argv[2]).resolve(), int(sys.argv[3])))
