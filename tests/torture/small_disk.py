"""A disk of a few megabytes that can be filled to the last page, or made read-only: a tmpfs of our own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = 4 * 1024 * 1024
_PAGE = 4096


def cannot() -> str:
    """Why no such disk can be had here; empty where one can."""
    if os.geteuid() != 0:
        return "only root can mount a small disk"
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "this host does not let us mount anything"


class SmallDisk:
    """The disk that is mounted at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    def leave(self, free: int) -> None:
        """Fills it up to `free` bytes, a page more or less."""
        self.clear()
        pages = max(1, os.statvfs(self.path).f_bavail - free // _PAGE)
        with self._ballast.open("wb") as stream:
            while pages > 0:
                try:
                    os.posix_fallocate(stream.fileno(), 0, pages * _PAGE)
                    return
                except OSError:
                    # Somebody else has written meanwhile.
                    pages -= 1

    def clear(self) -> None:
        """Makes room again."""
        self._ballast.unlink(missing_ok=True)

    def remount(self, how: str) -> None:
        """`ro` or `rw`."""
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.path)], check=True)


@contextmanager
def small_disk(path: Path) -> Iterator[SmallDisk]:
    """Mounts it over an empty directory for the block, at whose end nothing may use it any more."""
    options = f"size={SIZE},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "drawbridge-torture", str(path)], check=True)
    try:
        yield SmallDisk(path)
    finally:
        # Lazily: a watch that waits for another one to go may be about to see that it is not wanted.
        subprocess.run(["umount", "--lazy", str(path)], check=True)
