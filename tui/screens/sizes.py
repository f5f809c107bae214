"""Which panels stand where, by the size of the terminal: the classes that the stylesheet goes by."""

from tui.screens.panels import LEAST, TABS

#: Columns and rows below which the panels stand behind tabs in one column.
WIDE = (110, 30)
#: Panels that share the tab of another.
TAB_OF = {"checklist": "steps", "step": "steps", "gates": "triggers"}
CLASSES = ("-tiny", "-wide", "-narrow", *(f"-tab-{name}" for name in TABS))


def classes(width: int, height: int, tab: int) -> tuple[str, str]:
    """Those of CLASSES that hold in so many columns and rows, with the tab of this number turned to."""
    if width < LEAST[0] or height < LEAST[1]:
        size = "-tiny"
    else:
        size = "-wide" if width >= WIDE[0] and height >= WIDE[1] else "-narrow"
    return size, f"-tab-{TABS[tab]}"
