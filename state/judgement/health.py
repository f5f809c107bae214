"""The facts of the health panel: what each replica said last, and how old that is."""

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from state.judgement.phrases import duration, line, plain_class
from state.judgement.series import stale_after
from state.policy import Policy
from state.readings import Ask, Observed, Reading, ReadingClass

#: States of a dependency, best first. What the API may add later counts as unknown.
_DEPENDENCY_STATES = ("not_configured", "ready", "degraded", "unknown", "not_ready")


class Probe(Struct, frozen=True):
    """The newest answer to one ask of one replica.

    `state` is the class in words, `unknown` without a fresh reading; `age` in seconds and
    `reading_class` are None where nothing was ever read. `line` explains what is not well, in one
    line; empty when all is.
    """

    ask: Ask
    replica: str
    reading_class: ReadingClass | None
    state: str
    code: int | None
    latency_ms: float | None
    age: float | None
    stale: bool
    line: str


class Dependency(Struct, frozen=True):
    """A dependency as the worst-off replica sees it; `replicas` are those that see it so."""

    name: str
    state: str
    detail: str
    replicas: tuple[str, ...]


class Health(Struct, frozen=True):
    """`live` and `ready` per replica in the policy's order, dependencies worst first.

    `skew` is the server's clock minus ours in seconds, the largest that a fresh reading has;
    `age` that of the newest readiness reading; `polls` how many summaries were asked for.
    """

    live: tuple[Probe, ...]
    ready: tuple[Probe, ...]
    ops: Probe
    whoami: Probe
    dependencies: tuple[Dependency, ...]
    skew: float | None
    age: float | None
    polls: int


def describe(observed: Observed, policy: Policy, now: float) -> Health:
    """The panel's facts. The ops summary and whoami are asked of the first replica."""

    def probe(ask: Ask, replica: str) -> Probe:
        every = policy.summary_every if ask is Ask.OPS else policy.ready_every
        # Whose token it is changes with the token only: that answer does not age.
        stale = None if ask is Ask.WHOAMI else stale_after(every)
        latest = observed.liveness(replica) if ask is Ask.LIVE else observed.latest.get((ask, replica))
        return _probe(ask, replica, latest, stale, now)

    first = policy.replicas[0] if policy.replicas else ""
    ready = tuple(probe(Ask.READY, replica) for replica in policy.replicas)
    fresh = [observed.latest[p.ask, p.replica] for p in ready if not p.stale]
    ops = probe(Ask.OPS, first)
    clocks = fresh if ops.stale else [*fresh, observed.latest[Ask.OPS, first]]
    return Health(
        live=tuple(probe(Ask.LIVE, replica) for replica in policy.replicas),
        ready=ready,
        ops=ops,
        whoami=probe(Ask.WHOAMI, first),
        dependencies=_dependencies(fresh),
        skew=max((r.skew for r in clocks if r.skew is not None), key=abs, default=None),
        age=min((p.age for p in ready if p.age is not None), default=None),
        polls=observed.polls,
    )


def probe_as_json(probe: Probe) -> dict[str, Any]:
    """The probe as JSON values."""
    return {
        "replica": probe.replica,
        "state": probe.state,
        "code": probe.code,
        "latency_ms": probe.latency_ms,
        "age_seconds": probe.age,
        "stale": probe.stale,
        "line": probe.line,
    }


def _probe(ask: Ask, replica: str, reading: Reading | None, stale_after: float | None, now: float) -> Probe:
    if reading is None:
        return Probe(ask, replica, None, "unknown", None, None, None, True, line(None))
    age = max(0.0, now - reading.at)
    stale = stale_after is not None and age > stale_after
    said = "ready" if ask is Ask.READY and not line(reading) else plain_class(reading.reading_class)
    text = (
        f"no reading for {duration(age)}; the last one: {line(reading) or said}" if stale else line(reading)
    )
    return Probe(
        ask=ask,
        replica=replica,
        reading_class=reading.reading_class,
        state="unknown" if stale else said,
        code=reading.code,
        latency_ms=reading.latency_ms,
        age=age,
        stale=stale,
        line=text,
    )


def _dependencies(readings: Iterable[Reading]) -> tuple[Dependency, ...]:
    """Merged over replicas: the worst state of each, worst first, then by name."""
    merged: dict[str, Dependency] = {}
    for reading in readings:
        for entry in (reading.values or {}).get("dependencies", ()):
            name, state = str(entry["name"]), str(entry["state"])
            new = Dependency(name, state, str(entry.get("detail") or ""), (reading.replica,))
            old = merged.get(name)
            if old is None or _badness(state) > _badness(old.state):
                merged[name] = new
            elif state == old.state:
                merged[name] = Dependency(
                    name, state, old.detail or new.detail, (*old.replicas, reading.replica)
                )
    return tuple(sorted(merged.values(), key=lambda d: (-_badness(d.state), d.name)))


def _badness(state: str) -> int:
    known = state if state in _DEPENDENCY_STATES else "unknown"
    return _DEPENDENCY_STATES.index(known)
