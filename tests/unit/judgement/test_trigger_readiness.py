"""The readiness trigger: sustained, expected in the disruption, unknown, and released."""

import pytest
from msgspec.structs import replace

from state.policy import Policy
from state.readings import Ask, ReadingClass

from .boards import FAILING, REFUSED, TIMEOUT, readiness
from .build import API, T0, span

NOT_READY, SERVER_ERROR = ReadingClass.NOT_READY, ReadingClass.SERVER_ERROR
DEGRADED, OK = ReadingClass.DEGRADED, ReadingClass.OK
TWO = Policy(replicas=("a", "b"))

# Sustained


@pytest.mark.parametrize("reading_class", ReadingClass)
def test_not_ready_and_unreachable_trip_and_nothing_else_does(reading_class: ReadingClass) -> None:
    assert readiness(span(0, 90, reading_class), now=90).holds is (reading_class in FAILING)


def test_it_trips_after_its_time_and_not_before() -> None:
    early = readiness(span(0, 50), span(52, 111, NOT_READY), now=111.9)
    assert (early.holds, early.held_for, early.held_of) == (False, 59, 60)
    assert early.reason == f"{API}: not ready for 00:59 of 01:00"
    late = readiness(span(0, 50), span(52, 112, NOT_READY), now=112)
    assert (late.holds, late.held_for, late.held_of) == (True, 60, 60)
    assert (early.causes, late.causes) == ((), (API,))
    assert late.reason == f"{API}: not ready for 01:00"
    own = Policy(trigger_after=10)
    assert readiness(span(0, 10, NOT_READY), now=10, policy=own).holds is True
    assert readiness(span(0, 9, NOT_READY), now=9, policy=own).holds is False


def test_time_after_the_last_reading_proves_nothing() -> None:
    assert readiness(span(0, 58, NOT_READY), now=63).held_for == 58


def test_failing_in_one_way_after_another_is_one_stretch() -> None:
    seen = readiness(span(0, 30, NOT_READY), span(32, 32, ReadingClass.RESET), span(34, 64, REFUSED), now=64)
    assert (seen.holds, seen.reason) == (True, f"{API}: unreachable (refused) for 01:04")


@pytest.mark.parametrize("well", [OK, DEGRADED])
def test_a_single_good_reading_starts_the_clock_again(well: ReadingClass) -> None:
    seen = readiness(span(0, 50, NOT_READY), span(52, 52, well), span(54, 100, NOT_READY), now=100)
    assert (seen.holds, seen.held_for) == (False, 46)


def test_a_reading_that_says_nothing_does_not_start_it_again() -> None:
    seen = readiness(span(0, 30, REFUSED), span(32, 36, SERVER_ERROR), span(38, 60, REFUSED), now=60)
    assert (seen.holds, seen.held_for) == (True, 60)


@pytest.mark.parametrize(("until", "holds"), [(30, True), (31, False)])
def test_eighty_percent_of_the_time_must_be_known(until: int, holds: bool) -> None:
    """Unknown from 18 to `until` of the 60 s: 12 s of it are a fifth."""
    errors = span(18, until - 1, SERVER_ERROR)
    seen = readiness(span(0, 16, REFUSED), errors, span(until, 60, REFUSED), now=60)
    assert (seen.holds, seen.held_for) == (holds, 60)
    assert ("too few readings" in seen.reason) is not holds


def test_half_of_the_readings_unknown_never_trips() -> None:
    spans = [span(2 * i, 2 * i, SERVER_ERROR if i % 2 else REFUSED) for i in range(300)]
    for count in range(1, 300):
        assert readiness(*spans[:count], now=2 * count - 2).holds is False


def test_a_gap_in_the_polling_is_unknown_but_does_not_start_it_again() -> None:
    before, gap_of_6 = span(0, 30, REFUSED), span(36, 60, REFUSED)
    assert readiness(before, gap_of_6, now=60).holds is True
    assert readiness(span(0, 24, REFUSED), span(37, 60, REFUSED), now=60).holds is False
    for until, holds in ((84, False), (85, True)):
        seen = readiness(span(0, 24, REFUSED), span(37, until, REFUSED), now=until)
        assert (seen.holds, seen.held_for) == (holds, until)
    assert seen.reason == f"{API}: unreachable (refused) for 01:25"


