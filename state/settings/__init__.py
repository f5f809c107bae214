"""`drawbridge.toml` and the environment: where they are looked up, what may stand in them."""

from state.settings.errors import SettingsError
from state.settings.lookup import find, state_directory
from state.settings.model import Api, Settings
from state.settings.reader import load

__all__ = ["Api", "Settings", "SettingsError", "find", "load", "state_directory"]
