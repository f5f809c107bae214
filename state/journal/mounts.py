"""Tells whether a path lies on a network file system, where SQLite and file locks cannot be relied on."""

import re
from pathlib import Path

from msgspec import Struct

MOUNTINFO = Path("/proc/self/mountinfo")

_NETWORK = frozenset(
    {
        *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "davfs", "fuse", "gfs2", "glusterfs", "gpfs"),
        *("lustre", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "pvfs2", "smb2", "smb3", "smbfs"),
    }
)
_ESCAPE = re.compile(r"\\([0-7]{3})")


class Mount(Struct, frozen=True):
    """Where a file system is mounted, and its type as the kernel names it."""

    point: Path
    kind: str

    @property
    def is_network(self) -> bool:
        """Whether several hosts, or a process beside the kernel, may stand behind it."""
        return self.kind in _NETWORK or self.kind.startswith("fuse.")


def mount_of(path: Path, mountinfo: str) -> Mount | None:
    """The mount that `path` (absolute, without links) lies on; None where the kernel's list has none.

    `mountinfo` is the text of `/proc/self/mountinfo`, see proc(5).
    """
    found: Mount | None = None
    for line in mountinfo.splitlines():
        place, _, source = line.partition(" - ")
        fields = place.split(" ")
        if len(fields) < 6 or not source:
            continue
        point = Path(_ESCAPE.sub(lambda octal: chr(int(octal[1], 8)), fields[4]))
        # Of two on the same point the later one covers the earlier.
        if path.is_relative_to(point) and (found is None or len(point.parts) >= len(found.point.parts)):
            found = Mount(point, source.split(" ")[0])
    return found
