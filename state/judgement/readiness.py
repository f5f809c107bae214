"""Since when every replica has been ready without a break."""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from state.judgement.phrases import duration, plain_class
from state.judgement.series import stale_after
from state.policy import Policy
from state.readings import UNREACHABLE, Ask, ReadingClass, Span


class ReadyState(StrEnum):
    """How a replica is. UNKNOWN: no fresh reading, or an answer that says nothing of readiness."""

    READY = "ready"
    DEGRADED = "degraded"
    UNKNOWN = "unknown"
    NOT_READY = "not_ready"
    UNREACHABLE = "unreachable"


_BEST_FIRST = tuple(ReadyState)


_STATES = {
    ReadingClass.OK: ReadyState.READY,
    ReadingClass.DEGRADED: ReadyState.DEGRADED,
    ReadingClass.NOT_READY: ReadyState.NOT_READY,
    **dict.fromkeys(UNREACHABLE, ReadyState.UNREACHABLE),
}


def state_of(reading_class: ReadingClass) -> ReadyState:
    """What a readiness reading of this class says of the replica."""
    return _STATES.get(reading_class, ReadyState.UNKNOWN)


class ReplicaReadiness(Struct, frozen=True):
    """One replica; `ready_for` in seconds without a break, 0 where it is not ready now."""

    replica: str
    state: ReadyState
    ready_for: float
    reason: str


class Readiness(Struct, frozen=True):
    """All replicas: as long ready as the one that was ready for the shortest time."""

    ready_for: float
    stable: bool
    replicas: tuple[ReplicaReadiness, ...]
    worst: ReadyState
    reason: str


def judge_readiness(spans: Sequence[Span], since: float, policy: Policy, now: float) -> Readiness:
    """Readiness of `policy.replicas`, from all ready spans of the window, oldest first.

    Time counts from the first ready reading after any other one or after a gap in the polling,
    or from `since` (when the last step that changed something ended), whichever is later, up to
    the last reading: time without a reading proves nothing. `degraded` counts only where the
    policy accepts it.
    """
    replicas = tuple(_replica(name, spans, since, policy, now) for name in policy.replicas)
    worst = max((r.state for r in replicas), key=_BEST_FIRST.index, default=ReadyState.UNKNOWN)
    ready_for = min((r.ready_for for r in replicas), default=0.0)
    accepted = bool(replicas) and all(r.state in _accepted(policy) for r in replicas)
    stable = accepted and ready_for >= policy.ready_for
    return Readiness(ready_for, stable, replicas, worst, _reason(replicas, ready_for, accepted, policy))


def _accepted(policy: Policy) -> frozenset[ReadyState]:
    return frozenset({ReadyState.READY} | ({ReadyState.DEGRADED} if policy.accept_degraded else set()))


def _replica(name: str, spans: Sequence[Span], since: float, policy: Policy, now: float) -> ReplicaReadiness:
    own = [s for s in spans if s.ask is Ask.READY and s.replica == name]
    if not own:
        return ReplicaReadiness(name, ReadyState.UNKNOWN, 0.0, "no reading yet")
    last = own[-1]
    stale = stale_after(policy.ready_every)
    if now - last.last_at > stale:
        reason = f"no reading for {duration(now - last.last_at)}"
        return ReplicaReadiness(name, ReadyState.UNKNOWN, 0.0, reason)
    state = state_of(last.reading_class)
    if state not in _accepted(policy):
        held = duration(now - last.first_at)
        return ReplicaReadiness(name, state, 0.0, f"{plain_class(last.reading_class)} for {held}")
    start = now
    for span in reversed(own):
        # A last reading after the next span's first: the clock was set, which is a gap as well.
        if state_of(span.reading_class) not in _accepted(policy) or abs(start - span.last_at) > stale:
            break
        start = span.first_at
    ready_for = max(0.0, min(last.last_at, now) - max(start, since))
    return ReplicaReadiness(name, state, ready_for, "")


def _reason(replicas: Sequence[ReplicaReadiness], ready_for: float, accepted: bool, policy: Policy) -> str:
    if not replicas:
        return "no replica is configured"
    if accepted:
        held, needed = duration(ready_for), duration(policy.ready_for)
        # Only a part is a part of something: 12:00 of 10:00 reads like a mistake.
        so_far = f"{held} of {needed}" if ready_for < policy.ready_for else f"{held}, {needed} needed"
        return f"ready on {_all(len(replicas))} for {so_far}"
    bad = [r for r in replicas if r.state not in _accepted(policy)]
    worst = max(bad, key=lambda r: _BEST_FIRST.index(r.state))
    others = f" and {len(bad) - 1} more" if len(bad) > 1 else ""
    return f"{worst.replica}: {worst.reason}{others}"


def _all(count: int) -> str:
    return "the only replica" if count == 1 else f"all {count} replicas"
