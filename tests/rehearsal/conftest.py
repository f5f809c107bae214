"""A real practice deployment for each test, driven through its own Makefile and its own API."""

import json
import os
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from state.rehearsal import practice
from state.rehearsal.layout import Layout, load


class Deployment:
    """One deployment, and the few things that tests do with it."""

    def __init__(self, made: practice.Practice) -> None:
        self.practice = made

    @property
    def layout(self) -> Layout:
        return load(self.practice.root)

    @property
    def command(self) -> list[str]:
        return ["make", "--no-print-directory", "-C", str(self.layout.site)]

    def make(self, target: str, **environment: object) -> subprocess.CompletedProcess[str]:
        variables = os.environ | {name: str(value) for name, value in environment.items()}
        return subprocess.run(
            [*self.command, target],
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def made(self, target: str, **environment: object) -> str:
        """Run a target that must succeed; its output."""
        result = self.make(target, **environment)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def begin(self, target: str, **environment: object) -> subprocess.Popen[str]:
        """Start a target in a group of its own, to be killed."""
        return subprocess.Popen(
            [*self.command, target],
            env=os.environ | {name: str(value) for name, value in environment.items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def ask(self, path: str, server: str = "api-1", token: str | None = None) -> tuple[int, Any]:
        """Status and JSON of a GET; the admin token unless another is given. OSError when refused."""
        request = urllib.request.Request(self.layout.url(server) + path)
        bearer = self.layout.token.read_text().strip() if token is None else token
        request.add_header("Authorization", f"Bearer {bearer}")
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())

    def summary(self) -> dict[str, Any]:
        status, body = self.ask("/v1/admin/ops/summary")
        assert status == 200, body
        return dict(body)

    def rows(self, query: str, *values: object, name: str = "artifortress") -> list[tuple[Any, ...]]:
        link = sqlite3.connect(self.layout.database(name), timeout=5)
        try:
            return link.execute(query, values).fetchall()
        finally:
            link.close()

    def execute(self, query: str, *values: object) -> None:
        link = sqlite3.connect(self.layout.database(), timeout=5)
        try:
            with link:
                link.execute(query, values)
        finally:
            link.close()


def _until(check: Callable[[], Any], seconds: float = 15.0) -> Any:
    """What `check` gives as soon as it is true; an OSError counts as not yet."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = check()
        except (OSError, sqlite3.OperationalError):
            found = None
        if found:
            return found
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


@pytest.fixture
def until() -> Callable[..., Any]:
    return _until


@pytest.fixture
def rehearse(tmp_path: Path) -> Iterator[Callable[..., Deployment]]:
    """Makes deployments; whatever it made is ended afterwards."""
    made: list[practice.Practice] = []

    def start(scenario: str = "smooth", pace: float = 0.04, **options: Any) -> Deployment:
        root = tmp_path / f"practice {len(made)} $x"
        made.append(practice.create(root, scenario, pace=pace, **options))
        return Deployment(made[-1])

    yield start
    for one in made:
        practice.remove(one)
