"""A private PostgreSQL cluster in a directory of its own, which ends with the process that started it."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Any

#: The superuser of the cluster, as the container image of PostgreSQL makes it for Artifortress.
USER = "artifortress"
_PORT = "5432"  # only part of the socket's name: no TCP port is opened
_PROGRAMS = ("initdb", "pg_ctl", "postgres", "psql", "pg_dump")
_WANTED = 15
# The path of a Unix socket has about 100 bytes at most, and a test's own directory uses most of them.
_SHORT = "/tmp"
_BOUND = 60.0  # seconds for any one of PostgreSQL's programs

# Waits until the test process is gone or lets go, however that comes about, and then clears up.
_GUARDIAN = (
    'cat >/dev/null; "$1/pg_ctl" -D "$2/data" -m immediate -t 30 stop; status=$?; rm -rf "$2"; exit $status'
)

_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{directory}'
unix_socket_permissions = 0700
port = {port}
max_connections = 40
shared_buffers = 16MB
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
timezone = 'UTC'
"""


class ClusterError(Exception):
    """The cluster could not be made, started or stopped."""


def programs() -> Path | None:
    """The directory with PostgreSQL's server programs: version 15, else the newest; None: not installed."""
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    versions.sort(key=lambda path: (int(path.parent.name) == _WANTED, int(path.parent.name)), reverse=True)
    found = shutil.which("initdb")
    candidates = [*versions, *([Path(found).resolve().parent] if found else [])]
    return next((path for path in candidates if all((path / name).exists() for name in _PROGRAMS)), None)


class Cluster(AbstractContextManager["Cluster"]):
    """A running cluster, reached through the Unix socket in `directory` only.

    PostgreSQL refuses to run as root: there its processes belong to the user `postgres`, and root
    still reaches the socket.
    """

    def __init__(self, binaries: Path) -> None:
        """Makes and starts the cluster; raises ClusterError with what PostgreSQL said."""
        self.binaries = binaries
        self.directory = Path(tempfile.mkdtemp(prefix="dbpg-", dir=_SHORT))
        self._owner = _owner(self.directory)
        self._guardian = subprocess.Popen(
            ["/bin/sh", "-c", _GUARDIAN, "guardian", str(binaries), str(self.directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **self._owner,
        )
        try:
            self._start()
        except BaseException:
            self._let_go()
            raise

    def _start(self) -> None:
        data, log = self.directory / "data", self.directory / "log"
        self._server_program(
            "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"
        )
        with (data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(_SETTINGS.format(directory=self.directory, port=_PORT))
        self._server_program("pg_ctl", "-D", data, "-l", log, "-t", "30", "-w", "start")

    def _server_program(self, name: str, *arguments: str | Path) -> None:
        log = self.directory / "log"
        result = subprocess.run(
            [self.binaries / name, *arguments],
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_BOUND,
            check=False,
            **self._owner,
        )
        if result.returncode:
            said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            raise ClusterError(f"{name} ended with {result.returncode}: {result.stdout}{result.stderr}{said}")

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables by which psql and pg_dump find the cluster."""
        return {"PGHOST": str(self.directory), "PGPORT": _PORT, "PGUSER": USER}

    def psql_command(self, database: str) -> list[str]:
        """psql on this cluster: unaligned output without headings, ends at the first error."""
        return [
            str(self.binaries / "psql"),
            "-XAtq",
            f"--dbname={database}",
            "--set=ON_ERROR_STOP=1",
            "--field-separator=\x1f",
        ]

    def psql(self, sql: str, database: str = "postgres", **variables: str) -> list[tuple[str, ...]]:
        """The rows of `sql`, every value as text (null is empty); `variables` stand in it as :'name'.

        Raises ClusterError with psql's own words.
        """
        result = subprocess.run(
            [*self.psql_command(database), *(f"--set={name}={value}" for name, value in variables.items())],
            env={"PATH": os.defpath, **self.environment},
            input=sql,
            capture_output=True,
            text=True,
            timeout=_BOUND,
            check=False,
        )
        if result.returncode:
            raise ClusterError(result.stderr.strip())
        return [tuple(line.split("\x1f")) for line in result.stdout.splitlines()]

    def close(self) -> None:
        """Stops the server and removes the directory; raises ClusterError when it would not stop."""
        if status := self._let_go():
            raise ClusterError(
                f"The cluster in {self.directory} could not be stopped: pg_ctl ended with {status}."
            )

    def _let_go(self) -> int:
        assert self._guardian.stdin is not None
        self._guardian.stdin.close()
        return self._guardian.wait(timeout=_BOUND)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()


def _owner(directory: Path) -> dict[str, Any]:
    """How to start the server's programs: for root as `postgres`, who then owns the directory."""
    if os.geteuid() != 0:
        return {"cwd": directory}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError:
        directory.rmdir()
        raise ClusterError("As root the cluster needs the user 'postgres', whom the package makes.") from None
    os.chown(directory, user.pw_uid, user.pw_gid)
    return {"cwd": directory, "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
