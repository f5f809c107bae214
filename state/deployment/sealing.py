"""Seals the log of a run that is over: what its target printed stays, without the secrets in it."""

import codecs
import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from state.locks import is_held
from state.redaction import Redactor

_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Sealed:
    """The sealed log: `size` in bytes."""

    size: int
    sha256: str


def seal(run: Path, secrets: Iterable[str] = ()) -> Sealed | None:
    """Rewrites the log of a run without secrets, in one step: it is there raw or sealed at any time.

    None, and nothing is done, while something of the run lives or writes. Raises FileNotFoundError
    where there is no log, OSError where it cannot be rewritten. Takes seconds for a large log.
    """
    if is_held(run / "lock"):
        return None
    aside = run / "log.sealing"
    try:
        with (run / "log").open("rb") as raw:
            about = os.fstat(raw.fileno())
            # One that was cut short left its file behind.
            descriptor = os.open(aside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                os.fchmod(descriptor, about.st_mode & 0o777)
                sealed = _rewrite(raw, out, Redactor(secrets))
                out.flush()
                os.fsync(descriptor)
            # Whatever closed the lock and writes on has more to say; so has another log in its place.
            if os.fstat(raw.fileno()).st_size != raw.tell() or not os.path.samestat(
                about, (run / "log").stat()
            ):
                return None
        aside.rename(run / "log")
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()
    _sync(run)
    return sealed


def _rewrite(raw: BinaryIO, out: BinaryIO, redactor: Redactor) -> Sealed:
    digest = hashlib.sha256()
    size = 0
    # Bytes that are no UTF-8 come back as they were.
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    more = True
    while more:
        chunk = raw.read(_CHUNK)
        more = bool(chunk)
        text = decoder.decode(chunk, final=not more)
        kept = (redactor.feed(text) if more else redactor.finish(text)).encode("utf-8", "surrogateescape")
        out.write(kept)
        digest.update(kept)
        size += len(kept)
    return Sealed(size, digest.hexdigest())


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
