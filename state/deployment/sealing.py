"""Seals the log of a run that is over: what its target printed stays, without the secrets in it."""

import codecs
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from msgspec import Struct

from state.host.locks import is_held
from state.text.redaction import Redactor

_CHUNK = 64 * 1024


class Sealed(Struct, frozen=True):
    """The sealed log: `size` in bytes."""

    size: int
    sha256: str


def _yes() -> bool:
    return True


def seal(
    run: Path,
    secrets: Iterable[str] = (),
    is_wanted: Callable[[], bool] = _yes,
    goes_on: Callable[[], bool] = _yes,
) -> Sealed | None:
    """Rewrites the log of a run without secrets, in one step: it is there raw or sealed at any time.

    None, and nothing is done, while something of the run lives or writes, another console is at it, or
    where `is_wanted`, asked when nobody else can be at it any more, says no; nor where `goes_on`, asked
    all along, says so before the end. Raises FileNotFoundError
    where there is no log, OSError where it cannot be rewritten. Takes seconds for a large log.
    """
    if is_held(run / "lock"):
        return None
    place = os.open(run, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Whoever drove before, perhaps as another login, may be sealing it still.
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not is_wanted():
            return None
        sealed = _replace(run / "log", run / "log.sealing", Redactor(secrets), goes_on)
        os.fsync(place)
        return sealed
    except BlockingIOError:
        return None
    finally:
        os.close(place)


def _replace(log: Path, aside: Path, redactor: Redactor, goes_on: Callable[[], bool]) -> Sealed | None:
    # One that was cut short left its file behind.
    aside.unlink(missing_ok=True)
    try:
        with log.open("rb") as raw:
            about = os.fstat(raw.fileno())
            descriptor = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                os.fchmod(descriptor, about.st_mode & 0o777)
                sealed = _rewrite(raw, out, redactor, goes_on)
                if sealed is None:
                    return None
                out.flush()
                os.fsync(descriptor)
            # Whatever gave up the lock and writes on has more to say.
            if os.fstat(raw.fileno()).st_size != raw.tell():
                return None
        aside.rename(log)
    finally:
        with suppress(OSError):
            aside.unlink()
    return sealed


def _rewrite(raw: BinaryIO, out: BinaryIO, redactor: Redactor, goes_on: Callable[[], bool]) -> Sealed | None:
    digest = hashlib.sha256()
    size = 0
    # Bytes that are no UTF-8 come back as they were.
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    more = True
    while more:
        if not goes_on():
            return None
        chunk = raw.read(_CHUNK)
        more = bool(chunk)
        text = decoder.decode(chunk, final=not more)
        kept = (redactor.feed(text) if more else redactor.finish(text)).encode("utf-8", "surrogateescape")
        out.write(kept)
        digest.update(kept)
        size += len(kept)
    return Sealed(size, digest.hexdigest())
