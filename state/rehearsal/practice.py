"""The practice deployment as the command line uses it: create, open, start, stop, hold."""

import fcntl
import os
import random
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

import state
from state.rehearsal import processes, site
from state.rehearsal.layout import SERVERS, Layout, PracticeError, load
from state.rehearsal.releases import NEW, PREVIOUS
from state.rehearsal.scenarios import scenario_named

#: Seconds for which a deployment lives on that no console looks at.
UNUSED_FOR = 1_800.0
#: Outside the ports that a client gets by chance: a probe of a stopped replica must be refused.
_PORTS = range(18_000, 30_000)
_ALLOWED_BEFORE = {"in-use.lock", "state", ".creating"}


class Practice(Struct, frozen=True):
    """A practice deployment: its directory, its scenario, Drawbridge's settings and state for it."""

    root: Path
    scenario: str
    config: Path
    state: Path
    previous_release: str = PREVIOUS
    release: str = NEW


def create(root: Path, scenario: str, pace: float = 1.0, unused_for: float = UNUSED_FOR) -> Practice:
    """Build a deployment in `root` (absent or empty) and start it on the previous release.

    `pace` scales every duration, those in the settings file too. `unused_for`: seconds without
    `hold` after which its processes end. ValueError for an unknown scenario, PracticeError when
    `root` cannot be used or the processes do not come up.
    """
    chosen = scenario_named(scenario)
    _claim(root)
    layout = Layout(
        root=root.resolve(),
        scenario=chosen,
        ports=dict(zip(SERVERS, _free_ports(len(SERVERS)), strict=True)),
        python=sys.executable,
        source=_source(),
        pace=pace,
        unused_for=unused_for,
        created=time.time(),
    )
    with _in_words(layout.root):
        site.build(layout)
        layout.save()
        (layout.root / ".creating").unlink()
    practice = _practice(layout)
    start(practice)
    return practice


def open_existing(root: Path) -> Practice | None:
    """The deployment in `root`, None when there is none; PracticeError when it is damaged.

    The Python that opens it is the one that its recipes use from now on: the old one may be gone.
    """
    if not (root / "practice.json").exists():
        return None
    layout = load(root.resolve())
    if (layout.python, layout.source) != (sys.executable, _source()):
        layout = _moved(layout)
    return _practice(layout)


def start(practice: Practice) -> None:
    """Start what does not run; nothing while make has stopped the services on purpose."""
    layout = load(practice.root)
    if not layout.stopped.exists():
        with _in_words(layout.root):
            processes.start(layout)


def stop(practice: Practice) -> None:
    """End its processes. `start` starts them again."""
    layout = load(practice.root)
    with _in_words(layout.root):
        processes.stop(layout)


def remove(practice: Practice) -> None:
    """End its processes and delete its directory, backups and all."""
    with suppress(PracticeError):
        stop(practice)
    shutil.rmtree(practice.root, ignore_errors=True)


@contextmanager
def hold(root: Path) -> Iterator[None]:
    """Keeps the deployment in `root` alive while somebody looks at it, or makes it; any number may."""
    handle = os.open(root / "in-use.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def _practice(layout: Layout) -> Practice:
    return Practice(
        root=layout.root,
        scenario=layout.scenario.name,
        config=layout.root / "drawbridge.toml",
        state=layout.root / "state",
    )


def _claim(root: Path) -> None:
    """Take an empty directory, or one in which an earlier creation was cut."""
    with _in_words(root):
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        names = {path.name for path in root.iterdir()}
        if ".creating" not in names and names - _ALLOWED_BEFORE:
            raise PracticeError(f"{root} is not empty. Choose another directory for the practice deployment.")
        for name in names - _ALLOWED_BEFORE:
            path = root / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        (root / ".creating").touch()


@contextmanager
def _in_words(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PracticeError(f"{root} cannot hold a practice deployment: {error.strerror}.") from error


def _free_ports(count: int) -> list[int]:
    found: list[int] = []
    for port in random.Random().sample(_PORTS, 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise PracticeError("No free port was found on 127.0.0.1.")


def _source() -> str:
    """The directory that holds the package `state`."""
    return str(Path(state.__file__ or "").resolve().parent.parent)


def _moved(layout: Layout) -> Layout:
    fresh = replace(layout, python=sys.executable, source=_source())
    fresh.save()
    site.write_python(fresh)
    return fresh
