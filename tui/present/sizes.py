"""From which size on a terminal shows what, and the classes that the stylesheet goes by."""

from collections.abc import Sequence

from msgspec import Struct

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


#: Rows that the lower panels have at least, and the checklist where a step has failed.
_LEAST_LOWER, _LEAST_CHECKLIST = 10, 6
#: Rows of a frame, and lines on a step of which there is nothing bad to say.
_FRAME, _CALM = 2, 3


class Division(Struct, frozen=True):
    """How the rows of all panels are divided where they stand side by side.

    `form` is the number of that in which triggers and gates are put, `lower` the rows that they and the
    output get, `checklist` those that it has at most: None where it may take what it needs.
    """

    form: int
    lower: int
    checklist: int | None = None


def divide(rows: int, forms: Sequence[int], steps: int, failed: int) -> Division:
    """Divides `rows` between what is above and what is below.

    `forms` are the rows that triggers and gates need in each of their forms, the fullest first; `steps`
    the lines of the checklist; `failed` those that say why a step has failed, 0 where none has. These are
    always in sight, wherever the cursor is: it moves without moving a frame. Never more than half is
    below, and as many rows whichever form is taken but the fullest, so that little moves when words
    change; and all follows from these alone, whatever size the terminal had before.
    """
    above = rows - (steps + _FRAME) - (_FRAME + (failed or _CALM))
    if not failed and above < rows * 2 // 5:
        above = rows // 2  # there is not room for all, and nothing that must be read
    most = min(rows // 2, max(_LEAST_LOWER, forms[-1], above))
    # The fullest form repeats what a banner says: it gets less.
    allowed = (min(most, rows * 2 // 5), *[most] * (len(forms) - 1))
    fitting = (number for number, needed in enumerate(forms) if needed <= allowed[number])
    form = next(fitting, len(forms) - 1)
    needed = forms[min(form, 1)]
    lower = min(most, max(_LEAST_LOWER, rows // 3, needed + needed % 2))
    checklist = max(_LEAST_CHECKLIST, rows - lower - failed - _FRAME) if failed else None
    return Division(form, lower, checklist)


def failed_rows(rows: int, failed: int) -> int | None:
    """The rows of the step's panel below the checklist, one above the other; None where none has `failed`."""
    return min(rows // 2, failed + _FRAME) if failed else None


#: The panels of a window, as their tabs are turned to.
TABS = ("steps", "health", "backlog", "runs", "triggers")
#: Panels that share the tab of another.
TAB_OF = {"checklist": "steps", "step": "steps", "gates": "triggers"}
CLASSES = ("-tiny", "-wide", "-narrow", *(f"-tab-{name}" for name in TABS))


def classes(columns: int, rows: int, tab: int) -> tuple[str, str]:
    """Those of CLASSES that hold in so many columns and rows, with the tab of this number turned to."""
    wide = "-wide" if is_wide(columns, rows) else "-narrow"
    return "-tiny" if is_tiny(columns, rows) else wide, f"-tab-{TABS[tab]}"
