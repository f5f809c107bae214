"""A small site with its deployment, for the tests of screens: that of the sessions' tests."""

import pytest

from state.console.session import Session
from state.intents import AttestStep, SkipStep

from ..session.conftest import api, place
from ..session.place import Place, attest_preconditions, must, run, settle

__all__ = ["api", "place"]


@pytest.fixture
def session(place: Place) -> Session:
    """A window that has a backup of its own and has been changed."""
    made = place.open()
    attest_preconditions(made)
    run(made, "backup")
    settle(made, "backup")
    must(made, SkipStep("baseline", "not in this test"))
    must(made, AttestStep("deploy", "kim", "2.0"))
    return made
