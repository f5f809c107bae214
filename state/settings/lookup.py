"""Where the settings file and the state directory are looked up."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from state.settings.errors import SettingsError
from state.settings.source import tables, text_of

if TYPE_CHECKING:
    from state.settings.model import Settings

_NAME = "drawbridge.toml"


def find(explicit: Path | None, env: Mapping[str, str], cwd: Path) -> Path:
    """The settings file; raises SettingsError that lists where it looked.

    `--config` first, then `$DRAWBRIDGE_CONFIG`: one that is named must be there. Then
    `./drawbridge.toml` and `$XDG_CONFIG_HOME/drawbridge/drawbridge.toml`.
    """
    named = [("--config", explicit)] if explicit is not None else []
    if variable := env.get("DRAWBRIDGE_CONFIG"):
        named.append(("$DRAWBRIDGE_CONFIG", Path(variable)))
    for source, path in named:
        whole = cwd / path.expanduser() if path is not None else cwd
        if not whole.exists():
            raise SettingsError(f"{whole} does not exist: mend {source}, or write the file.")
        return whole
    places = [cwd / _NAME, _base(env, "XDG_CONFIG_HOME", ".config") / _NAME]
    for place in places:
        if place.exists():
            return place
    looked = ", ".join(str(place) for place in places)
    raise SettingsError(
        f"No {_NAME} found. `drawbridge init` writes one; --config names one elsewhere. Looked at: {looked}."
    )


def state_directory(settings: "Settings | None", env: Mapping[str, str]) -> Path:
    """Where windows are kept: $DRAWBRIDGE_STATE, `state` of the settings, $XDG_STATE_HOME/drawbridge."""
    if variable := env.get("DRAWBRIDGE_STATE"):
        return Path(variable).expanduser().absolute()
    if settings is not None and settings.state is not None:
        return settings.state
    return _base(env, "XDG_STATE_HOME", ".local/state")


def state_directory_at_once(path: Path, env: Mapping[str, str]) -> Path | None:
    """As `state_directory` of this file, whatever else stands in it; None where `state` is no path.

    Raises SettingsError where the file cannot be read.
    """
    named = tables(path, text_of(path)).get("state")
    if env.get("DRAWBRIDGE_STATE") or named is None:
        return state_directory(None, env)
    if not isinstance(named, str) or not named or "\0" in named:
        return None
    try:
        return path.absolute().parent / Path(named).expanduser()
    except RuntimeError:
        return None


def environment_at_once(path: Path) -> str:
    """The environment that the file names, whatever else stands in it; empty where it names none.

    Raises SettingsError where the file cannot be read.
    """
    named = tables(path, text_of(path)).get("environment")
    return named if isinstance(named, str) else ""


def theme_at_once(path: Path) -> str:
    """The theme that the file names, whether there is one or not; empty where it names none.

    Raises SettingsError where the file cannot be read.
    """
    screen = tables(path, text_of(path)).get("screen")
    named = screen.get("theme") if isinstance(screen, dict) else None
    return named if isinstance(named, str) else ""


def _base(env: Mapping[str, str], variable: str, fallback: str) -> Path:
    # The base directory specification: a relative path in the variable is to be ignored.
    named = Path(env.get(variable, ""))
    home = Path(env["HOME"]) if env.get("HOME") else Path.home()
    return (named if named.is_absolute() else home / fallback) / "drawbridge"
