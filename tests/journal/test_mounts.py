"""On which file system a path lies, by the kernel's list."""

from pathlib import Path

import pytest

from state.journal.mounts import MOUNTINFO, Mount, mount_of

LIST = r"""22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:44 / /home rw,relatime shared:2 master:7 - nfs4 filer:/home rw,vers=4.2
31 30 0:45 / /home/sam/local rw - xfs /dev/vdb rw
32 22 0:46 / /mnt/team\040drive rw - fuse.sshfs sam@host:/ rw
33 22 0:47 / /twice rw - nfs filer:/twice rw
34 33 0:48 / /twice rw - tmpfs tmpfs rw
broken line
"""


@pytest.mark.parametrize(
    ("path", "point", "kind", "network"),
    [
        ("/var/lib", "/", "ext4", False),
        ("/home", "/home", "nfs4", True),
        ("/home/sam/.local/state", "/home", "nfs4", True),
        ("/home/sam/local/state", "/home/sam/local", "xfs", False),
        ("/homely", "/", "ext4", False),
        ("/mnt/team drive/x", "/mnt/team drive", "fuse.sshfs", True),
        ("/twice/x", "/twice", "tmpfs", False),
    ],
)
def test_the_mount_of_a_path(path: str, point: str, kind: str, network: bool) -> None:
    mount = mount_of(Path(path), LIST)
    assert mount == Mount(Path(point), kind)
    assert mount.is_network is network


def test_a_list_without_the_path() -> None:
    assert mount_of(Path("/x"), "") is None


def test_the_list_of_this_host() -> None:
    found = mount_of(Path("/proc/self"), MOUNTINFO.read_text())
    assert found == Mount(Path("/proc"), "proc")
