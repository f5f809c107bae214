"""Finds the practice deployment to go on with, or makes a new one."""

import os
from collections.abc import Mapping
from pathlib import Path

from state.listing import listed
from state.rehearsal import practice
from state.rehearsal.layout import PracticeError
from state.rehearsal.practice import Practice

#: For tests: scales every duration of a new deployment, such as 0.2 for five times as fast. Below
#: 0.1 the settings would poll more often than is allowed.
PACE_VARIABLE = "DRAWBRIDGE_PACE"
_PACES = (0.1, 10.0)


def enter(base: Path, scenario: str) -> Practice:
    """The newest deployment of this scenario whose window is not closed, started again if need be.

    A deployment whose window is closed stays as it is, to look at; a new one is made beside it.
    Raises PracticeError.
    """
    number = 1
    while (root := base / f"{scenario}-{number}").exists():
        found = practice.open_existing(root)
        if found is None:
            # Its making was cut short: it is made anew, or refused in words.
            return _create(root, scenario)
        if not _is_over(found):
            practice.start(found)
            return found
        number += 1
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise PracticeError(
            f"{base} cannot be made ({error.strerror}). Mend what lies there, or set XDG_STATE_HOME."
        ) from error
    return _create(root, scenario)


def _create(root: Path, scenario: str) -> Practice:
    return practice.create(root, scenario, pace=_pace(os.environ))


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


def _is_over(found: Practice) -> bool:
    known = listed(found.state)
    return bool(known) and all(one.window is not None and not one.window.is_open for one in known)
