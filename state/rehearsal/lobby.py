"""Finds the practice deployment to go on with, or makes a new one; ends what nobody looks at any more."""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from state.host.locks import is_held
from state.journal import mail
from state.journal.directory import MAIL, RUNS, WATCH_LOCK, DirectoryError, windows
from state.journal.presence import anybody
from state.listing import listed
from state.rehearsal import practice, processes
from state.rehearsal.layout import PROCESSES, Layout, PracticeError, load
from state.rehearsal.practice import Practice

#: For tests: scales every duration of a new deployment, such as 0.2 for five times as fast. Below
#: 0.1 the settings would poll more often than is allowed.
PACE_VARIABLE = "DRAWBRIDGE_PACE"
_PACES = (0.1, 10.0)
#: Seconds that a watch gets to end before the servers that it asks are ended as well.
_WATCH_ENDS = 5.0


@contextmanager
def enter(base: Path, scenario: str) -> Iterator[Practice]:
    """The newest deployment of this scenario whose window is not closed, started again if need be.

    It is held meanwhile, and nobody ends it. A deployment whose window is closed stays as it is, to
    look at; a new one is made beside it. Raises PracticeError.
    """
    root, found = _choose(base, scenario)
    try:
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise PracticeError(
            f"{base} cannot be made ({error.strerror}). Mend what lies there, or set XDG_STATE_HOME."
        ) from error
    with practice.hold(root):
        if found is None:
            found = practice.create(root, scenario, pace=_pace(os.environ))
        else:
            practice.start(found)
        yield found


def _choose(base: Path, scenario: str) -> tuple[Path, Practice | None]:
    """The directory, and the deployment in it; None where it is to be made (anew, if that was cut short)."""
    number = 1
    while (root := base / f"{scenario}-{number}").exists():
        found = practice.open_existing(root)
        if found is None or not _is_over(found):
            return root, found
        number += 1
    return root, None


def _is_over(found: Practice) -> bool:
    """Whether its windows are closed, and it has one."""
    known = listed(found.state)
    return bool(known) and all(one.window is not None and not one.window.is_open for one in known)


def is_begun(found: Practice) -> bool:
    """Whether a window of it is open."""
    return any(one.window is None or one.window.is_open for one in listed(found.state))


def end_unattended(base: Path) -> tuple[str, ...]:
    """Ends every deployment that lives and that nobody looks at; the names of their directories."""
    return tuple(root.name for root in _made(base) if end_if_unattended(root))


def end_if_unattended(root: Path) -> bool:
    """Ends the deployment in `root`, and says whether it did.

    No window is touched: `enter` starts its deployment again. One in which a command still runs, or that
    a console drives or looks at, goes on. What is damaged is left to whoever enters it.
    """
    with suppress(PracticeError, DirectoryError, mail.MailError, OSError):
        layout = load(root.resolve())
        if _lives(layout) and not _is_attended(layout):
            _end(layout)
            return True
    return False


def living(base: Path) -> tuple[str, ...]:
    """The names of the directories whose deployments live."""
    return tuple(root.name for root in _made(base) if lives(root))


def lives(root: Path) -> bool:
    """Whether the deployment in `root` does; one that is damaged does not."""
    with suppress(PracticeError, DirectoryError, OSError):
        return _lives(load(root.resolve()))
    return False


def _made(base: Path) -> list[Path]:
    return sorted(description.parent for description in base.glob("*/practice.json"))


def _watched(layout: Layout) -> list[Path]:
    return [one for one in windows(layout.root / "state") if is_held(one / WATCH_LOCK)]


def _lives(layout: Layout) -> bool:
    return any(processes.running(layout, name) for name in PROCESSES) or bool(_watched(layout))


def _is_attended(layout: Layout) -> bool:
    if processes.in_use(layout):
        return True
    for one in listed(layout.root / "state"):
        runs = (one.directory / RUNS).glob("*/lock")
        if one.driven or anybody(one.directory / MAIL) or any(map(is_held, runs)):
            return True
    return False


def _end(layout: Layout) -> None:
    """The watch first: it must not take the end of the servers for that of the release."""
    deadline = time.monotonic() + _WATCH_ENDS
    for directory in _watched(layout):
        mail.send(directory / MAIL, "watch", "stop", {"why": "the rehearsal was ended"})
    while _watched(layout) and time.monotonic() < deadline:
        time.sleep(0.05)
    processes.stop(layout)


def _pace(env: Mapping[str, str]) -> float:
    fastest, slowest = _PACES
    try:
        pace = float(env.get(PACE_VARIABLE, "1"))
    except ValueError:
        pace = 0.0
    if not fastest <= pace <= slowest:
        raise PracticeError(
            f"{PACE_VARIABLE} is for tests: set it to {fastest:g} to {slowest:g}, or unset it."
        )
    return pace