def test_a_long_silence_in_between_is_said() -> None:
    seen = readiness(span(0, 10, REFUSED), span(3610, 3660, REFUSED), now=3660)
    assert (seen.holds, seen.reason) == (
        True,
        f"{API}: unreachable (refused) for 1:01:00, 1:00:00 of it unknown",
    )
    counting = readiness(span(0, 10, REFUSED), span(30, 40, REFUSED), now=40)
    assert counting.reason == f"{API}: unreachable (refused) for 00:40 of 01:00, 00:20 of it unknown"


def test_timeouts_come_seldom_and_are_no_gap() -> None:
    """Each takes up to 8 s, and up to 6 s may lie before it."""
    timeouts = [span(13 * i, 13 * i, TIMEOUT) for i in range(6)]
    assert readiness(*timeouts, now=65).holds is True
    refused = [replace(s, reading_class=REFUSED) for s in timeouts]
    assert readiness(*refused, now=65).holds is False
    apart = [span(15 * i, 15 * i, TIMEOUT) for i in range(6)]
    assert readiness(*apart, now=75).holds is False


@pytest.mark.parametrize(("reading_class", "fresh"), [(REFUSED, 6), (TIMEOUT, 14)])
def test_stale_readings_trip_nothing_and_release_nothing(reading_class: ReadingClass, fresh: int) -> None:
    failing = span(0, 100, reading_class)
    assert readiness(failing, now=100 + fresh).holds is True
    seen = readiness(failing, now=101 + fresh)
    assert (seen.holds, seen.held_for) == (False, None)
    assert seen.reason == f"{API}: no reading for 00:{fresh + 1:02}"
    assert readiness(span(0, 200), now=206, tripped=True).released is True
    assert readiness(span(0, 200), now=207, tripped=True).released is False
    never = readiness(now=500, tripped=True)
    assert (never.holds, never.released, never.reason) == (False, False, f"{API}: no reading yet")


def test_unknown_says_why() -> None:
    seen = readiness(span(0, 90), span(92, 120, SERVER_ERROR), now=120, tripped=True)
    assert seen.reason == f"{API}: server error, which says nothing of readiness"
    assert (seen.holds, seen.released) == (False, False)


def test_any_one_replica_is_enough_and_they_do_not_add_up() -> None:
    good = span(0, 100, replica="a")
    seen = readiness(good, span(40, 100, NOT_READY, replica="b"), now=100, policy=TWO)
    assert (seen.holds, seen.reason) == (True, "b: not ready for 01:00")
    turns = [
        span(20 * i, 20 * i + 18, NOT_READY if i % 2 else OK, name)
        for name, first in (("a", 0), ("b", 1))
        for i in range(first, 10)
    ]
    assert readiness(*turns, now=198, policy=TWO).holds is False


def test_a_sustained_replica_speaks_before_one_that_fails_for_longer_with_gaps() -> None:
    gaps = [span(0, 10, REFUSED, "a"), span(95, 100, REFUSED, "a")]
    seen = readiness(*gaps, span(30, 100, NOT_READY, "b"), now=100, policy=TWO)
    assert (seen.holds, seen.held_for, seen.reason) == (True, 70, "b: not ready for 01:10 and 1 more")
    both = [span(50, 100, REFUSED, "a"), span(60, 100, NOT_READY, "b")]
    assert readiness(*both, now=100, policy=TWO).reason.startswith("a: unreachable (refused) for 00:50 of")


def test_other_asks_and_other_replicas_do_not_count() -> None:
    live = replace(span(0, 100, REFUSED), ask=Ask.LIVE)
    assert readiness(live, span(0, 100, REFUSED, "removed"), now=100).reason == f"{API}: no reading yet"
    none = readiness(now=100, policy=Policy(replicas=()), tripped=True)
    assert (none.holds, none.released) == (False, False)


