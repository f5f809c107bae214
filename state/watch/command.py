"""What a watch is told on its standard input: one line of JSON, the only way its secrets travel."""

import json
import time
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, Strict, ValidationError

#: The longest line, in bytes; it fits into a pipe at once, so that nobody waits to write it.
LARGEST = 60 * 1024


class CommandError(Exception):
    """The line is no command: one sentence, without what stood in it."""


class WatchCommand(BaseModel):
    """Whom to ask, how often and with which token. Durations are in seconds.

    `webhook` is the address that messages are posted to, a secret like the token. `others` are values
    that no log of a run may keep. `asked_at` is when this watch was asked for, in seconds since the epoch:
    an order to stop that is older was meant for one before it, a younger one for it, however late it begins.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    token: SecretStr | None
    replicas: Annotated[tuple[str, ...], Strict(False), Field(min_length=1, max_length=100)]
    ready_every: float = Field(gt=0, le=3600)
    summary_every: float = Field(gt=0, le=86400)
    linger: float = Field(ge=0)
    trust_proxy: bool = False
    reconcile_every: float = Field(default=300.0, gt=0, le=86400)
    accept_degraded: bool = False
    webhook: SecretStr | None = None
    others: Annotated[tuple[SecretStr, ...], Strict(False)] = ()
    asked_at: float = Field(default_factory=time.time)

    def to_line(self) -> bytes:
        """The command for the watch's standard input. It holds the secrets in clear: never keep it."""
        body = self.model_dump(mode="python")
        clear = {"token": _clear(self.token), "webhook": _clear(self.webhook)}
        line = json.dumps({**body, **clear, "others": []}).encode() + b"\n"
        others: list[str | None] = []
        for secret in map(_clear, self.others):
            # A value too long for the pipe is known by its look, or not at all.
            if len(line) + _length([*others, secret]) < LARGEST:
                others.append(secret)
        return json.dumps({**body, **clear, "others": others}).encode() + b"\n"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be written down."""
        return tuple(filter(None, map(_clear, (self.token, self.webhook, *self.others))))

    @classmethod
    def from_line(cls, line: bytes) -> "WatchCommand":
        """The command that `to_line` wrote; raises CommandError."""
        try:
            return cls.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the line"
            raise CommandError(f"No command on standard input: {place}: {first['msg']}.") from None


def _length(values: list[str | None]) -> int:
    return len(json.dumps(values).encode())


def _clear(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
