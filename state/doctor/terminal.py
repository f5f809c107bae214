"""Examines the terminal that the console would draw on."""

import os
from collections.abc import Iterator, Mapping

from state.doctor.check import Check, fail, ok, warn

_SUBJECT = "terminal"
_KEYBOARD, _SCREEN = 0, 2
#: Columns and lines below which the console cannot be read, and from which nothing is left out.
_SMALLEST, _COMFORTABLE = (60, 15), (80, 24)


def examine(env: Mapping[str, str]) -> Iterator[Check]:
    """Standard input and error as terminals, TERM, and the size."""
    for descriptor, name in ((_KEYBOARD, "standard input"), (_SCREEN, "standard error")):
        if not os.isatty(descriptor):
            yield warn(
                _SUBJECT,
                f"{name} is not a terminal: the console would not start here",
                "run it in a terminal",
            )
            return
    term = env.get("TERM", "")
    if term in ("", "dumb", "unknown"):
        said = f"TERM is {term}" if term else "TERM is not set"
        yield fail(
            _SUBJECT,
            f"{said}: the console cannot draw",
            "set it to what the terminal is, such as xterm-256color",
        )
        return
    yield _size(term)


def _size(term: str) -> Check:
    columns, lines = os.get_terminal_size(_SCREEN)
    said = f"{term}, {columns}x{lines}"
    if 0 in (columns, lines):
        return warn(_SUBJECT, f"{said}: it does not tell its size", "set it with stty cols 120 rows 40")
    if columns < _SMALLEST[0] or lines < _SMALLEST[1]:
        return fail(_SUBJECT, f"{said}: too small for the console", "enlarge it to at least 80x24")
    if columns < _COMFORTABLE[0] or lines < _COMFORTABLE[1]:
        return warn(_SUBJECT, f"{said}: some panels are left out", "enlarge it to at least 80x24")
    return ok(_SUBJECT, said)
