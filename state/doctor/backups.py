"""Examines the backup directory: can a dump be written there, is there room, how old is the newest."""

import stat
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from state.deployment.backup import newest
from state.doctor.check import Check, age, fail, free_space, ok, size, warn, write_problem
from state.host.groups import group_named

_SUBJECT = "backup directory"


def examine(directory: Path, stale_after: float, now: float, group: str | None = None) -> Iterator[Check]:
    """`stale_after` in seconds; `now` in seconds since the epoch; `group` shares the state directory.

    Raises OSError.
    """
    if not directory.is_dir():
        if directory.exists():
            yield fail(
                _SUBJECT, f"{directory} is not a directory", "mend [make] backup_directory in drawbridge.toml"
            )
            return
        made = f"mkdir -p -m 700 {quote(str(directory))}, or mend [make] backup_directory"
        yield fail(_SUBJECT, f"{directory} does not exist", made)
        return
    if problem := write_problem(directory):
        yield fail(_SUBJECT, f"{directory} cannot be written ({problem})", "mend its owner, modes or disk")
        return
    if group is not None:
        yield from _shared(directory, group)
    dump, free = newest(directory), free_space(directory)
    if dump is None:
        yield ok(_SUBJECT, f"{directory}, {size(free)} free")
        yield warn(
            "newest backup", f"there is no *.sql in {directory}", "run make db-backup, or attest where it is"
        )
        return
    about = dump.stat()
    yield room(directory, free, about.st_size)
    yield _newest(dump, about.st_size, now - about.st_mtime, stale_after)


def _shared(directory: Path, group: str) -> Iterator[Check]:
    """Whether what one login backs up another of the group can examine and restore."""
    number, about = group_named(group), directory.stat()
    needed = stat.S_ISGID | stat.S_IRWXG
    if number is not None and (about.st_gid != number or about.st_mode & needed != needed):
        yield warn(
            _SUBJECT,
            f"{directory} does not hand the group {group} on: a backup is readable for its own login only",
            f"chgrp {group} {quote(str(directory))} && chmod g+rwxs {quote(str(directory))}",
        )


def room(directory: Path, free: int, needed: int) -> Check:
    """Whether `free` bytes are enough for a backup of about `needed` bytes, and one more to be safe."""
    said = f"{directory}, {size(free)} free, the newest backup has {size(needed)}"
    if free < needed:
        return fail(_SUBJECT, f"{said}: the next one will not fit", "free some space there")
    if free < 2 * needed:
        return warn(_SUBJECT, f"{said}: no room for a safety copy beside the next", "free some space there")
    return ok(_SUBJECT, said)


def _newest(dump: Path, length: int, seconds: float, stale_after: float) -> Check:
    said = f"{dump.name}, {size(length)}, {age(seconds)}"
    if not length:
        return warn("newest backup", f"{said}: it is empty", "see why make db-backup wrote nothing")
    if seconds > stale_after:
        return warn("newest backup", f"{said}: too old", "run make db-backup")
    return ok("newest backup", said)
