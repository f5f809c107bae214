"""How long all replicas were ready: every other reading, gap and step starts the count again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from state.judgement.readiness import Readiness, ReadyState, judge_readiness
from state.policy import Policy
from state.readings import Ask, ReadingClass, Span

from .build import API, POLICY, T0, span

TWO = Policy(replicas=("a", "b"))
NOT_READY, DEGRADED = ReadingClass.NOT_READY, ReadingClass.DEGRADED


def judge(*spans: Span, now: float, since: float = 0.0, policy: Policy = POLICY) -> Readiness:
    return judge_readiness(spans, T0 + since, policy, T0 + now)


def test_ready_for_long_enough_is_stable() -> None:
    short = judge(span(0, 598), now=599)
    assert (short.stable, short.reason) == (False, "ready on the only replica for 09:58 of 10:00")
    seen = judge(span(0, 600), now=601)
    assert (seen.stable, seen.ready_for, seen.worst) == (True, 600, ReadyState.READY)
    assert seen.reason == "ready on the only replica for 10:00, 10:00 needed"


def test_time_without_a_reading_proves_nothing() -> None:
    assert judge(span(0, 596), now=602).ready_for == 596


@pytest.mark.parametrize("other", [c for c in ReadingClass if c is not ReadingClass.OK])
def test_any_other_reading_starts_the_count_again(other: ReadingClass) -> None:
    seen = judge(span(0, 700), span(702, 702, other), span(704, 1000), now=1000)
    assert (seen.stable, seen.ready_for) == (False, 296)
    now_bad = judge(span(0, 700), span(702, 702, other), now=703)
    assert (now_bad.stable, now_bad.ready_for) == (False, 0)
    assert now_bad.worst is not ReadyState.READY
    assert now_bad.reason.startswith(f"{API}: ")


def test_what_each_class_says_of_the_replica() -> None:
    states = {c: judge(span(0, 10, c), now=11).worst for c in ReadingClass}
    unreachable = {
        ReadingClass.TIMEOUT,
        ReadingClass.REFUSED,
        ReadingClass.RESET,
        ReadingClass.TLS,
        ReadingClass.DNS,
    }
    assert {c for c, s in states.items() if s is ReadyState.UNREACHABLE} == unreachable
    assert [c for c, s in states.items() if s is ReadyState.READY] == [ReadingClass.OK]
    assert (states[NOT_READY], states[DEGRADED]) == (ReadyState.NOT_READY, ReadyState.DEGRADED)
    assert states[ReadingClass.BAD_BODY] is ReadyState.UNKNOWN


def test_degraded_counts_only_where_the_policy_accepts_it() -> None:
    spans = (span(0, 300), span(302, 700, DEGRADED))
    assert judge(*spans, now=700).ready_for == 0
    accepting = judge(*spans, now=700, policy=Policy(accept_degraded=True))
    assert (accepting.stable, accepting.ready_for, accepting.worst) == (True, 700, ReadyState.DEGRADED)


def test_a_gap_in_the_polling_starts_the_count_again() -> None:
    assert judge(span(0, 700), span(706, 1000), now=1000).ready_for == 1000
    assert judge(span(0, 700), span(707, 1000), now=1000).ready_for == 293


def test_a_clock_that_was_set_back_starts_the_count_again() -> None:
    assert judge(span(3600, 4300), span(0, 100), now=100).ready_for == 100


def test_a_stale_reading_is_unknown() -> None:
    assert judge(span(0, 700), now=706).stable is True
    seen = judge(span(0, 700), now=707)
    assert (seen.stable, seen.ready_for, seen.worst) == (False, 0, ReadyState.UNKNOWN)
    assert seen.reason == f"{API}: no reading for 00:07"


def test_it_counts_from_the_last_step_that_changed_something() -> None:
    assert judge(span(0, 1000), now=1000, since=500).ready_for == 500
    assert judge(span(0, 1000), now=1000, since=2000).ready_for == 0


def test_every_replica_must_be_ready_and_the_youngest_counts() -> None:
    spans = (span(0, 1000, replica="a"), span(300, 1000, replica="b"))
    seen = judge(*spans, now=1000, policy=TWO)
    assert (seen.ready_for, [r.ready_for for r in seen.replicas]) == (700, [1000, 700])
    assert seen.reason == "ready on all 2 replicas for 11:40, 10:00 needed"
    silent = judge(spans[0], now=1000, policy=TWO)
    assert (silent.stable, silent.worst, silent.reason) == (False, ReadyState.UNKNOWN, "b: no reading yet")
    none = judge(now=0, policy=Policy(replicas=()))
    assert (none.stable, none.ready_for) == (False, 0)


def test_only_readiness_readings_count() -> None:
    live = replace(span(0, 1000), ask=Ask.LIVE)
    assert judge(live, now=1000).worst is ReadyState.UNKNOWN


def spans_of(replica: str) -> st.SearchStrategy[list[Span]]:
    piece = st.tuples(st.sampled_from(ReadingClass), st.integers(0, 400), st.integers(1, 12))

    def lay_out(pieces: list[tuple[ReadingClass, int, int]]) -> list[Span]:
        at, out = 0, []
        for reading_class, length, gap in pieces:
            out.append(span(at, at + length, reading_class, replica))
            at += length + gap
        return out

    return st.lists(piece, max_size=6).map(lay_out)


@given(spans_of("a"), spans_of("b"), st.floats(0, 3000), st.floats(0, 3000))
def test_never_longer_than_since_then_and_the_order_of_replicas_does_not_matter(
    one: list[Span], other: list[Span], now: float, since: float
) -> None:
    seen = judge(*one, *other, now=now, since=since, policy=TWO)
    assert 0 <= seen.ready_for <= max(0.0, now - since)
    turned = judge(*other, *one, now=now, since=since, policy=Policy(replicas=("b", "a")))
    assert (turned.ready_for, turned.stable, turned.worst) == (seen.ready_for, seen.stable, seen.worst)
    assert not seen.stable or all(r.state is ReadyState.READY for r in seen.replicas)
