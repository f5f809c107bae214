"""From which size on a terminal shows what, and the classes that the stylesheet goes by."""

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


#: Rows that the lower panels have at least.
_LEAST_LOWER = 10


def lower_rows(needed: int, rows: int) -> int:
    """How many of the `rows` of all panels the lower ones get, where triggers and gates need so many.

    Never more than half: health and backlog stand above. An even number is given, so that a line that
    comes and goes moves less; and it follows from these two alone, whatever size the terminal had before.
    """
    return min(rows // 2, max(_LEAST_LOWER, rows // 3, needed + needed % 2))


#: The panels of a window, as their tabs are turned to.
TABS = ("steps", "health", "backlog", "runs", "triggers")
#: Panels that share the tab of another.
TAB_OF = {"checklist": "steps", "step": "steps", "gates": "triggers"}
CLASSES = ("-tiny", "-wide", "-narrow", *(f"-tab-{name}" for name in TABS))


def classes(columns: int, rows: int, tab: int) -> tuple[str, str]:
    """Those of CLASSES that hold in so many columns and rows, with the tab of this number turned to."""
    wide = "-wide" if is_wide(columns, rows) else "-narrow"
    return "-tiny" if is_tiny(columns, rows) else wide, f"-tab-{TABS[tab]}"
