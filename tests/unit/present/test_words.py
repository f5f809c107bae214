"""Durations, sizes and trends as operators read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.window import StepState
from tui.present import words
from tui.present.deadline import DeadlineError, closes_at

T0 = 1_770_000_000.0  # 2026-02-02 02:40:00 UTC


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0:00"),
        (0.99, "0:00"),
        (59.99, "0:59"),
        (60, "1:00"),
        (3599, "59:59"),
        (3600, "1:00:00"),
        (7861, "2:11:01"),
        (172_799, "47:59:59"),
        (172_800, "2 d 00:00"),
        (273_900, "3 d 04:05"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0 s ago"),
        (6.7, "6 s ago"),
        (119, "119 s ago"),
        (120, "2 min ago"),
        (7199, "119 min ago"),
        (7200, "2 h ago"),
        (90_000, "25 h ago"),
    ],
)
def test_ages(seconds: float, said: str) -> None:
    assert words.age(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 KB"),
        (4100, "4.1 KB"),
        (214_000_000, "214 MB"),
        (312_400_000, "312 MB"),
        (2_500_000_000, "2.5 GB"),
        (7_000_000_000_000, "7.0 TB"),
    ],
)
def test_sizes(count: int, said: str) -> None:
    assert words.size(count) == said


def test_times_are_utc() -> None:
    assert words.clock(T0) == "02:40:00"
    assert words.day(T0) == "2026-02-02 02:40"


@pytest.mark.parametrize(
    ("value", "number", "signed"),
    [(0, "0", "0"), (9.0, "9", "+9"), (-3.0, "-3", "-3"), (1.25, "1.2", "+1.2"), (-0.5, "-0.5", "-0.5")],
)
def test_numbers(value: float, number: str, signed: str) -> None:
    assert words.number(value) == number
    assert words.signed(value) == signed


@pytest.mark.parametrize(
    ("values", "cells", "bars"),
    [
        ([], 4, "    "),
        ([None, None], 4, "    "),
        ([3.0], 4, "   ▁"),
        ([3.0, 3.0, 3.0], 3, "▁▁▁"),
        ([0.0, 7.0], 2, "▁█"),
        ([float(n) for n in range(8)], 8, "▁▂▃▄▅▆▇█"),
        ([9.0, 0.0, 7.0], 2, "▁█"),
        ([0.0, None, 7.0], 4, " ▁ █"),
    ],
)
def test_sparklines(values: list[float | None], cells: int, bars: str) -> None:
    assert words.sparkline(values, cells) == bars


@given(
    st.lists(st.none() | st.floats(0, 1e12, allow_subnormal=True), max_size=80),
    st.integers(1, 60),
)
def test_a_sparkline_always_fits(values: list[float | None], cells: int) -> None:
    bars = words.sparkline(values, cells)
    assert len(bars) == cells
    assert set(bars) <= set(" ▁▂▃▄▅▆▇█")
    known = [value is not None for value in values[-cells:]]
    assert [bar != " " for bar in bars[cells - len(known) :]] == known


@pytest.mark.parametrize(
    ("seconds", "said"), [(7200, "2h"), (5400, "1h30m"), (2700, "45m"), (20, "1m"), (0, "1m"), (3629, "1h")]
)
def test_lengths_as_they_are_typed(seconds: float, said: str) -> None:
    assert words.short_duration(seconds) == said


@given(st.integers(1, 5999))
def test_a_length_as_it_is_typed_is_understood(minutes: int) -> None:
    assert closes_at(words.short_duration(minutes * 60), T0) == T0 + minutes * 60


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("2h", 7200),
        ("90m", 5400),
        ("1h30m", 5400),
        (" 1 h 5 min ", 3900),
        ("02:41", 60),
        ("2:41 UTC", 60),
        ("16:30utc", 49_800),
        ("02:40", 86_400),
        ("00:00", 76_800),
    ],
)
def test_ends_of_a_window(typed: str, seconds: float) -> None:
    assert closes_at(typed, T0) == T0 + seconds


def test_no_end_is_no_end() -> None:
    assert closes_at("  ", T0) is None


@pytest.mark.parametrize("typed", ["soon", "24:00", "16:60", "2h30", "h", "-2h", "2d", "1:2:3", "2h 16:30"])
def test_what_is_no_end_is_a_sentence(typed: str) -> None:
    with pytest.raises(DeadlineError, match=r"is no end: give a time such as 16:30 \(UTC\)"):
        closes_at(typed, T0)


def test_every_state_has_a_glyph_and_those_that_matter_their_own() -> None:
    assert set(words.STEP_GLYPHS) == set(StepState)
    assert all(len(glyph) == 1 for glyph in words.STEP_GLYPHS.values())
    loud = (StepState.TODO, StepState.DONE, StepState.FAILED, StepState.UNKNOWN, StepState.SKIPPED)
    assert len({words.STEP_GLYPHS[state] for state in loud}) == len(loud)
