"""Where the settings file and the state directory are looked up."""

from collections.abc import Mapping
from pathlib import Path

from state.settings.errors import SettingsError
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
    raise SettingsError(f"No {_NAME} found. Write one, or name it with --config. Looked at: {looked}.")


def state_directory(settings: Settings | None, env: Mapping[str, str]) -> Path:
    """Where windows are kept: $DRAWBRIDGE_STATE, `state` of the settings, $XDG_STATE_HOME/drawbridge."""
    if variable := env.get("DRAWBRIDGE_STATE"):
        return Path(variable).expanduser().absolute()
    if settings is not None and settings.state is not None:
        return settings.state
    return _base(env, "XDG_STATE_HOME", ".local/state")


def _base(env: Mapping[str, str], variable: str, fallback: str) -> Path:
    # The base directory specification: a relative path in the variable is to be ignored.
    named = Path(env.get(variable, ""))
    home = Path(env["HOME"]) if env.get("HOME") else Path.home()
    return (named if named.is_absolute() else home / fallback) / "drawbridge"
