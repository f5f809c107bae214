"""Leads an operator into a new window: the questions, the examination, and only then the window."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from msgspec.structs import replace
from textual.screen import ModalScreen

from state.doctor.apart import examine_apart
from state.doctor.check import Check
from state.events import Actor
from state.host.background import Background
from state.host.environ import environment
from state.intents import OpenWindow, Refusal
from tui.dialogs import windows as dialogs
from tui.dialogs.dialog import Dialog, Values
from tui.dialogs.question import Problem
from tui.place import Place
from tui.present.deadline import DeadlineError, closes_at


class Opener(Protocol):
    """Who opens windows: the app. Each call answers with what refused, or None."""

    def resume_window(self, directory: Path, only_looks: bool = False) -> str | None:
        """Takes up a window, or only looks at it."""

    def open_new(self, opening: OpenWindow, actor: Actor) -> Problem:
        """Opens a window."""

    def now(self) -> float:
        """Seconds since the epoch."""


class NewWindow:
    """The dialog stays, with what was typed, until the window is open or somebody says no."""

    def __init__(self, place: Place, opener: Opener, ask: Callable[[ModalScreen[None]], object]) -> None:
        """`ask` puts a dialog before the operator."""
        self._place = place
        self._opener = opener
        self._ask = ask
        self._background = Background()

    def settle(self) -> None:
        """Takes up what was examined meanwhile; to be called a few times a second."""
        self._background.settle()

    def begin(self, previous: str) -> None:
        """The questions; `previous` is the release that a rollback would return to, where it is known."""
        place = self._place

        def submit(answer: str, values: Values) -> Problem:
            wanted = self._wanted(values)
            return wanted if isinstance(wanted, Refusal) else self._examine(dialog, *wanted)

        length = place.settings.window.length
        releases = (place.release, previous)
        environment_name = place.settings.environment
        dialog = dialogs.opening(environment_name, place.actor.operator, releases, length, submit)
        self._ask(dialog)

    def _wanted(self, values: Values) -> tuple[OpenWindow, Actor] | Refusal:
        place = self._place
        try:
            end = closes_at(values["closes_at"], self._opener.now())
        except DeadlineError as error:
            return Refusal(str(error), "closes_at")
        name = values["operator"].strip()
        if not name:
            return Refusal("Give your name: every decision is kept with it.", "operator")
        opening = OpenWindow(
            place.settings.environment, values["release"], values["previous_release"], end, place.practice
        )
        return opening, replace(place.actor, operator=name)

    def _examine(self, dialog: Dialog, opening: OpenWindow, actor: Actor) -> str:
        config, state = self._place.settings.path, self._place.state

        def examined(found: Any) -> None:
            # Whoever said no meanwhile has not said yes.
            if dialog.is_current:
                self._examined(dialog, found, lambda: self._opener.open_new(opening, actor))

        variables = {**environment(), "DRAWBRIDGE_STATE": str(state)}
        self._background.run("doctor", lambda: examine_apart(config, variables), examined)
        return "Looking at API, token, make targets, backups and disk first; then it opens. Escape is no."

    def _examined(
        self, dialog: Dialog, found: tuple[Check, ...] | Exception, go_on: Callable[[], Problem]
    ) -> None:
        if isinstance(found, Exception):
            dialog.tell(
                f"The examination could not be made ({type(found).__name__}). Run `drawbridge doctor`."
            )
            return
        failed = [check for check in found if check.verdict == "FAIL"]
        if not failed:
            dialog.finish(go_on())
            return
        dialog.tell("The window stays closed until what the examination found is mended.")
        self._ask(dialogs.examined(found))
