"""What operators type, made printable and rid of secrets before it reaches the journal."""

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec.structs import fields, replace

from state.events import Actor
from state.intents import Intent, OpenWindow, SendMessage
from state.text import printable, redact
from state.window import Window

Wanted = TypeVar("Wanted", bound=Intent | OpenWindow)
_LONGEST_NAME = 60


def cleaned(intent: Wanted) -> Wanted:
    """What an operator typed, made printable and rid of secrets before it reaches the journal."""
    # A message has lines; everything else that is typed is one.
    lines = isinstance(intent, SendMessage)
    values: dict[str, Any] = {f.name: _clean(getattr(intent, f.name), lines) for f in fields(intent)}
    return replace(intent, **values)


def same_person(actor: Actor, before: Window) -> Actor:
    """Whoever resumes with the login that drove before goes by the name that was given then."""
    known = before.driver.actor if before.driver else None
    unnamed = actor.operator == actor.login
    if known is not None and unnamed and known.login == actor.login:
        return replace(actor, operator=known.operator)
    return actor


def cleaned_actor(actor: Actor) -> Actor:
    """An operator's name is typed as well, and stands on every screen."""
    return replace(actor, operator=printable(actor.operator.strip())[:_LONGEST_NAME] or actor.login)


def _clean(value: object, lines: bool = False) -> object:
    if isinstance(value, str):
        return redact(printable(value.strip(), newlines=lines))
    if isinstance(value, Mapping):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, Intent | Actor):
        parts: dict[str, Any] = {f.name: _clean(getattr(value, f.name), lines) for f in fields(value)}
        return replace(value, **parts)
    if isinstance(value, tuple):
        return tuple(_clean(item) for item in value)
    return value
