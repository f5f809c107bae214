"""Reads from the log of `db-migrate` what it applied, in the words of Artifortress's own script."""

import re
from pathlib import Path

from msgspec import Struct

from state.text import printable, redact

_SAID = re.compile(
    rb"^(?:Applying (?P<applying>\S{1,200}?)\.\.\.|Skipping (?P<skipping>\S{1,200}) \(already applied\)"
    rb"|(?P<complete>Migrations are up to date\.)\r?$)",
    re.MULTILINE,
)
_CHUNK = 1024 * 1024
#: Bytes of an unfinished line that are kept for the next chunk: none of these sentences is longer.
_LINE_BEGINS = 4096


class Listing(Struct, frozen=True):
    """`applied` in order. Where it is not `complete`, the last of them is the one it stopped in."""

    applied: tuple[str, ...]
    skipped: int
    complete: bool

    @property
    def interrupted(self) -> str:
        """The migration in which it stopped: it may be applied and not recorded, or in part."""
        return "" if self.complete or not self.applied else self.applied[-1]


def read_listing(log: Path) -> Listing:
    """What the log says, in bounded memory; an unreadable log says nothing."""
    applied: list[str] = []
    skipped = 0
    complete = False
    partial = b""
    try:
        with log.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                data = partial + chunk
                whole = data.rfind(b"\n") + 1
                partial = data[whole:][:_LINE_BEGINS]
                for said in _SAID.finditer(data, 0, whole):
                    applied += _name(said["applying"])
                    skipped += said["skipping"] is not None
                    complete = complete or said["complete"] is not None
        for said in _SAID.finditer(partial):
            applied += _name(said["applying"])
            complete = complete or said["complete"] is not None
    except OSError:
        pass
    return Listing(tuple(applied), skipped, complete)


def _name(raw: bytes | None) -> list[str]:
    return [] if raw is None else [redact(printable(raw.decode("utf-8", "replace")))]
