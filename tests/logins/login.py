"""Logins of this host that the tests make for themselves: two who share a group, and one who does not."""

import grp
import os
import pickle
import pwd
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, TypeVar

import pytest

from .interpreter import make_interpreter

#: Seconds. A machine that is busy with other tests is slow, but never this slow.
PATIENCE = 60.0

_PROGRAMS = ("useradd", "usermod", "userdel", "groupadd", "groupdel", "gpasswd", "setpriv")
P = ParamSpec("P")
T = TypeVar("T")


def needed(environment: Mapping[str, str]) -> None:
    """Without root the test is skipped; without a program too, but it fails with DRAWBRIDGE_TEST_ALL=1."""
    if os.geteuid() != 0:
        pytest.skip("only root can make logins")
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if not missing:
        return
    reason = f"not installed: {', '.join(missing)} (Debian: passwd, util-linux)"
    if environment.get("DRAWBRIDGE_TEST_ALL") == "1":
        pytest.fail(f"{reason}, and DRAWBRIDGE_TEST_ALL=1 asks for every test")
    pytest.skip(reason)


class Refused(Exception):
    """What a login was told instead of an answer: the error's name and its words."""


@dataclass(frozen=True)
class Login:
    """One login; `home` is its own directory, `python` an interpreter that it can run."""

    name: str
    uid: int
    gid: int
    home: Path
    python: Path
    variables: Mapping[str, str]

    def argv(self, *command: str) -> list[str]:
        """The words that make root run a command as this login, with its groups as the host knows them."""
        become = (f"--reuid={self.uid}", f"--regid={self.gid}", "--init-groups")
        return ["setpriv", *become, "--", *command]

    def drawbridge(self, config: Path, *arguments: str) -> list[str]:
        """The words that make root run `drawbridge` as this login."""
        return self.argv(str(self.python), "-P", "-m", "tui", "--config", str(config), *arguments)

    def environment(self, **more: str) -> dict[str, str]:
        """What the login has after a log-in, and what its interpreter needs."""
        own = {"HOME": str(self.home), "USER": self.name, "LOGNAME": self.name, "SHELL": "/bin/sh"}
        return {"PATH": os.environ["PATH"], **own, **self.variables, **more}

    def run(self, *command: str, umask: int = 0o077, typed: str = "") -> tuple[int, str, str]:
        """Exit status, output and errors of a command that ends by itself; `typed` is its input."""
        done = subprocess.run(
            command,
            cwd="/",
            env=self.environment(),
            input=typed,
            capture_output=True,
            text=True,
            umask=umask,
            timeout=PATIENCE,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done.returncode, done.stdout, done.stderr

    @contextmanager
    def at_work(self, umask: int = 0o077) -> Iterator["Worker"]:
        """A process of this login, in which the functions of `deeds` can be called."""
        with Worker(self, umask) as worker:
            yield worker


class Worker:
    """Calls functions of the module `deeds` in a process of a login; it keeps what they leave there."""

    def __init__(self, login: Login, umask: int) -> None:
        self._process = subprocess.Popen(
            login.argv(str(login.python), "-P", "-m", "deeds"),
            cwd="/",
            env=login.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            umask=umask,
        )

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def __call__(self, deed: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function answers there; raises Refused with what it raised."""
        assert self._process.stdin is not None and self._process.stdout is not None
        pickle.dump((deed.__name__, args, kwargs), self._process.stdin)
        self._process.stdin.flush()
        is_done, answer = pickle.load(self._process.stdout)
        if not is_done:
            raise Refused(answer)
        found: T = answer
        return found

    def kill(self) -> None:
        """Ends the process as a power cut would: without a word to anybody."""
        os.kill(self.pid, signal.SIGKILL)
        self._process.wait(timeout=PATIENCE)

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *error: object) -> None:
        # The process ends with its input.
        with suppress(BrokenPipeError):
            self._process.communicate(timeout=PATIENCE)


@dataclass(frozen=True)
class Logins:
    """Sam and Kim are in the group, Lee is not."""

    group: str
    gid: int
    sam: Login
    kim: Login
    lee: Login

    def processes(self) -> list[int]:
        """What these logins have running, by the owner of each process."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                is_theirs = process.stat().st_uid in {self.sam.uid, self.kim.uid, self.lee.uid}
                # A zombie is dead, however long it waits for whoever adopted it to take note.
                if is_theirs and (process / "stat").read_text().rpartition(") ")[2][0] != "Z":
                    found.append(int(process.name))
        return found

    def end_processes(self) -> None:
        """Kills what these logins still have running: watches outlive whoever started them."""
        deadline = time.monotonic() + PATIENCE
        while running := self.processes():
            assert time.monotonic() < deadline, f"they do not end: {running}"
            for process in running:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.02)


@contextmanager
def made_logins(place: Path) -> Iterator[Logins]:
    """Makes group, logins and their interpreter in `place`, which all can enter; takes them away again."""
    needed(os.environ)
    # A name that nobody has: the host's own logins are none of the tests' business.
    tag = f"dbt-{secrets.token_hex(3)}"
    group = f"{tag}-ops"
    made: list[list[str]] = []

    def make(*command: str, undo: list[str]) -> None:
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
        made.append(undo)

    def login(name: str, *groups: str) -> Login:
        home = place / name
        more = ("--groups", ",".join(groups)) if groups else ()
        options = (
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            str(home),
            "--shell",
            "/bin/sh",
        )
        make("useradd", *options, *more, f"{tag}-{name}", undo=["userdel", "--force", f"{tag}-{name}"])
        about = pwd.getpwnam(f"{tag}-{name}")
        home.mkdir()
        os.chown(home, about.pw_uid, about.pw_gid)
        home.chmod(0o700)
        return Login(about.pw_name, about.pw_uid, about.pw_gid, home, python, variables)

    try:
        python, variables = make_interpreter(place)
        make("groupadd", "--system", group, undo=["groupdel", group])
        logins = Logins(
            group, grp.getgrnam(group).gr_gid, login("sam", group), login("kim", group), login("lee")
        )
        try:
            yield logins
        finally:
            logins.end_processes()
    finally:
        for command in reversed(made):
            subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)
