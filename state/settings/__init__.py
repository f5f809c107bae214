"""`drawbridge.toml` and the environment: where they are looked up, what may stand in them."""

from typing import TYPE_CHECKING, Any

from state.settings.errors import SettingsError
from state.settings.lookup import find, state_directory, state_directory_at_once

if TYPE_CHECKING:
    from state.settings.model import Api, Settings
    from state.settings.reader import load

__all__ = [
    "Api",
    "Settings",
    "SettingsError",
    "find",
    "load",
    "state_directory",
    "state_directory_at_once",
]


def __getattr__(name: str) -> Any:
    # What checks the settings takes longer to load than a status line may take as a whole.
    if name in {"Api", "Settings"}:
        from state.settings import model

        return getattr(model, name)
    if name == "load":
        from state.settings.reader import load

        return load
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
