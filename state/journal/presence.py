"""Who looks at a window: one small file a console, locked for as long as that console lives.

The file lies in the mailbox, where every login that may look may write. Its owner is the identity, as
with letters; the lock is the presence, and dies with the process, however that ends.
"""

import fcntl
import json
import os
import pwd
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from state.events import Actor
from state.host import modes
from state.host.locks import is_held
from state.journal.mail import MailError, read_vouched
from state.text import printable

_PREFIX = "observer-"
_NAME = re.compile(rf"{_PREFIX}([0-9a-f]{{16}})\.json")


class Present(Struct, frozen=True):
    """A console that looks: its id, and who sits there. Login and uid are those of the file's owner."""

    console: str
    person: Actor


def console_id() -> str:
    """A name for one console among all that look."""
    return os.urandom(8).hex()


class Presence:
    """One console's own sign that it is there."""

    def __init__(self, mailbox: Path, console: str) -> None:
        """`console` is an id from `console_id`."""
        self._path = mailbox / f"{_PREFIX}{console}.json"
        self._descriptor = -1

    def show(self, person: Actor) -> None:
        """Shows, or shows anew, who sits here; raises MailError."""
        draft = self._path.with_suffix(".tmp")
        descriptor = -1
        try:
            flags = os.O_TRUNC | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = modes.open_file(draft, flags, modes.READ)
            os.write(descriptor, json.dumps(asdict(person)).encode())
            # Locked before it is there to be seen: nobody takes it for one left behind.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.rename(self._path)
        except OSError as error:
            if descriptor >= 0:
                os.close(descriptor)
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise MailError(
                f"{self._path.parent} cannot be written ({error.strerror}): nobody sees that you look."
            ) from None
        self._let_go()
        self._descriptor = descriptor

    def hide(self) -> None:
        """Goes away."""
        if self._descriptor >= 0:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
        self._let_go()

    def _let_go(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def present(mailbox: Path) -> tuple[Present, ...]:
    """The consoles that look now, in the order of their ids."""
    found = []
    for console, path in _files(mailbox):
        if is_held(path) and (person := _read(path)) is not None:
            found.append(Present(console, person))
    return tuple(sorted(found, key=lambda one: one.console))


def anybody(mailbox: Path) -> bool:
    """Whether a console looks at all."""
    return any(is_held(path) for _, path in _files(mailbox))


def clear_away(mailbox: Path) -> None:
    """Throws away what consoles left behind that have died."""
    for _, path in _files(mailbox):
        if not is_held(path):
            with suppress(OSError):
                path.unlink()


def _files(mailbox: Path) -> list[tuple[str, Path]]:
    try:
        with os.scandir(mailbox) as entries:
            names = [(match[1], entry.name) for entry in entries if (match := _NAME.fullmatch(entry.name))]
    except OSError:
        return []
    return [(console, mailbox / name) for console, name in names]


def _read(path: Path) -> Actor | None:
    read = read_vouched(path)
    return None if read is None else vouched(read[0], read[1].st_uid)


def vouched(body: object, owner: int) -> Actor | None:
    """The person that a file speaks of; login and uid are what the operating system says of its owner."""
    if not isinstance(body, dict):
        return None
    said: Mapping[str, Any] = body
    words = [said.get(name, "") for name in ("operator", "host", "terminal", "ssh_origin")]
    if not all(isinstance(word, str) and len(word) <= 200 for word in words):
        return None
    operator, host, terminal, origin = (printable(word.strip()) for word in words)
    try:
        login = pwd.getpwuid(owner).pw_name
    except KeyError:
        login = str(owner)
    return Actor(operator or login, login, host, terminal, origin, owner)
