"""What every table of `drawbridge.toml` has in common."""

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """Frozen, strict, and without keys that nobody knows."""

    # Each table is built when it is first needed, and that is within the whole: half of the start of it.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)
