"""A console that is overtaken while a dialog is open: what the dialog asked for does not happen any more."""

from collections.abc import Callable

from textual.screen import ModalScreen

from state.console.session import Session
from state.journal.directory import MAIL
from state.journal.mail import collect
from tui.dialogs.dialog import Dialog
from tui.screens.desk import Severity
from tui.screens.doing import Doing


class Desk:
    """Keeps the dialogs that are put before the operator."""

    def __init__(self) -> None:
        self.asked: list[ModalScreen[None]] = []

    def ask(self, dialog: ModalScreen[None]) -> None:
        self.asked.append(dialog)

    def ask_next(self, then: Callable[[], None]) -> None:
        then()

    def say(self, words: str, severity: Severity = "information") -> None:
        """Nobody hears it."""

    def look(self) -> None:
        """Nobody sees it."""


def test_it_gives_the_watch_no_token(session: Session) -> None:
    desk = Desk()
    Doing(session, desk).token()  # type: ignore[arg-type]
    (dialog,) = desk.asked
    assert isinstance(dialog, Dialog)
    session.seat.look_on()
    said = dialog._submit("typed", {"token": "another-token"})
    assert said == "This console only looks now: whoever drives gives the watch its token."
    # A watch that is told to stop starts anew with the token that was typed.
    assert "stop" not in [letter.kind for letter in collect(session.directory / MAIL, "watch")]
