"""One private PostgreSQL cluster for each test process, and a fresh site on it for each test."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from .cluster import Cluster, programs
from .postgres_site import PostgresSite


def needed(binaries: Path | None, environment: Mapping[str, str]) -> Path:
    """The server programs. Without them the test is skipped, but fails with DRAWBRIDGE_TEST_ALL=1."""
    if binaries is not None:
        return binaries
    reason = "PostgreSQL's server programs are not installed (Debian: postgresql-15)"
    if environment.get("DRAWBRIDGE_TEST_ALL") == "1":
        pytest.fail(f"{reason}, and DRAWBRIDGE_TEST_ALL=1 asks for every test")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A running cluster, stopped and removed when the test process ends, however it ends."""
    with Cluster(needed(programs(), os.environ)) as running:
        yield running


@pytest.fixture
def postgres_site(tmp_path: Path, cluster: Cluster) -> Iterator[PostgresSite]:
    """The previous release over a seeded database; whatever a test leaves running is ended."""
    site = PostgresSite(tmp_path, cluster)
    try:
        site.populate()
        yield site
    finally:
        site.close()
