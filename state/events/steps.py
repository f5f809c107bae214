"""What has happened to steps: begun, attested, passed, failed, skipped, noted, measured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from state.events.event import Event


@dataclass(frozen=True, slots=True)
class StepBegun(Event):
    """Somebody is doing it outside, or the console waits for it (health)."""

    step: str


@dataclass(frozen=True, slots=True)
class StepAttested(Event):
    """Stated to be done, with evidence: who vouches, a reference, a link."""

    step: str
    who: str
    reference: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class StepPassed(Event):
    """The console saw that it is done; `detail` in a few words."""

    step: str
    detail: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepFailed(Event):
    """The console looked and found that it is not done; `problem` in a sentence."""

    step: str
    problem: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepSkipped(Event):
    step: str
    reason: str


@dataclass(frozen=True, slots=True)
class NoteAdded(Event):
    """A note, on a step or (`step` empty) on the window."""

    step: str
    text: str


@dataclass(frozen=True, slots=True)
class ExceptionGranted(Event):
    """A gate or step was passed over; the record's actor owns it."""

    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class MetricSummary:
    """One metric over a series of samples; `slope` in units per second."""

    median: float
    minimum: float
    maximum: float
    slope: float
    count: int


@dataclass(frozen=True, slots=True)
class SamplingBegun(Event):
    """A series of `wanted` ops summaries is being taken from here on."""

    step: str
    wanted: int


@dataclass(frozen=True, slots=True)
class SnapshotRecorded(Event):
    """A series of ops summaries, frozen as evidence, with what it was taken under.

    `verdicts` are the backlog rows at that time (for the comparison), as JSON values;
    `missing_blobs` the missing blob references, None where nobody could tell.
    """

    step: str
    first_at: float
    last_at: float
    samples: int
    metrics: Mapping[str, MetricSummary]
    base: str
    subject: str
    ready: str
    skew: float | None
    verdicts: tuple[Mapping[str, Any], ...] = ()
    missing_blobs: int | None = None
