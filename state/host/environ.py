"""Keeps the secrets of this process's environment to itself: others read it in /proc, children inherit it."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from state.text import is_secret_name, redact

#: The variable that may hold the admin token.
TOKEN_VARIABLE = "ARTIFORTRESS_ADMIN_TOKEN"

#: Fields of /proc/PID/stat after the name of the program: where the environment begins and ends.
_BEGINS, _ENDS = 47, 48

_kept: dict[str, str] = {}


def environment() -> dict[str, str]:
    """All variables that this process was given, those included that `conceal` took away."""
    return {**os.environ, **_kept}


def secret_names(variables: Mapping[str, str]) -> list[str]:
    """The names of those that hold a secret, by their name or by the look of their value."""
    return [name for name, value in variables.items() if is_secret_name(name) or redact(value) != value]


def own_environment() -> dict[str, str]:
    """The environment of a process of ours: no secrets, and the same code as here."""
    secrets = {TOKEN_VARIABLE, *secret_names(os.environ)}
    plain = {name: value for name, value in os.environ.items() if name not in secrets}
    return {**plain, "PYTHONPATH": search_path()}


def search_path() -> str:
    """The PYTHONPATH with which another process finds the code that runs here."""
    root = str(Path(__file__).parents[2])
    return os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))


def conceal(also: Iterable[str] = ()) -> None:
    """Takes secrets out of what the kernel shows of this process's environment.

    No child inherits the admin token and the variables of `also` from now on. To be called before
    anything is imported that takes the environment over. What the kernel forbids is left as it is.
    """
    own = {TOKEN_VARIABLE, *also}
    names = {*own, *secret_names(os.environ)}
    for name in own:
        if name in os.environ:
            _kept[name] = os.environ.pop(name)
    # What is left for children stands in os.environ; the strings of the kernel's are ours to blank.
    for name in names:
        os.unsetenv(name)
    with suppress(OSError, ValueError, IndexError):
        _blank({os.fsencode(name) for name in names})


def _blank(names: set[bytes]) -> None:
    fields = Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    begins, ends = int(fields[_BEGINS]), int(fields[_ENDS])
    with Path("/proc/self/mem").open("r+b", buffering=0) as memory:
        memory.seek(begins)
        entries = memory.read(ends - begins).split(b"\0")
        shown = [
            name + b"=" + b"\0" * len(value) if name in names else entry
            for entry in entries
            for name, _, value in (entry.partition(b"="),)
        ]
        memory.seek(begins)
        memory.write(b"\0".join(shown))
