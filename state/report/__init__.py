"""What the outside reads of a window: where it stands, and later its evidence."""
