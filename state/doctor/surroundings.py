"""What a first settings file can be told by looking around: the API, the checkout, where dumps lie."""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path

from state.deployment.api import Api
from state.readings import Ask, ReadingClass
from state.runbook import shipped

USUAL_API = "http://127.0.0.1:8086"
_USUAL_PLACES = ("/srv/artifortress", "/opt/artifortress")
_USUAL_BACKUPS = "/var/backups/artifortress"
_THRESHOLDS = ("deploy/phase6-alert-thresholds.yaml", "deploy/enterprise-ops-alert-thresholds.yaml")
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
#: Read, and not run: whatever lies in a directory that nobody has named yet is not to be trusted.
_TARGET = re.compile(r"^([A-Za-z0-9][A-Za-z0-9_. -]*?)\s*::?(?!=)", re.MULTILINE)
_LARGEST = 1024 * 1024


def answering(urls: Iterable[str]) -> dict[str, bool]:
    """Which addresses answer as a live API; takes a few seconds at most."""
    return asyncio.run(_live(tuple(urls)))


async def _live(urls: tuple[str, ...]) -> dict[str, bool]:
    api = Api(urls, None)
    try:
        read = await asyncio.gather(*(api.probe(Ask.LIVE, url) for url in urls))
    finally:
        await api.aclose()
    return {one.replica: one.reading_class is ReadingClass.OK for one in read}


def checkout(cwd: Path, home: Path) -> Path | None:
    """The first of the usual directories whose Makefile has what an upgrade needs."""
    near = (cwd, *cwd.parents, cwd / "artifortress", home / "artifortress")
    return next((place for place in (*near, *map(Path, _USUAL_PLACES)) if not missing(place)), None)


def missing(directory: Path) -> tuple[str, ...]:
    """The targets of an upgrade that no Makefile there has."""
    there = targets(directory)
    needed = dict.fromkeys(step.target for step in shipped().phase("upgrade").steps if step.target)
    return tuple(target for target in needed if target not in there)


def targets(directory: Path) -> frozenset[str]:
    """The plain targets of the Makefile in a directory, without those of its includes; none without one."""
    for name in _MAKEFILES:
        try:
            with (directory / name).open(encoding="utf-8", errors="replace") as stream:
                found = _TARGET.findall(stream.read(_LARGEST))
        except OSError:
            continue
        return frozenset(target for several in found for target in several.split())
    return frozenset()


def thresholds(directory: Path) -> str:
    """The site's alert thresholds, relative to its checkout; empty without any."""
    return next((name for name in _THRESHOLDS if (directory / name).is_file()), "")


def backups(directory: Path) -> Path:
    """Where the dumps of this checkout are likely to go: beside it where it has such a place."""
    beside = directory / "backups"
    return beside if beside.is_dir() else Path(_USUAL_BACKUPS)
