"""What a watch is told on its standard input: one line of JSON, the only way the token travels."""

import json
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, Strict, ValidationError

#: The longest line, in bytes; it fits into a pipe at once, so that nobody waits to write it.
LARGEST = 60 * 1024


class CommandError(Exception):
    """The line is no command: one sentence, without what stood in it."""


class WatchCommand(BaseModel):
    """Whom to ask, how often and with which token. Durations are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    token: SecretStr | None
    replicas: Annotated[tuple[str, ...], Strict(False), Field(min_length=1, max_length=100)]
    ready_every: float = Field(gt=0, le=3600)
    summary_every: float = Field(gt=0, le=86400)
    linger: float = Field(ge=0)
    trust_proxy: bool = False

    def to_line(self) -> bytes:
        """The command for the watch's standard input. It holds the token in clear: never keep it."""
        body = self.model_dump(mode="python")
        token = self.token.get_secret_value() if self.token else None
        return json.dumps({**body, "token": token}).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "WatchCommand":
        """The command that `to_line` wrote; raises CommandError."""
        try:
            return cls.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the line"
            raise CommandError(f"No command on standard input: {place}: {first['msg']}.") from None
