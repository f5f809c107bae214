"""The readiness trigger, poll by poll: outages, flapping and deploys, and what must follow from any polls."""

from collections.abc import Iterator, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from state.readings import ReadingClass, Span

from .boards import FAILING, REFUSED, TIMEOUT, WELL, readiness
from .build import POLICY, T0, span

NOT_READY, OK = ReadingClass.NOT_READY, ReadingClass.OK

Poll = tuple[float, ReadingClass]


def spans_of(polls: Sequence[Poll]) -> tuple[Span, ...]:
    """As the watch's file joins them: same class, and no more than three intervals in between."""
    spans: list[Span] = []
    for at, found in polls:
        last = spans[-1] if spans else None
        taken = 8 if found is TIMEOUT else 0
        if last and last.reading_class is found and T0 + at - taken - last.last_at <= 6:
            spans[-1] = replace(last, last_at=T0 + at, count=last.count + 1)
        else:
            spans.append(span(at, at, found))
    return tuple(spans)


def trips(polls: Sequence[Poll], planned: Sequence[tuple[float, float | None]] = ()) -> Iterator[str]:
    """What a console journals that looks after every poll."""
    tripped = False
    for count, (at, _) in enumerate(polls, start=1):
        trigger = readiness(*spans_of(polls[:count]), now=at, tripped=tripped, planned=planned)
        assert not (trigger.holds and trigger.released)
        if trigger.holds and not tripped:
            tripped = True
            yield "tripped"
        if trigger.released:
            tripped = False
            yield "cleared"


def every_2_s(*stretches: tuple[ReadingClass, float]) -> list[Poll]:
    polls: list[Poll] = []
    for found, seconds in stretches:
        polls += [(2.0 * (len(polls) + i), found) for i in range(int(seconds / 2))]
    return polls


def test_flapping_never_trips() -> None:
    assert list(trips(every_2_s(*[(REFUSED, 58), (OK, 2)] * 5))) == []
    assert list(trips(every_2_s(*[(REFUSED, 2), (OK, 2)] * 80))) == []


def test_a_sustained_failure_trips_exactly_once_and_clears_exactly_once() -> None:
    outage = [(OK, 60), (NOT_READY, 200), (OK, 20), (REFUSED, 40), (OK, 300)]
    assert list(trips(every_2_s(*outage))) == ["tripped", "cleared"]
    assert list(trips(every_2_s(*outage, *outage))) == ["tripped", "cleared"] * 2


def test_flapping_after_a_trip_neither_clears_nor_trips_again() -> None:
    polls = every_2_s((REFUSED, 80), *[(OK, 100), (REFUSED, 10)] * 4)
    assert list(trips(polls)) == ["tripped"]


def test_a_planned_deploy_never_trips_but_one_that_leaves_it_down_does() -> None:
    planned = [(60.0, 200.0)]
    assert list(trips(every_2_s((OK, 60), (REFUSED, 190), (OK, 400)), planned)) == []
    polls = every_2_s((OK, 60), (REFUSED, 300))
    assert list(trips(polls, planned)) == ["tripped"]
    assert list(trips([p for p in polls if p[0] < 320], planned)) == []


@given(
    st.lists(st.tuples(st.sampled_from(ReadingClass), st.integers(1, 40), st.floats(0.5, 20)), max_size=8),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 200)), max_size=2),
    st.floats(0, 30),
    st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_what_holds_and_what_is_released_follow_from_the_readings(
    pieces: list[tuple[ReadingClass, int, float]],
    steps: list[tuple[int, int]],
    later: float,
    tripped: bool,
) -> None:
    """Against the readings themselves: nothing holds or is released that they do not bear out."""
    polls: list[Poll] = []
    for found, count, gap in pieces:
        start = polls[-1][0] + gap if polls else 0.0
        polls += [(start + 2.0 * i, found) for i in range(count)]
    now = (polls[-1][0] if polls else 0.0) + later
    planned = [(float(start), float(start + length)) for start, length in steps]
    seen = readiness(*spans_of(polls), now=now, planned=planned, tripped=tripped)
    spells = [(start, end + POLICY.grace) for start, end in planned]
    assert not (seen.holds and seen.released)
    for claimed, classes, length in ((seen.holds, FAILING, 60.0), (seen.released, WELL, 120.0)):
        if not claimed:
            continue
        counted = [(at, c) for at, c in polls if c in FAILING | WELL]
        assert all(not start < now <= end for start, end in spells)
        since = max(
            [end for _, end in spells if end <= now]
            + [at for at, c in counted if c not in classes]
            + [min(at for at, c in counted if c in classes) - 1e-6]
        )
        assert counted[-1][1] in classes
        assert now - counted[-1][0] <= 14
        assert counted[-1][0] - since >= length - 1e-3
        lately = [at for at, c in counted if at > now - length]
        assert len(lately) >= (0.8 * length - 14) / 14
    if seen.released:
        assert tripped
    if seen.held_for is not None:
        assert 0 <= seen.held_for <= now + 1e-3
