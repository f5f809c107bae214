"""A small site with its deployment, for the tests of screens: that of the sessions' tests."""

from ..session.conftest import api, place

__all__ = ["api", "place"]
