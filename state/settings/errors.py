"""The one error of the settings."""


class SettingsError(Exception):
    """The settings cannot be used: one or several lines, each with file, line, key and mend."""
