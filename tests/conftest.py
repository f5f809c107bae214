"""Begins with the slowest tests, so that no worker is left alone with them at the end."""

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes says more of the machine than of the code.
settings.register_profile("drawbridge", deadline=None)
settings.load_profile("drawbridge")

#: Folders whose tests drive whole deployments, slowest first.
SLOWEST = ("pty", "hostile", "postgres", "rehearsal", "logins", "report", "cli", "deployment")
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the order within a folder."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    folder = item.path.relative_to(HERE).parts[0]
    return SLOWEST.index(folder) if folder in SLOWEST else len(SLOWEST)
