"""What has happened to steps: begun, attested, passed, failed, skipped, noted, measured."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from state.events.event import Event, Moment


class StepBegun(Event, frozen=True):
    """Somebody is doing it outside, or the console waits for it (health)."""

    step: str


class StepAttested(Event, frozen=True):
    """Stated to be done, with evidence: who vouches, a reference, a link."""

    step: str
    who: str
    reference: str
    link: str = ""


class StepPassed(Event, frozen=True):
    """The console saw that it is done; `detail` in a few words."""

    step: str
    detail: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


class StepFailed(Event, frozen=True):
    """The console looked and found that it is not done; `problem` in a sentence."""

    step: str
    problem: str
    evidence: Mapping[str, Any] = field(default_factory=dict)


class StepSkipped(Event, frozen=True):
    step: str
    reason: str


class NoteAdded(Event, frozen=True):
    """A note, on a step or (`step` empty) on the window."""

    step: str
    text: str


class ExceptionGranted(Event, frozen=True):
    """A gate or step was passed over; the record's actor owns it."""

    subject: str
    reason: str


class MetricSummary(Struct, frozen=True):
    """One metric over a series of samples; `slope` in units per second."""

    median: float
    minimum: float
    maximum: float
    slope: float
    count: int


class SamplingBegun(Event, frozen=True):
    """A series of `wanted` ops summaries is being taken from here on."""

    step: str
    wanted: int


class SnapshotRecorded(Event, frozen=True):
    """A series of ops summaries, frozen as evidence, with what it was taken under.

    `verdicts` are the backlog rows at that time (for the comparison), as JSON values;
    `missing_blobs` the missing blob references, None where nobody could tell.
    """

    step: str
    first_at: Moment
    last_at: Moment
    samples: int
    metrics: Mapping[str, MetricSummary]
    base: str
    subject: str
    ready: str
    skew: float | None
    verdicts: tuple[Mapping[str, Any], ...] = ()
    missing_blobs: int | None = None
