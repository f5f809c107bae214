"""The error budget: how long the deployment was not ready, unreachable or unknown in this window."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from state.judgement.intervals import Interval, Planned, expected, length, merged, overlap
from state.judgement.readiness import ReadyState, state_of
from state.judgement.series import stale_after
from state.policy import Policy
from state.readings import Ask, Span

_SPENDS = frozenset({ReadyState.NOT_READY, ReadyState.UNREACHABLE, ReadyState.UNKNOWN})


class Budget(Struct, frozen=True):
    """Seconds spent, and seconds allowed without a plan. `since` is the first reading that counts;
    `unread` are the replicas that have none yet, so that nothing is known of their share."""

    unplanned: float
    planned: float
    allowed: float
    since: float | None
    unread: tuple[str, ...]


def spend(spans: Sequence[Span], planned: Planned, opened_at: float, policy: Policy, now: float) -> Budget:
    """What the window has spent since it was opened.

    A second counts once as soon as one replica is not ready, unreachable or unknown in it: the
    worst replica speaks, since no one here knows what stands in front of them. A reading holds
    until the next one; where the next one is more than three poll intervals away, all of the gap
    is unknown, and so is the time since a last reading that is stale. What lies before a
    replica's very first reading does not count. `degraded` spends nothing.
    """
    firsts: list[float] = []
    unread = []
    bad: list[Interval] = []
    for replica in policy.replicas:
        own = [s for s in spans if s.ask is Ask.READY and s.replica == replica]
        if own:
            firsts.append(own[0].first_at)
            bad.extend(_bad(own, stale_after(policy.ready_every), now))
        else:
            unread.append(replica)
    spent = merged((max(start, opened_at), min(end, now)) for start, end in bad)
    as_planned = length(overlap(spent, expected(planned, policy.grace)))
    since = max(opened_at, min(firsts)) if firsts else None
    unplanned = max(0.0, length(spent) - as_planned)
    return Budget(unplanned, as_planned, policy.unplanned_allowed, since, tuple(unread))


def _bad(spans: Sequence[Span], stale: float, now: float) -> Iterator[Interval]:
    for index, span in enumerate(spans):
        until = spans[index + 1].first_at if index + 1 < len(spans) else now
        if state_of(span.reading_class) in _SPENDS:
            yield span.first_at, until
        elif until - span.last_at > stale:
            yield span.last_at, until
