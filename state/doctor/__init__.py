"""Examines everything that a window will need, before one is opened: `drawbridge doctor`."""

from state.doctor.check import Check
from state.doctor.examination import examine

__all__ = ["Check", "examine"]
