"""All that judgement says at one moment, for the screen, for `status`, and for freezing in the journal."""

from typing import Any

from msgspec import Struct

from state.events import SnapshotRecorded
from state.judgement import intervals
from state.judgement.backlog import BacklogRow, judge_backlog, judge_coverage, row_as_json
from state.judgement.budget import Budget, spend
from state.judgement.gates import Gate, gate_as_json, judge_gates
from state.judgement.health import Health, describe, probe_as_json
from state.judgement.readiness import Readiness, judge_readiness
from state.policy import Policy
from state.readings import Observed


class Verdicts(Struct, frozen=True):
    """What was judged at `at`, in seconds since the epoch.

    `expected_until`: not being ready is normal until then: infinity in a planned disruption, the end of
    the grace after it; None where it is not.
    """

    at: float
    readiness: Readiness
    budget: Budget
    rows: tuple[BacklogRow, ...]
    gates: tuple[Gate, ...]
    health: Health
    expected_until: float | None = None

    @property
    def expected(self) -> bool:
        """Whether not being ready is normal now."""
        return self.expected_until is not None

    def rows_as_json(self) -> list[dict[str, Any]]:
        """The backlog table as JSON values."""
        return [row_as_json(row) for row in self.rows]

    def gates_as_json(self) -> list[dict[str, Any]]:
        """The gates as JSON values."""
        return [gate_as_json(gate) for gate in self.gates]

    def as_json(self) -> dict[str, Any]:
        """`health`, `backlog` and `gates` as `status --json` has them."""
        return {
            "health": {
                "live": [probe_as_json(probe) for probe in self.health.live],
                "ready": self.readiness.worst.value,
                "ready_for_seconds": self.readiness.ready_for,
                "age_seconds": self.health.age,
                "replicas": [probe_as_json(probe) for probe in self.health.ready],
                "summary": probe_as_json(self.health.ops),
                "clock_skew_seconds": self.health.skew,
                "expected": self.expected,
            },
            "backlog": self.rows_as_json(),
            "gates": self.gates_as_json(),
        }


def judge(
    observed: Observed,
    *,
    policy: Policy,
    opened_at: float,
    since: float,
    planned: intervals.Planned,
    baseline: SnapshotRecorded | None,
    compared: bool,
    now: float,
    reset_at: float | None = None,
    disrupted_by: str = "the disruption",
) -> Verdicts:
    """The verdicts on what was observed, at `now`.

    `since`: when the last step that changed the deployment ended; `planned`: when being not ready
    was expected, `disrupted_by` the step that made it so; `compared`: the post-upgrade snapshot is
    frozen; `reset_at`: a restore ended.
    """
    readiness = judge_readiness(observed.ready_spans, max(since, opened_at), policy, now)
    budget = spend(observed.ready_spans, planned, opened_at, policy, now)
    rows = judge_backlog(observed.ops, baseline, planned, policy, now, reset_at, disrupted_by)
    coverage = judge_coverage(observed.ops, policy, now, reset_at)
    return Verdicts(
        at=now,
        readiness=readiness,
        budget=budget,
        rows=rows,
        gates=judge_gates(readiness, budget, rows, coverage, compared, policy),
        health=describe(observed, policy, now),
        expected_until=intervals.end_of(intervals.expected(planned, policy.grace), now),
    )
