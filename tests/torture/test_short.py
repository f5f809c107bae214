"""Each torment once or twice, side by side: `make torture` does the same some hundred times.

The real console is killed in tests/pty; here it is only left unread and frozen.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from functools import partial

import pytest

from . import clock, damage, death, disk, ends, output, small_disk, stopping
from .figures import Figures, table

#: Seconds that a terminal is not read here, or a console stands still.
STALL = 3.0
BRIEFLY: dict[str, Callable[[], Figures]] = {
    "death on the way up": partial(death.trial, 1, most=8),
    "a terminal that nobody reads": partial(ends.trial, 0, STALL, ("terminal stalled",)),
    "a console that stands still": partial(ends.trial, 0, STALL, ("console frozen",)),
    "a stop that was not sent": partial(
        stopping.trial, list(stopping.KINDS).index("stop journalled, console dead")
    ),
    "a full disk": partial(disk.trial, 1),
    "a disk that breaks": partial(disk.trial, 2),
    "a disk that takes nothing": partial(disk.trial, 3),
    "output without end": partial(output.trial, 1, lines=200_000),
    "damaged copies": partial(damage.trial, 1, copies=10),
    "a clock that leaps": partial(clock.trial, 1),
}


@pytest.fixture(scope="module")
def begun() -> Iterator[dict[str, Future[Figures]]]:
    """All of them at work at once: they mostly wait."""
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield {name: pool.submit(trial) for name, trial in BRIEFLY.items() if not _cannot(name)}


def _cannot(name: str) -> str:
    return small_disk.cannot() if "disk" in name else ""


@pytest.mark.parametrize("name", BRIEFLY)
def test_nothing_is_lost(begun: dict[str, Future[Figures]], name: str) -> None:
    if reason := _cannot(name):
        pytest.skip(reason)
    figures = begun[name].result()
    assert figures.trials > 0
    assert figures.findings == [], table([figures])
