"""Where and as whom the console works: what it was started with."""

from pathlib import Path

from msgspec import Struct

from state.events import Actor
from state.policy import Policy
from state.settings import Settings


class Place(Struct, frozen=True):
    """Where and as whom the console works. `practice` is set on the embedded practice deployment."""

    settings: Settings
    policy: Policy
    state: Path
    actor: Actor
    practice: bool = False
    release: str = ""
    previous_release: str = ""
