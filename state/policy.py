"""What a window is judged by: durations, allowances and alert thresholds, as plain values.

Settings make one, the journal keeps it (`PolicyTaken`), judgement reads it: whoever folds the
journal later comes to the same verdicts, without the settings file.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field, to_builtins
from msgspec.structs import replace


class Limit(Struct, frozen=True):
    """Alert thresholds of one metric: exceeded when the value is greater. None: no such alert."""

    warning: float | None = None
    critical: float | None = None


#: The alert thresholds that Artifortress ships, both lines together.
BUILT_IN_LIMITS: Mapping[str, Limit] = {
    "pendingOutboxEvents": Limit(50, 200),
    "oldestPendingOutboxAgeSeconds": Limit(300, 900),
    "failedSearchJobs": Limit(5, 20),
    "pendingSearchJobs": Limit(100, None),
    "incompleteGcRuns": Limit(0, None),
    "recentPolicyTimeouts24h": Limit(0, None),
}


#: The longest message to the channel, in bytes of UTF-8.
LARGEST_MESSAGE = 8 * 1024


class Policy(Struct, frozen=True):
    """Durations in seconds, `coverage` as a fraction. Defaults are those of the design.

    `second_operator` says what a second person must confirm: never, restore, rollback or always.
    """

    replicas: tuple[str, ...] = ("http://127.0.0.1:8086",)
    ready_every: float = 2.0
    summary_every: float = 15.0
    reconcile_every: float = 300.0
    ready_for: float = 600.0
    accept_degraded: bool = False
    sustained_for: float = 300.0
    release_after: float = 120.0
    trigger_after: float = 60.0
    coverage: float = 0.8
    unplanned_allowed: float = 259.0
    grace: float = 60.0
    samples: int = 5
    ramp_slope: float = 0.9
    ramp_for: float = 60.0
    ramp_samples: int = 4
    baseline_stale_after: float = 1800.0
    backup_stale_after: float = 86400.0
    second_operator: str = "restore"
    distinct_login: bool = True
    limits: Mapping[str, Limit] = field(default_factory=lambda: dict(BUILT_IN_LIMITS))
    limits_source: str = "built in"

    def as_json(self) -> dict[str, Any]:
        """The policy as JSON values, for the journal."""
        body: dict[str, Any] = to_builtins(self)
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Policy":
        """The policy that `as_json` wrote."""
        limits = {key: Limit(**limit) for key, limit in body["limits"].items()}
        return replace(cls(), **{**body, "replicas": tuple(body["replicas"]), "limits": limits})
