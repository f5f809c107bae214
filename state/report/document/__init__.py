"""The evidence of a window as one document: plain values, and the schema that is published.

Times are ISO 8601 in UTC, durations seconds. Every text in it is printable and rid of secrets.
"""

from typing import Literal

from pydantic import Field

from state.report.document.charts import Charts
from state.report.document.judged import (
    BacklogLine,
    Budget,
    Decision,
    ExceptionLine,
    GateLine,
    Raised,
    Snapshot,
    Thresholds,
    Trip,
)
from state.report.document.part import Part, Text
from state.report.document.people import Approval, Person, Seat
from state.report.document.work import Backup, Drill, Loss, RollbackEvidence, RunEvidence, StepEvidence

#: Raised when a field changes its meaning or goes; new fields alone do not raise it.
FORMAT: Literal["drawbridge-evidence/1"] = "drawbridge-evidence/1"


class About(Part):
    """The window as a whole. `state` is its phase, or `closed`."""

    id: Text
    environment: Text
    practice: bool
    state: Text
    outcome: Text | None
    reason: Text = Field(description="why this outcome, in the words of whoever declared it")
    opened: str | None
    opened_by: Text
    closes: str | None
    closed: str | None
    database_may_be_empty: bool


class Versions(Part):
    """What was deployed, what a rollback returns to, and what made this report."""

    release: Text
    previous_release: Text
    drawbridge: Text


class Chain(Part):
    """The journal's hash chain. `sha256` is that of the last event: compare it with one noted before."""

    events: int
    head: int = Field(description="sequence number of the last event")
    at: str | None
    sha256: Text | None
    verifies: bool
    problems: tuple[Text, ...]
    left_out: tuple[Text, ...] = Field(
        description="events that this version cannot take in: all but the timeline is told without them"
    )


class TimelineEvent(Part):
    """One event of the journal. `turning`: marked with a line of its own in the charts."""

    event: int
    epoch: int
    at: str
    at_seconds: float
    by: Text
    kind: str = Field(description="window, steps, runs, triggers, rollback, people, notes or unreadable")
    name: Text
    words: Text
    turning: bool
    sha256: Text


class Evidence(Part):
    """All that a window leaves behind."""

    format: Literal["drawbridge-evidence/1"]
    made: str
    window: About
    versions: Versions
    chain: Chain
    people: tuple[Person, ...]
    seats: tuple[Seat, ...]
    approvals: tuple[Approval, ...]
    steps: tuple[StepEvidence, ...]
    runs: tuple[RunEvidence, ...]
    backups: tuple[Backup, ...]
    snapshots: tuple[Snapshot, ...]
    decisions: tuple[Decision, ...]
    gates: tuple[GateLine, ...] = Field(description="as frozen when declared, else as judged now")
    backlog: tuple[BacklogLine, ...] = Field(description="as judged at the window's end, or now")
    triggers: tuple[Trip, ...]
    raised: tuple[Raised, ...]
    exceptions: tuple[ExceptionLine, ...]
    budget: Budget
    rollbacks: tuple[RollbackEvidence, ...]
    losses: tuple[Loss, ...]
    thresholds: Thresholds
    drills: tuple[Drill, ...]
    messages: tuple[tuple[Text, ...], ...]
    notes: tuple[Text, ...]
    charts: Charts
    timeline: tuple[TimelineEvent, ...]

    @property
    def complaints(self) -> tuple[str, ...]:
        """What keeps this from being sound evidence, in sentences; empty when it is."""
        said = []
        if not self.chain.verifies:
            more = f" and {len(self.chain.problems) - 1} more" if len(self.chain.problems) > 1 else ""
            said.append(
                f"The chain of {self.window.id or 'this window'} does NOT verify: "
                f"{self.chain.problems[0]}{more}. What this report says may have been forged; "
                "`drawbridge verify` names all."
            )
        if self.chain.left_out:
            said.append(
                f"All but the timeline is told without {len(self.chain.left_out)} of the events, which this "
                f"version cannot take in ({self.chain.left_out[0]}). Where the chain verifies, make the "
                "report with the Drawbridge that wrote them."
            )
        if self.charts.problem:
            said.append(
                f"The readings could not be read, so charts and budget are missing: {self.charts.problem}"
            )
        return tuple(said)
