"""Tells from an exception what kept an answer from coming."""

import socket
import ssl
from collections.abc import Iterator

import aiohttp

from state.readings import ReadingClass


def failure(error: BaseException) -> tuple[ReadingClass, str]:
    """The class of a probe that got no answer, and why in a few words (not sanitised yet)."""
    causes = list(_causes(error))
    for kind, reading_class, words in _KINDS:
        for cause in causes:
            if isinstance(cause, kind):
                return reading_class, words.format(cause)
    return ReadingClass.RESET, f"no answer: {type(error).__name__} {error}"


_BROKEN_OFF = (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, aiohttp.ClientResponseError)

#: From the most telling to the least: one failure is often several exceptions in one another.
_KINDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], ReadingClass, str], ...] = (
    (aiohttp.ServerTimeoutError, ReadingClass.TIMEOUT, "no answer in time"),
    (ssl.SSLError, ReadingClass.TLS, "TLS failed: {0}"),
    (socket.gaierror, ReadingClass.DNS, "the host's name is not known: {0}"),
    (ConnectionRefusedError, ReadingClass.REFUSED, "connection refused: nothing listens there"),
    ((ConnectionResetError, BrokenPipeError), ReadingClass.RESET, "the connection was reset"),
    (TimeoutError, ReadingClass.TIMEOUT, "no answer in time"),
    (aiohttp.InvalidURL, ReadingClass.DNS, "not a usable address: {0}"),
    (_BROKEN_OFF, ReadingClass.RESET, "the server broke off: {0}"),
    (aiohttp.ClientConnectorError, ReadingClass.REFUSED, "cannot connect: {0}"),
)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The exception and all that stands behind it, each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        waiting.extend(cause for cause in (current.__cause__, current.__context__) if cause is not None)
        if isinstance(current, BaseExceptionGroup):
            waiting.extend(current.exceptions)
