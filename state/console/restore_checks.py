"""The checks that a restore needs, each made right before it: backup, disk, and that nothing runs."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from state.deployment.backup import examine
from state.events import BackupExamined
from state.intents import Check
from state.policy import Policy
from state.readings import Observed, ReadingClass
from state.settings import Settings

#: What must be free on each disk that is looked at, as a multiple of the backup's size.
_ROOM = 2.0
#: A reading older than this many poll intervals says nothing about now.
_FRESH = 3.0
#: Seconds that a host gets to refuse a connection.
_PATIENCE = 2.0


def make(
    backup: BackupExamined, settings: Settings, policy: Policy, observed: Observed, now: float
) -> tuple[Check, ...]:
    """All checks, made now. Reads the whole backup, which takes seconds for a large one."""
    return (
        _backup(backup, now),
        _disk(backup, (settings.make.backup_directory, settings.make.directory), now),
        _stopped(policy, observed, now),
    )


def _backup(captured: BackupExamined, now: float) -> Check:
    """Whole, and the very file that was captured."""
    found = examine(Path(captured.path))
    if found.problem:
        problem = found.problem
    elif found.sha256 != captured.sha256 or found.size != captured.size:
        problem = f"{captured.path} is not the file that was captured: its digest differs"
    else:
        words = f"the backup is whole, {found.size} bytes, with the digest of its capture"
        return Check("backup", True, words, "", now)
    return Check("backup", False, problem, "Bring back the file that this window captured.", now)


def _disk(captured: BackupExamined, places: tuple[Path, ...], now: float) -> Check:
    wanted = int(captured.size * _ROOM)
    looked_at = " and ".join(str(place) for place in places)
    for place in places:
        try:
            free = os.statvfs(place)
        except OSError as error:
            return Check("disk", False, f"{place} cannot be looked at ({error.strerror})", "Mend it.", now)
        room = free.f_bavail * free.f_frsize
        if room < wanted:
            words = f"{place} has {room} bytes free, {wanted} are wanted (twice the backup)"
            return Check("disk", False, words, "Free some, then open the step again.", now)
    words = f"enough room on {looked_at}; the database's own disk is not seen from here if it is another"
    return Check("disk", True, words, "", now)


def _stopped(policy: Policy, observed: Observed, now: float) -> Check:
    running = list(_answering(policy, observed, now))
    if running:
        words = "; ".join(running)
        mend = "Stop API and worker on every host: a service left running has made a restore fail half-way."
        return Check("stopped", False, words, mend, now)
    words = "every replica refuses connections; the worker has no endpoint: see to it that it is stopped too"
    return Check("stopped", True, words, "", now)


def _answering(policy: Policy, observed: Observed, now: float) -> Iterator[str]:
    """The replicas of which it is not certain that they are stopped."""
    for replica in policy.replicas:
        reading = observed.liveness(replica)
        if reading is None or now - reading.at > _FRESH * max(policy.ready_every, 1.0):
            yield f"{replica}: nothing was read lately"
        elif reading.reading_class is not ReadingClass.REFUSED:
            yield f"{replica} is not refused: {reading.reading_class.value.replace('_', ' ')}"
        elif answered := _now(replica):
            yield f"{replica} is not refused: {answered}"


def _now(replica: str) -> str:
    """What a connection finds at this moment: a service may have come up since the last reading.

    Empty where it is refused.
    """
    url = urlsplit(replica)
    port = url.port or (443 if url.scheme == "https" else 80)
    try:
        socket.create_connection((url.hostname or "", port), timeout=_PATIENCE).close()
    except ConnectionRefusedError:
        return ""
    except OSError as error:
        return f"not to be told ({error.strerror or error})"
    return "it accepts connections again"
