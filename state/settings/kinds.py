"""The kinds of value that `drawbridge.toml` knows: durations, paths, addresses, commands."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Strict, ValidationInfo

_UNITS: Mapping[str, float] = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?(?:(\d{1,6})ms)?", re.ASCII)
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_GROUP = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")


def duration(value: Any) -> float:
    """Seconds from a text such as "2s", "250ms", "10m" or "1h30m"; raises ValueError."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) and value else None
    if match is None:
        raise ValueError('write a duration in quotes, such as "2s", "250ms", "10m" or "1h30m"')
    return sum(int(part) * unit for part, unit in zip(match.groups(), _UNITS.values(), strict=True) if part)


def _positive(seconds: float) -> float:
    if seconds <= 0:
        raise ValueError("write a duration greater than zero")
    return seconds


def _pollable(seconds: float) -> float:
    if seconds < 0.1:
        raise ValueError('write at least "100ms": more often only loads the deployment')
    return seconds


def _path(value: Any) -> Path:
    if not isinstance(value, str):
        raise ValueError("write a path in quotes")
    if not value or "\0" in value:
        raise ValueError("write a path that is not empty")
    try:
        return Path(value).expanduser()
    except RuntimeError as error:
        raise ValueError("name a user that exists after the ~, or write the whole path") from error


def _path_beside_file(value: Any, info: ValidationInfo) -> Path:
    context: Mapping[str, Path] = info.context or {}
    return context["base"] / _path(value)


def _address(url: str) -> str:
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("write the address without spaces and other unusual characters")
    try:
        parts = urlsplit(url)
        port_is_odd = parts.port == 0
    except ValueError:
        port_is_odd = True
    if port_is_odd:
        raise ValueError("write a host and a port from 1 to 65535")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError('write an address such as "http://127.0.0.1:8086"')
    if "@" in parts.netloc:
        raise ValueError("take the credentials out: the token comes from token_command or token_file")
    if "?" in url or "#" in url:
        raise ValueError("end the address before the ? or the #")
    if url.endswith("/"):
        raise ValueError("leave out the slash at the end")
    return url


def _addresses(urls: tuple[str, ...]) -> tuple[str, ...]:
    if not urls:
        raise ValueError("name at least one replica")
    lowered = [url.lower() for url in urls]
    for index, url in enumerate(lowered):
        if url in lowered[:index]:
            raise ValueError(f"name every replica once: number {index + 1} stands there already")
    return urls


def _command(words: tuple[str, ...]) -> tuple[str, ...]:
    if not words or not words[0]:
        raise ValueError('write the command as a list of words, such as ["make", "deploy"]')
    if any("\0" in word for word in words):
        raise ValueError("take the NUL character out of the command")
    return words


def _variable(name: str) -> str:
    if not _VARIABLE.fullmatch(name):
        raise ValueError("write the name of an environment variable: letters, digits and _")
    return name


def _group(name: str) -> str:
    if not _GROUP.fullmatch(name):
        raise ValueError("write the name of a group: small letters, digits, _ and -, at most 32")
    return name


def _repository(key: str) -> str:
    if not _REPOSITORY.fullmatch(key):
        raise ValueError("write the key of a repository: letters, digits, dots, underscores and hyphens")
    return key


def _variable_value(value: str) -> str:
    if "\0" in value:
        raise ValueError("take the NUL character out of the value")
    return value


#: Seconds, written as "10m". `Allowance` may be zero, `Interval` is at least a tenth of a second.
Seconds: TypeAlias = Annotated[float, BeforeValidator(duration), AfterValidator(_positive)]
Allowance: TypeAlias = Annotated[float, BeforeValidator(duration)]
Interval: TypeAlias = Annotated[float, BeforeValidator(duration), AfterValidator(_pollable)]

#: A path with `~` expanded; `FilePath` is relative to the settings file, `LocalPath` stays as written.
FilePath: TypeAlias = Annotated[Path, BeforeValidator(_path_beside_file)]
LocalPath: TypeAlias = Annotated[Path, BeforeValidator(_path)]

#: TOML has arrays, the settings are hashable: only here a list becomes a tuple.
Words: TypeAlias = Annotated[tuple[Annotated[str, Strict()], ...], Strict(False), AfterValidator(_command)]
Addresses: TypeAlias = Annotated[
    tuple[Annotated[str, Strict(), AfterValidator(_address)], ...], Strict(False), AfterValidator(_addresses)
]
Variable: TypeAlias = Annotated[str, AfterValidator(_variable)]
GroupName: TypeAlias = Annotated[str, AfterValidator(_group)]
VariableValue: TypeAlias = Annotated[str, AfterValidator(_variable_value)]
RepositoryKey: TypeAlias = Annotated[str, AfterValidator(_repository)]
