"""Seals the log of a run that is over: what its target printed stays, without the secrets in it."""

import fcntl
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from state.deployment.rewriting import Sealed, rewrite_apart
from state.host.locks import is_held

__all__ = ["Sealed", "seal"]


def _yes() -> bool:
    return True


def seal(
    run: Path,
    secrets: Iterable[str] = (),
    is_wanted: Callable[[], bool] = _yes,
    goes_on: Callable[[], bool] = _yes,
) -> Sealed | None:
    """Rewrites the log of a run without secrets, in one step: it is there raw or sealed at any time.

    None, and nothing is done, while something of the run lives or writes, another console is at it, or
    where `is_wanted`, asked when nobody else can be at it any more, says no; nor where `goes_on`, asked
    all along, says so before the end. Raises FileNotFoundError where there is no log, OSError where it
    cannot be rewritten. Takes seconds for a large log.
    """
    if is_held(run / "lock"):
        return None
    place = os.open(run, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Whoever drove before, perhaps as another login, may be sealing it still.
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if not is_wanted():
            return None
        sealed = rewrite_apart(run, secrets, place, goes_on)
        os.fsync(place)
        return sealed
    except BlockingIOError:
        return None
    finally:
        os.close(place)
