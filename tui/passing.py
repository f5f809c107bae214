"""Words in passing: one at a time, at the foot of the screen, and gone as soon as what they say is over."""

from collections.abc import Callable

from textual.app import App

from tui.screens.desk import Severity

#: Seconds for which a word stands at most.
_LASTS = 8.0


class Passing:
    """What was said last, and whether it still holds; belongs to one screen."""

    def __init__(self, app: Callable[[], App[object]]) -> None:
        """`app` answers the app, which a screen has only once it is shown."""
        self._app = app
        self._holds: Callable[[], bool] | None = None

    def say(self, words: str, severity: Severity, holds: Callable[[], bool]) -> None:
        """Says it in place of whatever stands there; it goes once it no longer `holds`."""
        self._holds = holds
        mark = "" if severity == "information" else "! "
        self._clear()
        self._app().notify(f"{mark}{words}", severity=severity, timeout=_LASTS, markup=False)

    def look(self) -> None:
        """Takes away what is over."""
        if self._holds is not None and not self._holds():
            self._holds = None
            self._clear()

    def _clear(self) -> None:
        # In the queue behind what was said a moment ago, which waits there as well.
        self._app().call_later(self._app().clear_notifications)
