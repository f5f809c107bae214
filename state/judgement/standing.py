"""How one replica stands: failing or not at every valid reading since when, and how much of that is known."""

from collections.abc import Sequence

from msgspec import Struct

from state.judgement import intervals
from state.judgement.phrases import duration, plain_class
from state.judgement.readiness import ReadyState, state_of
from state.judgement.series import stale_after
from state.policy import Policy
from state.readings import Ask, ReadingClass, Span

_FAILING = frozenset({ReadyState.NOT_READY, ReadyState.UNREACHABLE})

#: Seconds after which a probe of readiness is given up: its answer comes so much later than the
#: one before it, without a gap in the polling.
_PROBE_TAKES = 8.0


class Standing(Struct, frozen=True):
    """One replica at its last valid reading.

    `failing`: not ready or unreachable at every valid reading from `since` to `last_at` (seconds
    since the epoch), or at none of them; None where no fresh reading tells. `known` is the part of
    that time, and of what has passed after it, for which a valid reading speaks. `words` say what
    the replica is, or why nobody knows.
    """

    replica: str
    words: str
    failing: bool | None = None
    since: float = 0.0
    last_at: float = 0.0
    known: tuple[intervals.Interval, ...] = ()

    @property
    def held(self) -> float:
        """Seconds up to the last valid reading: time without one proves nothing."""
        return self.last_at - self.since

    @property
    def unknown(self) -> float:
        """How many of those seconds no valid reading speaks for."""
        return self.held - self._known_within(self.since, self.last_at)

    def sustained(self, seconds: float, policy: Policy, now: float) -> bool:
        """Whether it has stood so for that long, and enough of the time up to now is known."""
        enough = policy.coverage * seconds
        return self.held >= seconds and self._known_within(now - seconds, now) >= enough

    def _known_within(self, start: float, end: float) -> float:
        return intervals.length(intervals.overlap(self.known, ((start, end),)))


def stand(replica: str, spans: Sequence[Span], start: float, policy: Policy, now: float) -> Standing:
    """The standing from the newest of all ready spans back to the last one that says otherwise.

    What was read up to `start` does not count. A reading that is ready or degraded ends a failing
    stretch and the other way round. One that says nothing of readiness (a server error, say) and a
    gap in the polling end neither, but leave their time unknown. That is measured in seconds and
    not in readings, since a replica that times out is asked less often.
    """
    soon = now + stale_after(policy.ready_every)
    own = [s for s in spans if s.ask is Ask.READY and s.replica == replica and s.first_at <= soon]
    last = following = None
    failing, since = False, start
    known = []
    for span in reversed(own):
        if span.last_at <= start:
            break
        state = state_of(span.reading_class)
        if state is not ReadyState.UNKNOWN:
            if last is None:
                last, failing = span, state in _FAILING
            elif (state in _FAILING) is not failing:
                break
            since = max(span.first_at, start)
            known.append((since, _known_until(span, following, policy, now)))
        following = span
    if last is None or now - last.last_at > _reach(last.reading_class, policy):
        return Standing(replica, _why_unknown(own, policy, now))
    last_at = min(last.last_at, now)
    return Standing(replica, _words(last.reading_class), failing, since, last_at, intervals.merged(known))


def _known_until(span: Span, following: Span | None, policy: Policy, now: float) -> float:
    """A reading holds until the next one, unless that is more than three poll intervals away."""
    if following is None:
        until, reach = now, _reach(span.reading_class, policy)
    else:
        until, reach = following.first_at, _reach(following.reading_class, policy)
    return until if until - span.last_at <= reach else span.last_at


def _reach(reading_class: ReadingClass, policy: Policy) -> float:
    taken = _PROBE_TAKES if reading_class is ReadingClass.TIMEOUT else 0.0
    return stale_after(policy.ready_every) + taken


def _words(reading_class: ReadingClass) -> str:
    plain = plain_class(reading_class)
    return f"unreachable ({plain})" if state_of(reading_class) is ReadyState.UNREACHABLE else plain


def _why_unknown(own: Sequence[Span], policy: Policy, now: float) -> str:
    if not own:
        return "no reading yet"
    last = own[-1]
    if now - last.last_at > _reach(last.reading_class, policy):
        return f"no reading for {duration(now - last.last_at)}"
    if state_of(last.reading_class) is ReadyState.UNKNOWN:
        return f"{plain_class(last.reading_class)}, which says nothing of readiness"
    return "no reading since the last step"
