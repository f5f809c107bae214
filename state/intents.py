"""What an operator can want of a window, and the answer when it may not be.

Intents are plain values: the screen makes them, `rules.decide` answers them with events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SUCCESS = "success"
ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, and what would make it possible: one sentence or two, for the operator."""

    reason: str


@dataclass(frozen=True, slots=True)
class Intent:
    """The root of what an operator can want of an open window."""


@dataclass(frozen=True, slots=True)
class AttestStep(Intent):
    step: str
    who: str
    reference: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class BeginStep(Intent):
    step: str


@dataclass(frozen=True, slots=True)
class SkipStep(Intent):
    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class AddNote(Intent):
    """`step` empty: a note on the window."""

    step: str
    text: str


@dataclass(frozen=True, slots=True)
class StartRun(Intent):
    """`variables` as shown, secrets hidden; the real ones never come near the journal."""

    step: str
    argv: tuple[str, ...]
    directory: str
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StopRun(Intent):
    run: int


@dataclass(frozen=True, slots=True)
class TakeSamples(Intent):
    step: str
    wanted: int


@dataclass(frozen=True, slots=True)
class Declare(Intent):
    """`gates` are the verdicts on the screen: mappings with id, title, state and reason.

    `reasons` holds one for each gate that is not PASS, by gate id.
    """

    outcome: str
    gates: tuple[Mapping[str, Any], ...]
    reasons: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OpenWindow:
    """What a new window is about; `closes_at` in seconds since the epoch."""

    environment: str
    release: str
    previous_release: str
    closes_at: float | None = None
    practice: bool = False
