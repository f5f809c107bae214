"""Reads from the log of `db-migrate` what it applied, in the words of Artifortress's own script."""

import re
from dataclasses import dataclass
from pathlib import Path

from state.text import printable

_APPLYING = re.compile(r"^Applying (\S{1,200}?)\.\.\.")
_SKIPPING = re.compile(r"^Skipping (\S{1,200}) \(already applied\)")
_COMPLETE = "Migrations are up to date."
_LONGEST_LINE = 4096


@dataclass(frozen=True, slots=True)
class Listing:
    """`applied` in order. Where it is not `complete`, the last of them is the one it stopped in."""

    applied: tuple[str, ...]
    skipped: int
    complete: bool

    @property
    def interrupted(self) -> str:
        """The migration in which it stopped: it may be applied and not recorded, or in part."""
        return "" if self.complete or not self.applied else self.applied[-1]


def read_listing(log: Path) -> Listing:
    """What the log says; an unreadable log says nothing."""
    applied: list[str] = []
    skipped = 0
    complete = False
    try:
        with log.open("rb") as stream:
            # A bounded readline: a log may hold a line of any length.
            while raw := stream.readline(_LONGEST_LINE):
                line = printable(raw.decode("utf-8", "replace").strip())
                if found := _APPLYING.match(line):
                    applied.append(found[1])
                elif _SKIPPING.match(line):
                    skipped += 1
                complete = complete or line == _COMPLETE
    except OSError:
        pass
    return Listing(tuple(applied), skipped, complete)
