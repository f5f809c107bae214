"""What the deployment said: one probe gives one reading, and a reading is never quietly a zero."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct, field


class Ask(StrEnum):
    """What a probe asked for. Values stand in `readings.db` and in letters to the watch."""

    LIVE = "live"
    READY = "ready"
    OPS = "ops"
    WHOAMI = "whoami"
    RECONCILE = "reconcile"
    AUDIT = "audit"
    SMOKE = "smoke"
    POST = "post"


class ReadingClass(StrEnum):
    """What came of a probe. Only OK (and, for readiness, DEGRADED) carries values."""

    OK = "ok"
    DEGRADED = "degraded"
    NOT_READY = "not_ready"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    SERVER_ERROR = "server_error"
    BAD_BODY = "bad_body"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    RESET = "reset"
    TLS = "tls"
    DNS = "dns"
    TOO_LARGE = "too_large"


#: The answer came too late, broken or not at all: nobody knows how the replica is.
UNREACHABLE = frozenset(
    {
        ReadingClass.TIMEOUT,
        ReadingClass.REFUSED,
        ReadingClass.RESET,
        ReadingClass.TLS,
        ReadingClass.DNS,
    }
)


#: Only a process that is alive gives such an answer to the question whether it is ready.
SHOWS_LIFE = frozenset({ReadingClass.OK, ReadingClass.DEGRADED, ReadingClass.NOT_READY})


class Reading(Struct, frozen=True):
    """One answer, or the lack of one.

    `at` is the local wall clock in seconds since the epoch (UTC), taken when the probe ended;
    `monotonic` the same moment on the host's monotonic clock. `latency_ms` is None where no
    answer came. `skew` is the server's clock minus ours, in seconds, where the body had
    `checkedAtUtc`. `values` holds what was parsed and sanitised, in the shape of the ask:

    * live: `{}`
    * ready: `{"status": str, "dependencies": [{"name", "state", "detail"}]}` with state one of
      ready, degraded, not_ready, not_configured
    * ops: `{metric key: int}` plus nothing else
    * whoami: `{"subject": str, "scopes": [str], "source": str}`
    * reconcile: `{"missingArtifactBlobRefs": int, "missingManifestBlobRefs": int, "orphanBlobCount": int}`
    * audit: `{"since": float, "count": int, "complete": bool, "actions": {action: int}}`, rows after
      `since`; not complete where there are more than were read
    * smoke: `{"actions": [{"name": str, "ok": bool, "words": str, "ms": float}]}`; OK only if all are
    * post: `{"id": str}`, which message the webhook took

    `reason` says in one printable line why the class is not OK; empty when it is.
    """

    ask: Ask
    replica: str
    at: float
    reading_class: ReadingClass
    monotonic: float = 0.0
    code: int | None = None
    latency_ms: float | None = None
    skew: float | None = None
    values: Mapping[str, Any] | None = None
    reason: str = ""
    id: int = 0


class Span(Struct, frozen=True):
    """Consecutive readings of one replica with the same class, without a gap in the polling.

    A gap of more than three poll intervals ends a span even where the class stays the same:
    what happened in between is unknown. `first_at` and `last_at` are seconds since the epoch.
    """

    ask: Ask
    replica: str
    reading_class: ReadingClass
    first_at: float
    last_at: float
    count: int


class Observed(Struct, frozen=True):
    """All that judgement may look at, read at one moment from `readings.db`.

    `latest`: the newest reading for each ask and replica. `ready_spans`: oldest first, all of the
    window. `ops`: every ops reading, whatever its class, of the last half hour, oldest first.
    `history`: per metric a thinned series over the whole window, `(at, value or None)`, oldest
    first, at most 60 points: for sparklines only. `ready_recent`: the ready readings of the last
    ten minutes, oldest first. `polls`: how many ops summaries were asked for (each writes one
    audit row). `watch_since`: when the running watch began, None when none runs.
    """

    latest: Mapping[tuple[Ask, str], Reading] = field(default_factory=dict)
    ready_spans: tuple[Span, ...] = ()
    ops: tuple[Reading, ...] = ()
    history: Mapping[str, tuple[tuple[float, float | None], ...]] = field(default_factory=dict)
    ready_recent: tuple[Reading, ...] = ()
    polls: int = 0
    watch_since: float | None = None

    def liveness(self, replica: str) -> Reading | None:
        """Whether the process of a replica answers: its newest live reading, or what its readiness shows.

        A live reading of class OK, without code and latency, stands for a newer readiness that shows life:
        while there is one, nobody asks a replica both.
        """
        live, ready = self.latest.get((Ask.LIVE, replica)), self.latest.get((Ask.READY, replica))
        if ready is None or ready.reading_class not in SHOWS_LIFE or (live and live.at >= ready.at):
            return live
        return Reading(Ask.LIVE, replica, ready.at, ReadingClass.OK, ready.monotonic, values={}, id=ready.id)


class MetricKind(StrEnum):
    """How a metric of the ops summary behaves, and so how its growth is judged."""

    AGE = "age"
    QUEUE = "queue"
    FAILED = "failed"
    MUST_BE_ZERO = "must_be_zero"
    ROLLING = "rolling"


class Metric(Struct, frozen=True):
    """One of the seven metrics of `/v1/admin/ops/summary`."""

    key: str
    kind: MetricKind
    label: str


METRICS: tuple[Metric, ...] = (
    Metric("pendingOutboxEvents", MetricKind.QUEUE, "pending outbox"),
    Metric("availableOutboxEvents", MetricKind.QUEUE, "available outbox"),
    Metric("oldestPendingOutboxAgeSeconds", MetricKind.AGE, "oldest pending (s)"),
    Metric("failedSearchJobs", MetricKind.FAILED, "failed search jobs"),
    Metric("pendingSearchJobs", MetricKind.QUEUE, "pending search jobs"),
    Metric("incompleteGcRuns", MetricKind.MUST_BE_ZERO, "incomplete GC runs"),
    Metric("recentPolicyTimeouts24h", MetricKind.ROLLING, "policy timeouts 24 h"),
)
