"""Each way in which a probe can go wrong gives a clear line, and never a number."""

import pytest

from state.judgement.health import Health, describe
from state.policy import Policy
from state.readings import Ask, Observed, Reading, ReadingClass

from .build import API, POLICY, T0

C = ReadingClass


def reading(
    ask: Ask = Ask.READY,
    reading_class: C = C.OK,
    *,
    replica: str = API,
    at: float = 0.0,
    code: int | None = 200,
    reason: str = "",
    skew: float | None = None,
    **states: str,
) -> Reading:
    dependencies = [
        {"name": name, "state": state, "detail": f"{name} says so"} for name, state in states.items()
    ]
    values = {"status": "ready", "dependencies": dependencies} if states else None
    return Reading(ask, replica, T0 + at, reading_class, 0.0, code, 4.0, skew, values, reason)


def describe_all(*readings: Reading, now: float = 1.0, policy: Policy = POLICY) -> Health:
    latest = {(r.ask, r.replica): r for r in readings}
    return describe(Observed(latest=latest, polls=7), policy, T0 + now)


@pytest.mark.parametrize(
    ("ask", "reading_class", "code", "reason", "line"),
    [
        (Ask.READY, C.OK, 200, "", ""),
        (Ask.READY, C.NOT_READY, 503, "postgres", "503: not ready (postgres)"),
        (Ask.READY, C.DEGRADED, 200, "oidc_jwks", "200: degraded (oidc_jwks)"),
        (Ask.OPS, C.UNAUTHORIZED, 401, "", "401: the token is not accepted; give another"),
        (Ask.OPS, C.FORBIDDEN, 403, "", "403: the token may not do this; give one with the admin scope"),
        (
            Ask.READY,
            C.UNAUTHORIZED,
            401,
            "",
            "401: asks for a token, as readiness never does; is this the API?",
        ),
        (
            Ask.OPS,
            C.SERVER_ERROR,
            503,
            "audit_unavailable",
            "503: the server answers with an error (audit_unavailable)",
        ),
        (Ask.OPS, C.BAD_BODY, 200, "text/html", "200: the answer is not what this API sends (text/html)"),
        (Ask.READY, C.TIMEOUT, None, "6 s", "no answer in time (6 s)"),
        (Ask.LIVE, C.REFUSED, None, "", "connection refused: nothing listens there"),
        (Ask.LIVE, C.RESET, None, "", "the connection was cut"),
        (Ask.LIVE, C.TLS, None, "certificate has expired", "no secure connection (certificate has expired)"),
        (Ask.LIVE, C.DNS, None, "", "the host's name is not known"),
        (Ask.OPS, C.TOO_LARGE, 200, "", "200: the answer is too large to be right"),
    ],
)
def test_one_clear_line(ask: Ask, reading_class: C, code: int | None, reason: str, line: str) -> None:
    health = describe_all(reading(ask, reading_class, code=code, reason=reason))
    probe = {Ask.READY: health.ready[0], Ask.LIVE: health.live[0], Ask.OPS: health.ops}[ask]
    assert (probe.line, probe.reading_class, probe.code, probe.stale) == (line, reading_class, code, False)


def test_what_was_never_read_is_unknown() -> None:
    health = describe_all()
    for probe in (health.ready[0], health.live[0], health.ops, health.whoami):
        assert (probe.state, probe.reading_class, probe.age, probe.stale) == ("unknown", None, None, True)
        assert probe.line == "no reading yet"
    assert (health.age, health.skew, health.dependencies, health.polls) == (None, None, (), 7)


def test_each_ask_goes_stale_after_three_of_its_own_intervals() -> None:
    readings = (reading(), reading(Ask.LIVE), reading(Ask.OPS), reading(Ask.WHOAMI))
    health = describe_all(*readings, now=6)
    assert [p.stale for p in (health.ready[0], health.live[0], health.ops)] == [False, False, False]
    assert (health.ready[0].state, health.live[0].state, health.age) == ("ready", "ok", 6)
    health = describe_all(*readings, now=40)
    assert [p.stale for p in (health.ready[0], health.live[0], health.ops)] == [True, True, False]
    assert (health.ready[0].state, health.ready[0].line) == (
        "unknown",
        "no reading for 00:40; the last one: ready",
    )
    health = describe_all(*readings, now=4000)
    assert (health.ops.stale, health.whoami.stale) == (True, False)


def test_dependencies_are_merged_worst_first() -> None:
    policy = Policy(replicas=("a", "b", "c"))
    health = describe_all(
        reading(replica="a", postgres="ready", object_storage="ready", redis="not_configured"),
        reading(replica="b", postgres="not_ready", object_storage="degraded", redis="not_configured"),
        reading(replica="c", postgres="not_ready", object_storage="ready", redis="on fire"),
        policy=policy,
    )
    assert [(d.name, d.state, d.replicas) for d in health.dependencies] == [
        ("postgres", "not_ready", ("b", "c")),
        ("redis", "on fire", ("c",)),
        ("object_storage", "degraded", ("b",)),
    ]
    assert health.dependencies[0].detail == "postgres says so"


def test_dependencies_of_a_stale_reading_are_not_shown() -> None:
    assert describe_all(reading(postgres="ready"), now=7).dependencies == ()


def test_skew_is_the_largest_of_the_fresh_readings() -> None:
    policy = Policy(replicas=("a", "b"))
    readings = (
        reading(replica="a", skew=1.0),
        reading(Ask.OPS, replica="a", skew=-9.0),
        reading(replica="b", skew=3.0),
    )
    assert describe_all(*readings, policy=policy).skew == -9
    assert describe_all(*readings, policy=policy, now=50).skew is None
