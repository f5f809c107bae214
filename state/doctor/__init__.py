"""Examines everything that a window will need, before one is opened: `drawbridge doctor`."""
