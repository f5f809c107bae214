"""Rewrites a log without its secrets, in a process of its own: a large one takes long, and holds up nobody.

Run as `python -m state.deployment.rewriting RUN` with the secrets as JSON strings on standard input.
"""

import codecs
import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from typing import Any, BinaryIO

from msgspec import Struct
from msgspec.structs import asdict

from state.deployment import room
from state.host.environ import own_environment
from state.text.redaction import Redactor

_CHUNK = 64 * 1024
#: What it will be, beside the log until it is whole.
_ASIDE = "log.sealing"
#: Seconds between two looks whether it is still wanted.
_LOOK_EVERY = 0.2
#: So far a process that nobody waits for stands back.
_NICENESS = 10


class Sealed(Struct, frozen=True):
    """The sealed log: `size` in bytes."""

    size: int
    sha256: str


def rewrite_apart(run: Path, secrets: Iterable[str], held: int, goes_on: Callable[[], bool]) -> Sealed | None:
    """As `rewrite`, in another process, which keeps the open file `held` for as long as it is at work.

    It goes on where its starter is killed, and is ended, with nothing done, where `goes_on` says no. Raises
    OSError also where it is killed itself.
    """
    process = Popen(
        # -P: a file of that name in the working directory must not become our `state`.
        [sys.executable, "-P", "-m", "state.deployment.rewriting", str(run.absolute())],
        cwd="/",
        env=own_environment(),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        pass_fds=(held,),
        start_new_session=True,
    )
    with process:
        said = _said(process, json.dumps(list(secrets)).encode(), goes_on)
    if said is None:
        (run / _ASIDE).unlink(missing_ok=True)
        return None
    if process.returncode:
        raise OSError(0, f"what rewrites it ended with {process.returncode}")
    answer: dict[str, Any] | None = json.loads(said)
    if answer and "errno" in answer:
        raise OSError(answer["errno"], os.strerror(answer["errno"]))
    return Sealed(**answer) if answer else None


def _said(process: Popen[bytes], asked: bytes | None, goes_on: Callable[[], bool]) -> bytes | None:
    """All that it says until its end; None where it was ended before."""
    while True:
        try:
            return process.communicate(asked, timeout=_LOOK_EVERY)[0]
        except TimeoutExpired:
            # It was handed over by then.
            asked = None
            if not goes_on():
                process.kill()
                return None


def rewrite(log: Path, secrets: Iterable[str]) -> Sealed | None:
    """Puts a log without secrets into the place of the raw one, in one step.

    None, and the raw one stays, where something was added to it meanwhile. Raises OSError.
    """
    aside = log.with_name(_ASIDE)
    with suppress(OSError):
        # What was kept for more of it is, on a full disk, the room for its copy.
        room.give_back(log)
    # One that was cut short left its file behind.
    aside.unlink(missing_ok=True)
    try:
        with log.open("rb") as raw:
            about = os.fstat(raw.fileno())
            descriptor = os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                os.fchmod(descriptor, about.st_mode & 0o777)
                sealed = _copied(raw, out, Redactor(secrets))
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


def _copied(raw: BinaryIO, out: BinaryIO, redactor: Redactor) -> Sealed:
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


def main() -> None:
    """The other end of `rewrite_apart`: the answer is a `Sealed`, null, or the number of the error."""
    os.nice(_NICENESS)
    try:
        sealed = rewrite(Path(sys.argv[1]) / "log", json.load(sys.stdin))
        answer = asdict(sealed) if sealed else None
    except OSError as error:
        answer = {"errno": error.errno}
    # Whoever waited for it may be gone.
    with suppress(BrokenPipeError):
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
