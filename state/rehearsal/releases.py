"""The two releases of the practice deployment, and which of them is installed."""

import json
import shutil
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from msgspec import Struct

from state.rehearsal.layout import Layout, PracticeError, replace_file

PREVIOUS = "v1.4.2"
NEW = "v1.5.0"


class Line(StrEnum):
    """Which shape of the API a release speaks."""

    GA = "ga"
    CURRENT = "current"


class Release(Struct, frozen=True):
    """A release as it lies under `site/releases`; it brings the first `migrations` files."""

    version: str
    line: Line
    commit: str
    migrations: int


RELEASES = (Release(PREVIOUS, Line.GA, "7c41e0d", 5), Release(NEW, Line.CURRENT, "a1b2c3d", 7))


def unpack(layout: Layout) -> None:
    """Lay both releases out under `site/releases`."""
    for release in RELEASES:
        home = layout.site / "releases" / release.version
        (home / "migrations").mkdir(parents=True, exist_ok=True)
        body = {"version": release.version, "line": release.line, "commit": release.commit}
        replace_file(home / "release.json", json.dumps(body, indent=2) + "\n")
        for source in _packaged_migrations()[: release.migrations]:
            shutil.copyfile(source, home / "migrations" / source.name)


def _packaged_migrations() -> list[Path]:
    here = Path(str(files("state.rehearsal")))
    return sorted(here.glob("[0-9]*.sql"))


def install(layout: Layout, version: str) -> None:
    """Make `version` the installed release: its migration files, then its name."""
    source = layout.site / "releases" / version / "migrations"
    layout.migrations.mkdir(parents=True, exist_ok=True)
    for old in layout.migrations.glob("*.sql"):
        old.unlink()
    for path in sorted(source.glob("*.sql")):
        shutil.copyfile(path, layout.migrations / path.name)
    replace_file(_mark(layout), version + "\n")


def installed(layout: Layout) -> Release:
    """The release that runs, or would run when started."""
    try:
        version = _mark(layout).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise PracticeError(f"No release is installed: {error}.") from error
    for release in RELEASES:
        if release.version == version:
            return release
    raise PracticeError(f"{_mark(layout)} names {version!r}, which is no release of this deployment.")


def installed_at(layout: Layout) -> float:
    """When the installed release was put there, in epoch seconds."""
    return _mark(layout).stat().st_mtime


def _mark(layout: Layout) -> Path:
    return layout.site / "current-release"