def test_a_clock_that_was_set_back_trips_nothing_from_the_future() -> None:
    assert readiness(span(3600, 3700, REFUSED), span(0, 20), now=20).holds is False
    seen = readiness(span(60, 110, REFUSED), now=100)
    assert (seen.holds, seen.held_for) == (False, 40)


# Expected


def test_a_planned_step_and_its_grace_are_not_judged() -> None:
    down = span(0, 400, REFUSED)
    running = readiness(down, now=300, planned=[(0, None)])
    assert (running.holds, running.held_for) == (False, None)
    assert running.reason == "not judged: planned disruption"
    assert readiness(down, now=310, planned=[(0, 290)]).reason == "not judged for 00:40 more"
    assert readiness(down, now=400, planned=[(0, 340)]).held_for is None
    assert readiness(down, now=300, planned=[(0, None)], tripped=True).released is False


def test_the_clock_starts_when_the_grace_is_over() -> None:
    down = [span(0, end, REFUSED) for end in (419, 420)]
    states = [readiness(s, now=s.last_at - T0, planned=[(100, 300)]) for s in down]
    assert [(t.holds, t.held_for) for t in states] == [(False, 59), (True, 60)]

    again = readiness(span(0, 420, REFUSED), now=420, planned=[(0, 50), (100, 310), (250, 320)])
    assert (again.holds, again.held_for) == (False, 40)
    twice = readiness(span(0, 420, REFUSED), now=420, planned=[(0, 50), (200, 320)])
    assert (twice.holds, twice.held_for) == (False, 40)


def test_what_failed_before_a_step_does_not_count_after_it() -> None:
    spans = [span(0, 90, REFUSED), span(92, 160), span(162, 200, REFUSED)]
    seen = readiness(*spans, now=200, planned=[(91, 100)])
    assert (seen.holds, seen.held_for) == (False, 38)
    bridged = readiness(span(0, 90, REFUSED), span(170, 200, REFUSED), now=200, planned=[(91, 100)])
    assert (bridged.holds, bridged.held_for) == (False, 30)
    before = readiness(span(0, 160, REFUSED), now=161, planned=[(91, 100)])
    assert before.reason == f"{API}: no reading since the last step"


def test_being_well_during_a_step_releases_nothing() -> None:
    spans = [span(0, 90, REFUSED), span(92, 400)]
    assert readiness(*spans, now=279, planned=[(91, 100)], tripped=True).released is False
    assert readiness(*spans, now=280, planned=[(91, 100)], tripped=True).released is True


# Released


def test_it_is_released_only_after_its_time_without_one_failing_reading() -> None:
    tripped = span(0, 100, NOT_READY)
    early = readiness(tripped, span(102, 221), now=221, tripped=True)
    assert (early.released, early.reason) == (False, "clear for 01:59 of 02:00")
    late = readiness(tripped, span(102, 222), now=222, tripped=True)
    assert (late.released, late.reason) == (True, "clear for 02:00 of 02:00")
    assert readiness(tripped, span(102, 222), now=222).released is False
    flap = readiness(tripped, span(102, 200), span(202, 202, REFUSED), span(204, 300), now=300, tripped=True)
    assert flap.released is False
    own = Policy(release_after=30)
    assert readiness(tripped, span(102, 132), now=132, tripped=True, policy=own).released is True


def test_it_is_released_by_all_replicas_together_and_by_known_time() -> None:
    a, b = span(0, 300, replica="a"), span(200, 300, replica="b")
    early = readiness(a, b, now=300, tripped=True, policy=TWO)
    assert (early.released, early.reason) == (False, "clear for 01:40 of 02:00")
    missing = readiness(a, now=300, tripped=True, policy=TWO)
    assert (missing.released, missing.reason) == (False, "b: no reading yet")
    assert readiness(span(0, 10), span(110, 130), now=130, tripped=True).released is False
