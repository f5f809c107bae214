"""Examines the host: whether runs outlive a log-out, and the SQLite that Python brings."""

import configparser
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from state.doctor.check import Check, fail, ok, warn

_TRUE = frozenset({"1", "yes", "y", "true", "t", "on"})
#: From the least to the most important, see logind.conf(5).
_PLACES = ("usr/lib", "usr/local/lib", "run", "etc")
#: The first SQLite with STRICT tables, and those that can damage a WAL file with two writers.
_STRICT = (3, 37, 0)
_TWO_WRITERS_DAMAGE = ((3, 7, 0), (3, 51, 2))


def examine(login: str) -> Iterator[Check]:
    """All of it for this login."""
    yield logind(Path("/"), login)
    yield sqlite(sqlite3.sqlite_version_info)


def logind(root: Path, login: str) -> Check:
    """Whether systemd-logind ends what a login started; `root` is that of the file system."""
    settings = _login_settings(root)
    if settings.get("killuserprocesses", "no").lower() in _TRUE and _is_meant(settings, login):
        return warn(
            "log-out",
            "logind has KillUserProcesses=yes: runs and watch end with the last session of this login",
            "set KillUserProcesses=no in /etc/systemd/logind.conf, or start the console with "
            "`systemd-run --user --scope` and `loginctl enable-linger`",
        )
    return ok("log-out", "runs and watch outlive it")


def _is_meant(settings: Mapping[str, str], login: str) -> bool:
    only = settings.get("killonlyusers", "").split()
    return login not in settings.get("killexcludeusers", "root").split() and (not only or login in only)


def _login_settings(root: Path) -> Mapping[str, str]:
    """The section [Login] of logind.conf, with all that is dropped in; lower-case keys."""
    files: dict[str, Path] = {}
    for place in _PLACES:
        if (main := root / place / "systemd/logind.conf").is_file():
            files[""] = main
        # A file of the same name in a more important place stands instead of the other.
        files |= {path.name: path for path in (root / place / "systemd/logind.conf.d").glob("*.conf")}
    settings: dict[str, str] = {}
    for _, path in sorted(files.items()):
        # A file that logind would not understand either says nothing.
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        try:
            parser.read_string(path.read_text(encoding="utf-8", errors="replace"))
            settings |= {key: value or "" for key, value in parser.items("Login")}
        except (OSError, configparser.Error):
            continue
    return settings


def sqlite(version: tuple[int, int, int]) -> Check:
    """Whether the journal can be kept with this SQLite."""
    said = ".".join(map(str, version))
    if version < _STRICT:
        return fail(
            "SQLite", f"{said} has no STRICT tables", "run Drawbridge on a Python with SQLite 3.37 or newer"
        )
    if _TWO_WRITERS_DAMAGE[0] <= version <= _TWO_WRITERS_DAMAGE[1]:
        return ok("SQLite", f"{said}; two writers could damage its files, each file here has only one")
    return ok("SQLite", said)
