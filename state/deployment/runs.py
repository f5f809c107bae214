"""Starts commands that outlive the console, and tells from their directory how they stand."""

import errno
import json
import os
import re
import signal
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from subprocess import DEVNULL

from msgspec import Struct

from state.deployment import room
from state.host import modes
from state.host.environ import TOKEN_VARIABLE
from state.host.groups import login_name
from state.host.locks import is_held, take
from state.text import HIDDEN, is_secret_name, printable, redact
from state.text.redaction import LONGEST

#: A run that has written its exit status may keep its lock this long (seconds) before it is
#: said that something it started still runs.
SETTLE = 2.0

#: Bytes kept free for a log: a disk that fills up must not end a restore at its next word.
LOG_RESERVE = 1024 * 1024

_TAIL = 64 * 1024


class RunError(Exception):
    """The command could not be started: one sentence with the mend."""


class Standing(StrEnum):
    """How a run stands, as its directory tells."""

    NEVER_STARTED = "never_started"
    #: Its keeper had no room to write down who it is, and so ran nothing.
    NO_ROOM = "no_room"
    RUNNING = "running"
    FINISHED = "finished"
    KILLED = "killed"
    REBOOTED = "rebooted"


class Probe(Struct, frozen=True):
    """`exit_code` and `ended_at` (seconds since the epoch) are set when the run is FINISHED."""

    standing: Standing
    exit_code: int | None = None
    ended_at: float | None = None
    left_running: bool = False


def boot_id() -> str:
    """Which boot of the host this is: a run of another boot was cut by the reboot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def shown(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables as they may be shown and written down: values of secrets are hidden."""
    return {
        name: HIDDEN if is_secret_name(name) else redact(printable(value))
        for name, value in variables.items()
    }


def start(run: Path, argv: Sequence[str], directory: Path, variables: Mapping[str, str]) -> None:
    """Starts the command in a session of its own, with its log, lock and exit in `run`.

    `variables` are added to the environment, which loses the admin token. Raises RunError where
    nothing was started. The keeper is not waited for: the directory tells what becomes of it.
    """
    from importlib.resources import as_file, files

    from plumbum import local

    if not directory.is_dir():
        raise RunError(
            f"{directory} is not a directory. Name the checkout in drawbridge.toml, [make] directory."
        )
    try:
        _make_place(run, argv, directory, variables)
        environment = _environment(variables)
        lock = modes.open_file(run / "lock", os.O_RDWR, modes.READ)
        log = modes.open_file(run / "log", os.O_APPEND | os.O_WRONLY, modes.READ)
        try:
            room.reserve(log, LOG_RESERVE)
            if not take(lock):
                raise BlockingIOError(errno.EAGAIN, "somebody else holds its lock")
            with as_file(files("state") / "deployment" / "keeper.sh") as keeper:
                shell = local["/bin/sh"]
                # No call ever unlocks: the copies that the run inherited hold the lock for it.
                process = shell[str(keeper), str(run), *argv].popen(
                    cwd=str(directory),
                    env=environment,
                    stdin=DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    pass_fds=(lock,),
                )
            # Nobody waits for it to know how it ended; somebody must, or it stays as a zombie.
            threading.Thread(target=process.wait, daemon=True).start()
        finally:
            os.close(lock)
            os.close(log)
    except OSError as error:
        raise RunError(
            f"{run} cannot be written ({error.strerror}). Free the disk or mend its modes."
        ) from error


def _make_place(run: Path, argv: Sequence[str], directory: Path, variables: Mapping[str, str]) -> None:
    # Whoever shares the window reads what the run says, and whoever drives when it is over seals its log.
    modes.make_directory(run)
    words = [redact(printable(word)) for word in argv]
    about = {"argv": words, "directory": str(directory), "variables": shown(variables)}
    _write(run / "command.json", json.dumps({**about, "boot": boot_id(), "at": time.time()}))
    # Its exit status must find room as well, whatever has become of the disk by then.
    status = modes.open_file(run / "exit.tmp", os.O_EXCL | os.O_WRONLY, modes.READ)
    try:
        room.reserve(status, 1)
    finally:
        os.close(status)
    # After a power cut a directory that is not there would say that nothing has run.
    for place in (run, run.parent):
        _sync(place)


