"""Letters between processes: one small file each, whose owner the operating system vouches for."""

import json
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct

from state.host import modes

#: The largest letter, in bytes.
LARGEST = 64 * 1024

#: So many letters are looked at in one go: a flood takes several.
_AT_ONCE = 200

_NAME = re.compile(r"[a-z]{1,20}")
#: A name that can stand in a journal. `send` gives such names; a stranger may give any.
_FILE = re.compile(r"[\w-]{1,80}\.json", re.ASCII)


class MailError(Exception):
    """The letter could not be left: one sentence with the mend."""


class Letter(Struct, frozen=True):
    """A request: `owner` is the sender's user id and `at` (seconds since the epoch) when it was written."""

    path: Path
    kind: str
    body: Mapping[str, Any]
    owner: int
    at: float

    @property
    def name(self) -> str:
        """The name that `send` answered to whoever left it."""
        return self.path.stem

    def discard(self) -> None:
        """Takes the letter out of the mailbox; somebody else may have done so already."""
        with suppress(FileNotFoundError):
            self.path.unlink()


def send(mailbox: Path, to: str, kind: str, body: Mapping[str, Any]) -> str:
    """Leaves a letter and answers its name; it is there as a whole or not at all. Raises MailError.

    Its owner alone can write it, or the owner would vouch for nothing; the group of a shared mailbox reads.
    """
    if not _NAME.fullmatch(to):
        raise ValueError(f"no addressee: {to!r}")
    content = json.dumps({"to": to, "kind": kind, "body": body}).encode()
    if len(content) > LARGEST:
        raise MailError("The letter is larger than 64 KiB: shorten its text.")
    name = f"{to}-{os.urandom(8).hex()}"
    draft = mailbox / f".{name}.tmp"
    try:
        with suppress(FileExistsError):
            modes.make_directory(mailbox)
        flags = os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = modes.open_file(draft, flags, modes.READ)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(descriptor)
        draft.rename(mailbox / f"{name}.json")
        _sync(mailbox)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise MailError(
            f"{mailbox} cannot be written ({error.strerror}): free the disk or mend its modes."
        ) from None
    return name


def collect(mailbox: Path, to: str) -> list[Letter]:
    """The letters to this addressee, oldest first. What is no letter is thrown away."""
    letters: list[Letter] = []
    try:
        with os.scandir(mailbox) as entries:
            # A folder cannot be thrown away like a letter, and would be in the way for ever.
            names = [
                entry.name
                for entry in entries
                if entry.name.startswith(f"{to}-")
                and entry.name.endswith(".json")
                and not entry.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return letters
    for name in sorted(names)[:_AT_ONCE]:
        path = mailbox / name
        letter = _open(path, to) if _FILE.fullmatch(name) else None
        if letter is not None:
            letters.append(letter)
        else:
            with suppress(OSError):
                path.unlink()
    return sorted(letters, key=lambda letter: (letter.at, letter.path.name))


def read_vouched(path: Path) -> tuple[Any, os.stat_result] | None:
    """The JSON value in a file whose owner is who wrote it, with what is known of the file; else None."""
    try:
        # Neither a link nor a pipe: the owner of the file itself is the sender.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        about = os.fstat(descriptor)
        # A second hard link would pass somebody's old letter off as a new one.
        if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1 or about.st_size > LARGEST:
            return None
        # What others could write its owner does not vouch for.
        if about.st_mode & 0o022:
            return None
        return json.loads(os.read(descriptor, LARGEST)), about
    except (OSError, ValueError, RecursionError):
        return None
    finally:
        os.close(descriptor)


def _open(path: Path, to: str) -> Letter | None:
    read = read_vouched(path)
    if read is None:
        return None
    letter, about = read
    if not isinstance(letter, dict) or letter.get("to") != to:
        return None
    kind, body = letter.get("kind"), letter.get("body")
    if not isinstance(kind, str) or not isinstance(body, dict):
        return None
    return Letter(path, kind, body, about.st_uid, about.st_mtime)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
