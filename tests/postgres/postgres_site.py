"""A site on a real PostgreSQL in a directory of its own, and what tests do with it."""

import hashlib
import json
import os
import random
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import service
from .cluster import Cluster

_HERE = Path(__file__).parent
DATABASE = "artifortress"
_BOUND = 60.0  # seconds for one make target
# A make that started the tests would have its say in the make under test.
_NOT_PASSED_ON = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")

_WAITING = "from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"

_SETTINGS = """\
environment = "staging"
state = {state}

[api]
urls = [{url}]
token_file = {token}
ready_every = "500ms"
summary_every = "500ms"

[people]
distinct_login = false
[make]
directory = {directory}
backup_directory = {backups}
environment = {{ {variables} }}

[steps.deploy]
command = ["make", "deploy"]

[steps.smoke]
command = ["make", "smoke"]

[steps.stop-release]
command = ["make", "stop"]

[steps.redeploy-previous]
command = ["make", "redeploy"]

[steps.start-previous]
command = ["make", "start"]

[judgement]
ready_for = "3s"
samples = 3
grace = "2s"
"""


class PostgresSite:
    """Once populated: the previous release, running over a seeded database, and a whole backup.

    `directory` holds the Makefile, `backups` the dumps, `token_file` the admin token (0600),
    `config` is the `drawbridge.toml` of the site and `state` the directory it names for windows.
    """

    def __init__(self, root: Path, cluster: Cluster) -> None:
        self.cluster = cluster
        self.directory, self.backups, self.state = root / "site", root / "backups", root / "state"
        self.token_file, self.config = root / "token", root / "drawbridge.toml"
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        #: What make needs to find the database: the same as [make] environment in the settings.
        self.environment = {**cluster.environment, "POSTGRES_DB": DATABASE}
        self._write()

    def _write(self) -> None:
        shutil.copytree(_HERE / "site", self.directory)
        (self.directory / "objects").mkdir()
        self.backups.mkdir()
        self.token_file.touch(mode=0o600)
        self.token_file.write_text(secrets.token_hex(20) + "\n", encoding="ascii")
        exported = {
            "PATH": f"{self.cluster.binaries}:{os.environ['PATH']}",
            "PYTHON": sys.executable,
            "SERVICE_PROGRAM": str(_HERE / "service.py"),
            "API_PORT": str(self.port),
            "TOKEN_FILE": str(self.token_file),
        }
        lines = [f"export {name} := {_for_make(value)}\n" for name, value in exported.items()]
        (self.directory / "site.mk").write_text("".join(lines), encoding="utf-8")
        # A JSON string is a TOML string too.
        quoted = {
            "state": self.state,
            "url": self.url,
            "token": self.token_file,
            "directory": self.directory,
            "backups": self.backups,
        }
        settings = {name: json.dumps(str(value)) for name, value in quoted.items()}
        variables = ", ".join(f"{name} = {json.dumps(value)}" for name, value in self.environment.items())
        self.config.write_text(_SETTINGS.format(variables=variables, **settings), encoding="utf-8")

    def populate(self) -> None:
        """Makes and seeds the database, backs it up and starts the previous release."""
        self.cluster.psql(f"create database {DATABASE};")
        self.made("redeploy", START="no")
        self.made("db-migrate")
        digest = hashlib.sha256(self.token.encode()).hexdigest()
        self.cluster.psql((self.directory / "seed.sql").read_text(encoding="utf-8"), DATABASE, digest=digest)
        self.made("db-backup", BACKUP_PATH=self.backups / "artifortress-nightly.sql")
        self.made("start")

    def close(self) -> None:
        """Ends the API, and drops every database that a target may have made, whoever is connected."""
        service.stop(self.directory)
        found = self.cluster.psql(
            "select quote_ident(datname) from pg_database where not datistemplate and datname <> 'postgres'"
        )
        for (name,) in found:
            self.cluster.psql(f"drop database {name} with (force);")

    @property
    def token(self) -> str:
        """The admin token."""
        return self.token_file.read_text(encoding="ascii").strip()

    def make(self, target: str, **variables: object) -> subprocess.CompletedProcess[str]:
        """Runs a target to its end."""
        return subprocess.run(
            ["make", "--no-print-directory", target],
            cwd=self.directory,
            env=self._variables(variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_BOUND,
            check=False,
        )

    def made(self, target: str, **variables: object) -> str:
        """What a target that must succeed prints on stdout."""
        result = self.make(target, **variables)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def begin(self, target: str, **variables: object) -> subprocess.Popen[bytes]:
        """Starts a target in a process group of its own, to be killed."""
        return subprocess.Popen(
            ["make", "--no-print-directory", target],
            cwd=self.directory,
            env=self._variables(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _variables(self, more: dict[str, object]) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
        return inherited | self.environment | {name: str(value) for name, value in more.items()}

    def query(self, sql: str, database: str = DATABASE, **variables: str) -> list[tuple[str, ...]]:
        """The rows, every value as text; `variables` stand in the SQL as :'name'. Raises ClusterError."""
        return self.cluster.psql(sql, database, **variables)

    def value(self, sql: str, database: str = DATABASE, **variables: str) -> str:
        """The one value of the one row."""
        ((found,),) = self.query(sql, database, **variables)
        return found

    def applied(self) -> list[str]:
        """The recorded migrations, by name."""
        return [name for (name,) in self.query("select version from schema_migrations order by version")]

    @contextmanager
    def held(self, table: str = "package_versions", mode: str = "access share") -> Iterator[None]:
        """Somebody reads the table meanwhile: a migration that alters it waits until they are done.

        By default it is the table that the first new migration alters; the API does not read it and
        goes on as before. A statement that waits goes on after its psql is killed: see `end_waiting`.
        """
        reader = subprocess.Popen(
            self.cluster.psql_command(DATABASE),
            env={"PATH": os.defpath, **self.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert reader.stdin is not None and reader.stdout is not None
        with reader:
            reader.stdin.write(f"begin; lock table {table} in {mode} mode; select 'held';\n")
            reader.stdin.flush()
            assert reader.stdout.readline() == "held\n"
            yield

    def waiting(self) -> int:
        """How many sessions wait for a lock on the site's database."""
        return int(self.value(f"select count(*) {_WAITING}"))

    def end_waiting(self) -> None:
        """Ends the sessions that wait for a lock: without a client they would still do their work."""
        self.query(f"select pg_terminate_backend(pid) {_WAITING}")

    def ask(self, path: str, token: str | None = None) -> tuple[int, dict[str, Any]]:
        """Status and body of a GET, with the admin token unless another is given. OSError when refused."""
        request = urllib.request.Request(self.url + path)
        request.add_header("Authorization", f"Bearer {self.token if token is None else token}")
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with direct.open(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def is_running(self) -> bool:
        """Whether the API's process lives."""
        return service.is_running(self.directory)


def until(done: Callable[[], object], seconds: float = 15.0) -> None:
    """Waits until it is so; AssertionError when it does not come about in `seconds`."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def _for_make(value: str) -> str:
    """The value as it must stand in a makefile."""
    return value.replace("$", "$$").replace("#", "\\#")


def _free_port() -> int:
    """A port that is free now and that the kernel gives to no outgoing connection."""
    for port in random.sample(range(20000, 30000), 50):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("50 ports of 127.0.0.1 are taken")