def _write(path: Path, text: str) -> None:
    descriptor = modes.open_file(path, os.O_EXCL | os.O_WRONLY, modes.READ)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(descriptor)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


#: Not for a run: our token, and what a make that started the console would have its own make inherit.
_KEPT_BACK = (TOKEN_VARIABLE, "MAKEFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "MFLAGS")


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    from plumbum import local

    # plumbum merges onto a snapshot of the environment made at its import: it goes from there.
    for name in _KEPT_BACK:
        if name in local.env:
            del local.env[name]
    return {"PYTHONUNBUFFERED": "1", **variables}


def probe(run: Path, now: float) -> Probe:
    """How the run stands. The order counts: lock, then exit status, then boot, then pid."""
    held = is_held(run / "lock")
    exit_file = run / "exit"
    try:
        exit_code = int(exit_file.read_text(encoding="ascii"))
        ended_at = exit_file.stat().st_mtime
    except (OSError, ValueError):
        return Probe(_standing_without_exit(run, held))
    if held and 0 <= now - ended_at < SETTLE:
        return Probe(Standing.RUNNING)
    return Probe(Standing.FINISHED, exit_code, ended_at, left_running=held)


def _standing_without_exit(run: Path, held: bool) -> Standing:
    if held:
        return Standing.RUNNING
    try:
        about = json.loads((run / "command.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Standing.NEVER_STARTED
    if about.get("boot") != boot_id():
        return Standing.REBOOTED
    try:
        return Standing.KILLED if (run / "pid").stat().st_size else Standing.NO_ROOM
    except OSError:
        return Standing.NEVER_STARTED


def send_signal(run: Path, name: str) -> bool:
    """Signals the run's whole process group; only while its lock is held, so never a stranger's.

    False where there is nothing to signal; raises RunError where the system does not let this login.
    """
    if not is_held(run / "lock"):
        return False
    try:
        group = int((run / "pid").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return False
    try:
        os.killpg(group, signal.Signals[f"SIG{name}"])
    except ProcessLookupError:
        return False
    except PermissionError as error:
        raise RunError(
            f"What is left of run {run.name} belongs to another login. "
            f"Stop it as root with `kill -s {name} -- -{group}`."
        ) from error
    return True


def unstoppable(run: Path) -> str:
    """Why this login cannot stop the run of another one, in a sentence; empty where it can."""
    try:
        owner = run.stat().st_uid
    except OSError:
        return ""
    if os.geteuid() in (0, owner):
        return ""
    return (
        f"Run {run.name} belongs to the login {login_name(owner)}, and no other login can stop it. "
        "Stop it from a console of that login."
    )


def is_gone(run: Path) -> bool:
    """Whether no process of the run's own group is left, whoever still holds its lock."""
    try:
        os.killpg(int((run / "pid").read_text(encoding="ascii")), 0)
    except ProcessLookupError:
        return True
    except (OSError, ValueError):
        return False
    return False


def log_tail(run: Path, lines: int, secrets: Iterable[str] = ()) -> list[str]:
    """The last lines of the log, printable and without secrets; empty where there is none."""
    try:
        with (run / "log").open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            tail = min(size, _TAIL)
            # What stands before goes with it: a key is known by its first line.
            stream.seek(max(0, size - tail - LONGEST))
            raw = stream.read(tail + LONGEST)
    except OSError:
        return []
    text = redact(printable(raw.decode("utf-8", "replace"), newlines=True), secrets)
    count = min(lines, raw.count(b"\n", -tail) + 1)
    return text.removesuffix("\n").split("\n")[-count:] if raw else []


_MAKE_ERROR = re.compile(r"^make(?:\[\d+\])?: \*\*\* .{1,200}")


def failing_line(run: Path, secrets: Iterable[str] = ()) -> str:
    """The line that says why it failed: make's own error, with the line before it; else the last one."""
    tail = [line for line in log_tail(run, 40, secrets) if line.strip()]
    for number in range(len(tail) - 1, -1, -1):
        if _MAKE_ERROR.match(tail[number]):
            before = tail[number - 1] + " · " if number else ""
            return (before + tail[number])[:300]
    return tail[-1][:300] if tail else ""
