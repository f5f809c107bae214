"""The events of a journal in words, for the timeline on the screen and in the evidence."""

from collections.abc import Iterator, Mapping
from typing import Any

from state.events import Recorded
from state.report.moments import in_words, is_moment
from state.report.telling import people, rollback, runs, steps, window
from state.report.telling.told import TELLINGS, Kind
from state.text import is_secret_name, printable, redact
from state.window import Window

__all__ = ["TELLINGS", "Kind", "clean", "details", "is_turning", "kind_of", "people", "rollback"]
__all__ += ["runs", "steps", "tell", "window"]


def clean(text: str) -> str:
    """A text from outside on one line, as a screen or a report may have it."""
    return redact(printable(text))


def kind_of(recorded: Recorded) -> Kind:
    """What an event is about."""
    return TELLINGS[type(recorded.event)].kind


def is_turning(recorded: Recorded) -> bool:
    """Whether the event is one of those that a chart marks with a line."""
    return TELLINGS[type(recorded.event)].turning


def tell(seen: Window, recorded: Recorded) -> str:
    """An event in one line. `seen` is the window after all events: its runs and steps give the names."""
    return clean(TELLINGS[type(recorded.event)].tell(seen, recorded, recorded.event))


def details(recorded: Recorded) -> tuple[tuple[str, str], ...]:
    """All that an event holds, as names and values; what lies in another is named `outer.inner`.

    Moments are shown as such, wherever they lie.
    """
    return tuple(_flat("", recorded.event.to_body()))


def _flat(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{name}.{key}" if name else str(key), inner)
    elif isinstance(value, tuple | list):
        if all(isinstance(one, str | int | float) for one in value):
            yield clean(name), clean(", ".join(map(str, value)))
            return
        for number, inner in enumerate(value, 1):
            yield from _flat(f"{name}.{number}", inner)
    else:
        yield clean(name), _plain(name.rpartition(".")[2], value)


def _plain(name: str, value: Any) -> str:
    """One value as it is shown; `name` without that of what it lies in."""
    if value and is_secret_name(name):
        return "***"
    if is_moment(name, value):
        return in_words(value)
    return "" if value is None else clean(str(value))
