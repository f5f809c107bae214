"""The secret values that this console was given: where something prints one bare, it is known by them."""

from collections.abc import Mapping
from contextlib import suppress

from pydantic import SecretStr

from state.deployment.token import TokenError, read_token
from state.settings import Settings
from state.text import is_secret_name

#: Characters that a value must have to be looked for in what commands print: shorter ones are words as well.
_LEAST = 8


class KnownSecrets:
    """Grows as values become known; for the console's memory, never for a file."""

    def __init__(self, settings: Settings, environment: Mapping[str, str]) -> None:
        """Begins with the secrets in the settings and in the console's `environment`, and with `token_file`.

        A `token_command` is not run for this: somebody may have to type a passphrase for it.
        """
        variables = {**environment, **settings.make.environment}
        webhook = settings.comms.webhook_env
        self._values: tuple[str, ...] = ()
        for name, value in variables.items():
            if name == webhook or is_secret_name(name):
                self._add(value)
        if settings.api.token_file is not None:
            # What is wrong with it is said where it is needed.
            with suppress(TokenError):
                self.learn(read_token(settings.api, environment))

    @property
    def values(self) -> tuple[str, ...]:
        """All of them, each once."""
        return self._values

    def learn(self, secret: SecretStr | None) -> None:
        """One more, where there is one."""
        if secret is not None:
            self._add(secret.get_secret_value())

    def _add(self, value: str) -> None:
        if len(value) >= _LEAST and value not in self._values:
            self._values = (*self._values, value)
