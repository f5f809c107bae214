"""From which size on a terminal shows what."""

#: Columns and rows below which nothing but a request for more room is drawn.
LEAST = (60, 15)
#: Below this the panels stand behind tabs in one column.
WIDE = (110, 30)


def is_tiny(columns: int, rows: int) -> bool:
    """Whether there is no room for anything."""
    return columns < LEAST[0] or rows < LEAST[1]


def is_wide(columns: int, rows: int) -> bool:
    """Whether all panels stand side by side."""
    return columns >= WIDE[0] and rows >= WIDE[1]
