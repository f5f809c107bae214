"""Tells which targets make would not know, by reading make's own data base: no recipe is run for it."""

import os
import re
import signal
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import DEVNULL
from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from state.host.environ import TOKEN_VARIABLE
from state.text import printable, redact

if TYPE_CHECKING:
    from plumbum.machines.base import PopenWithAddons

#: How long make may take to read its Makefile, in seconds.
PATIENCE = 10.0

_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_LARGEST = 16 * 1024 * 1024
_NOTHING: Mapping[str, str] = MappingProxyType({})

# make brings its includes up to date first, whatever the goal is. With this shell their recipes do
# nothing, whichever shell the Makefile chooses (but for one that it chooses for that include alone);
# `$(shell …)` outside of recipes keeps its own.
_GOAL = "drawbridge-lists-targets"
_ARGUMENTS = (
    *("--print-data-base", "--no-builtin-rules", "--silent"),
    *("--eval=%: override SHELL := true", f"--eval=.PHONY: {_GOAL}", f"--eval={_GOAL}:"),
    _GOAL,
)


class TargetsError(Exception):
    """Nobody can tell which targets there are: one sentence with the mend."""


def missing_targets(
    directory: Path,
    targets: Sequence[str],
    variables: Mapping[str, str] = _NOTHING,
    patience: float = PATIENCE,
) -> tuple[str, ...]:
    """Those of `targets` that `make` in this directory has nothing to do for, in the given order.

    A target counts as there with a recipe or prerequisites of its own, a pattern rule that applies,
    or a `.DEFAULT` recipe; a bare name in `.PHONY` does not, since make does nothing for it and says
    that all is well. `variables` are added to the environment, as for a run; make gets `patience`
    seconds. `$(shell …)` outside of recipes is run, as by every call of make. Raises TargetsError.
    """
    _check_makefile(directory)
    base = _read(_data_base(directory, variables, patience))
    return tuple(target for target in targets if not base.knows(target, directory))


def _check_makefile(directory: Path) -> None:
    mend = "Name the Artifortress checkout in drawbridge.toml, [make] directory."
    try:
        if not directory.is_dir():
            raise TargetsError(f"{directory} is not a directory. {mend}")
        if not any((directory / name).exists() for name in _MAKEFILES):
            raise TargetsError(f"{directory} has no Makefile. {mend}")
    except OSError as error:
        raise TargetsError(f"{directory} cannot be read ({error.strerror}): mend its modes.") from None


def _data_base(directory: Path, variables: Mapping[str, str], patience: float) -> str:
    from plumbum import CommandNotFound, local

    # plumbum merges onto a snapshot of the environment made at its import: the token goes from there.
    if TOKEN_VARIABLE in local.env:
        del local.env[TOKEN_VARIABLE]
    environment = {"MAKEFLAGS": "", **variables, "MAKELEVEL": "0", "LC_ALL": "C"}
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = local["make"][_ARGUMENTS].popen(
                cwd=str(directory), env=environment, stdin=DEVNULL, stdout=out, stderr=err, new_session=True
            )
        except CommandNotFound:
            raise TargetsError("make is not on PATH: install it.") from None
        except OSError as error:
            raise TargetsError(f"make cannot be started in {directory} ({error.strerror}).") from None
        code = _status(process, patience)
        if code is None:
            raise TargetsError(
                f"make did not finish reading the Makefile in {directory} within {patience:g} s: "
                "see what its $(shell …) calls wait for."
            )
        if code != 0:
            err.seek(0)
            raise TargetsError(f"make cannot use the Makefile in {directory}: {_complaint(err.read(65536))}")
        out.seek(0)
        return out.read(_LARGEST).decode("utf-8", "replace")


def _status(process: "PopenWithAddons[str]", patience: float) -> int | None:
    """The exit status, or None where it took too long and was ended with all that it had started."""
    deadline = time.monotonic() + patience
    while (code := process.poll()) is None and time.monotonic() < deadline:
        time.sleep(0.005)
    if code is None:
        assert process.pid is not None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return code


def _complaint(error: bytes) -> str:
    # As a whole: what a line is may stand in the one before it.
    said = redact(printable(error.decode("utf-8", "replace"), newlines=True))
    return " · ".join(said.strip().splitlines()[-2:])[:300] or "it ended without a word."


class _Rule(Struct, frozen=True):
    targets: tuple[str, ...]
    prerequisites: tuple[str, ...]
    has_recipe: bool
    is_phony: bool

    @property
    def does_something(self) -> bool:
        return self.has_recipe or bool(self.prerequisites)


class _DataBase(Struct, frozen=True):
    """`explicit` by name, with what is only mentioned; `patterns` are the Makefile's own."""

    explicit: Mapping[str, _Rule]
    patterns: tuple[_Rule, ...]

    def knows(self, name: str, directory: Path) -> bool:
        rule = self.explicit.get(name)
        if rule is not None and (rule.does_something or rule.is_phony):
            return rule.does_something
        if any(self._applies(pattern, name, directory) for pattern in self.patterns):
            return True
        default = self.explicit.get(".DEFAULT")
        return default is not None and default.has_recipe

    def _applies(self, pattern: _Rule, name: str, directory: Path, depth: int = 3) -> bool:
        """Whether the pattern matches and what it needs exists, is mentioned, or can be made in turn."""
        stems = [stem for target in pattern.targets if (stem := _stem(target, name)) is not None]
        if not stems or not pattern.has_recipe or not depth:
            return False
        needs = [need.replace("%", stems[0], 1) for need in pattern.prerequisites]
        return all(
            need in self.explicit
            or (directory / need).exists()
            or any(self._applies(other, need, directory, depth - 1) for other in self.patterns)
            for need in needs
        )


def _stem(pattern: str, name: str) -> str | None:
    before, _, after = pattern.partition("%")
    fits = len(name) > len(before) + len(after) and name.startswith(before) and name.endswith(after)
    return name[len(before) : len(name) - len(after)] if fits else None


_RULE = re.compile(r"(?P<targets>[^\s#].*?)::?(?:\s+(?P<needs>.*))?")


def _read(text: str) -> _DataBase:
    # The last such heading is make's own: one inside a variable's value would stand before it.
    _, _, rules = text.rpartition("\n# Implicit Rules\n")
    implicit, _, files = rules.partition("\n# Files\n")
    explicit: dict[str, _Rule] = {}
    for rule in _rules(files):
        # A double-colon target stands there once for each of its rules.
        if rule.targets[0] not in explicit or rule.does_something:
            explicit[rule.targets[0]] = rule
    return _DataBase(explicit, tuple(_rules(implicit)))


def _rules(section: str) -> list[_Rule]:
    found = []
    for block in section.split("\n\n"):
        lines = block.strip("\n").split("\n")
        # Variables of the target stand before it, remarks (two spaces) and its recipe after it.
        remarks = next((index for index, line in enumerate(lines) if line.startswith("#  ")), len(lines))
        match = _RULE.fullmatch(lines[remarks - 1]) if remarks else None
        if match is not None:
            found.append(
                _Rule(
                    targets=tuple(match["targets"].split()),
                    prerequisites=tuple(need for need in (match["needs"] or "").split() if need != "|"),
                    has_recipe=any(line.startswith("#  recipe to execute") for line in lines[remarks:]),
                    is_phony=any(line.startswith("#  Phony target") for line in lines[remarks:]),
                )
            )
    return found
