"""Disks of a few megabytes: one that fills up to the last page, and one that breaks under its writer."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Every run that is not sealed yet keeps a megabyte for its log, and there are a dozen a minute.
SIZE = 16 * 1024 * 1024
#: What a file system with a journal of its own needs at least.
_BREAKABLE = 32 * 1024 * 1024
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
        if self._ballast.exists():
            # Gone is not free: a child that was begun meanwhile has it open until it is a program of its own.
            os.truncate(self._ballast, 0)
            self._ballast.unlink()

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


class BreakableDisk(SmallDisk):
    """An ext4 that the kernel takes for damaged when it is told to: it takes nothing more from anybody."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._image = path.with_name(f"{path.name}.img")
        with self._image.open("wb") as image:
            image.truncate(_BREAKABLE)
        _call("mkfs.ext4", "-q", str(self._image))

    def mount(self) -> None:
        """There, as it was left."""
        _call("mount", "-o", "loop,errors=remount-ro", str(self._image), str(self.path))
        self.path.chmod(0o700)

    def breaks(self) -> None:
        """From now on every write is refused, on open files too."""
        found = _call("findmnt", "--noheadings", "--output", "SOURCE", str(self.path))
        device = Path(found.strip()).name
        Path(f"/sys/fs/ext4/{device}/trigger_fs_error").write_text("drawbridge-torture")

    def mend(self) -> None:
        """Checked and mounted again; nothing may use it meanwhile."""
        self.unmount()
        # 1: it found something to mend, and did.
        subprocess.run(["e2fsck", "-fy", str(self._image)], check=False, capture_output=True)
        self.mount()

    def unmount(self) -> None:
        """Gone, once nothing uses it any more."""
        for _ in range(100):
            done = subprocess.run(["umount", str(self.path)], check=False, capture_output=True)
            if done.returncode == 0:
                return
            time.sleep(0.1)
        _call("umount", "--lazy", str(self.path))


def _call(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@contextmanager
def breakable_disk(path: Path) -> Iterator[BreakableDisk]:
    """Mounts it over an empty directory for the block, at whose end nothing may use it any more."""
    disk = BreakableDisk(path)
    disk.mount()
    try:
        yield disk
    finally:
        disk.unmount()
