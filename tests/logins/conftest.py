"""Two logins with one state directory; see `login` for how a test works as one of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..session.conftest import api
from .login import Logins, made_logins
from .place import SharedPlace, new_root

__all__ = ["api", "logins", "shared"]


@pytest.fixture(scope="session")
def logins() -> Iterator[Logins]:
    """Group and logins, for all tests of this process."""
    with new_root() as root, made_logins(Path(root)) as made:
        yield made


@pytest.fixture
def shared(logins: Logins, api: str) -> Iterator[SharedPlace]:
    """A place that Sam and Kim share."""
    with new_root() as root:
        place = SharedPlace(Path(root), logins, api)
        yield place
        (place.site / "hold").unlink(missing_ok=True)
        logins.end_processes()
