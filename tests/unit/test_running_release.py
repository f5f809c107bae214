"""Which release an environment runs, as far as its last window tells."""

import pytest
from msgspec.structs import replace

from state.listing import running_release
from state.window import ROLLED_BACK, Window

from .story import Story


def ended(outcome: str, release: str, previous: str, at: float, changed: bool = True) -> Window:
    window = (Story().until("declare") if changed else Story()).window
    return replace(window, outcome=outcome, release=release, previous_release=previous, opened_at=at)


@pytest.mark.parametrize(
    ("last", "runs"),
    [
        (ended("success", "v3", "v2", 20), "v3"),
        (ended(ROLLED_BACK, "v3", "v2", 20), "v2"),
        (ended("abandoned", "v3", "v2", 20), ""),
        (ended("abandoned", "v3", "v2", 20, changed=False), "v2"),
        (ended("", "v3", "v2", 20), "v1"),
    ],
    ids=["upgraded", "rolled back", "abandoned half-way", "abandoned before", "still open"],
)
def test_the_last_window_tells(last: Window, runs: str) -> None:
    earlier = ended("success", "v1", "v0", 10)
    assert running_release([earlier, last], earlier.environment) == runs


def test_without_a_window_of_the_environment_nothing_is_guessed() -> None:
    assert running_release([], "production") == ""
    assert running_release([ended("success", "v1", "v0", 10)], "elsewhere") == ""
