"""The private cluster is private, and ends with whoever started it."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from .cluster import Cluster, ClusterError
from .conftest import needed
from .postgres_site import until

pytestmark = pytest.mark.postgres


def is_alive(pid: str) -> bool:
    """Whether the process runs; one that has ended and that nobody has waited for yet does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


_STARTER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from cluster import Cluster, programs
running = Cluster(programs())
print(running.directory, (running.directory / "data" / "postmaster.pid").read_text().split()[0], flush=True)
time.sleep(120)
"""


def test_a_cluster_ends_with_the_process_that_started_it(cluster: Cluster) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", _STARTER, str(Path(__file__).parent)], stdout=subprocess.PIPE, text=True
    )
    with starter:
        assert starter.stdout is not None
        directory, pid = starter.stdout.readline().split()
        assert Path(directory).is_dir()
        assert is_alive(pid)
        starter.kill()
    until(lambda: not Path(directory).exists())
    until(lambda: not is_alive(pid))
    assert cluster.psql("select 1") == [("1",)]


def test_a_cluster_is_private(cluster: Cluster) -> None:
    assert cluster.psql("show server_version")[0][0].startswith(cluster.binaries.parent.name)
    assert cluster.psql("show listen_addresses") == [("",)]
    assert stat.S_IMODE(cluster.directory.stat().st_mode) == 0o700
    with pytest.raises(ClusterError, match='relation "nowhere" does not exist'):
        cluster.psql("select * from nowhere")


def test_without_postgres_a_test_is_skipped_or_fails() -> None:
    assert needed(Path("/somewhere"), {}) == Path("/somewhere")
    with pytest.raises(pytest.skip.Exception, match="postgresql-15"):
        needed(None, {"DRAWBRIDGE_TEST_ALL": "0"})
    with pytest.raises(pytest.fail.Exception, match="postgresql-15"):
        needed(None, {"DRAWBRIDGE_TEST_ALL": "1"})
