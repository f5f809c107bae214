"""One console on one window: it looks, and as the driver it decides, journals, and only then acts."""
