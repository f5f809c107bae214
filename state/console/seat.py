"""The seat of one console at a window: whether it drives or looks, as whom, and how that changes."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec.structs import replace

from state.console.company import Company
from state.console.operator_text import cleaned, same_person
from state.events import Actor, ConsoleAttached, DriveTaken, Event, PolicyTaken, Recorded
from state.intents import Refusal, SwitchOperator
from state.journal.directory import JOURNAL, MAIL, DirectoryError
from state.journal.drive import Drive, turn
from state.journal.events import JournalError, JournalWriter
from state.journal.mail import MailError
from state.journal.presence import Presence, console_id
from state.policy import Policy
from state.rules import decide
from state.rules.drive import SILENT, Taking, may_take
from state.view import View

_ONLY_LOOKS = "`drawbridge watch` only looks. Run `drawbridge` to take part."

Record = Callable[[Sequence[Event]], None]


class Seat:
    """Looks from `look_on` on, drives from `take_drive` on, and is nobody's after `leave`."""

    def __init__(
        self, view: View, actor: Actor, policy: Policy, clock: Callable[[], float], only_looks: bool = False
    ) -> None:
        """`policy` is what a window is judged by while this console drives it; `only_looks` never drives."""
        self.only_looks = only_looks
        self.console = console_id()
        self.company = Company(view.directory, self.console)
        self._view = view
        self._directory: Path = view.directory
        self.company.refresh()
        # Whoever sits beside a driver with the same login is somebody else.
        self._actor = actor if self.company.is_driven else same_person(actor, view.window)
        self._policy = policy
        self._clock = clock
        self._presence = Presence(view.directory / MAIL, self.console)
        self._drive: Drive | None = None
        self._journal: JournalWriter | None = None
        #: Why the others do not see that this console looks, in a sentence; empty when they do.
        self.problem = ""

    @property
    def actor(self) -> Actor:
        """Who sits here."""
        return self._actor

    @property
    def drives(self) -> bool:
        """Whether this console decides."""
        return self._journal is not None

    @property
    def epoch(self) -> int:
        """The epoch in which this console drives, 0 while it only looks."""
        return self._journal.epoch if self._journal else 0

    @property
    def is_overtaken(self) -> bool:
        """Whether another console has begun to drive while this one thinks that it does."""
        driver = self._view.window.driver
        return self.drives and driver is not None and driver.epoch > self.epoch

    def look_on(self) -> None:
        """Looks from now on, for the others to see."""
        self._let_go()
        self._show()

    def take_drive(self, record: Record, typed: str = "") -> Refusal | None:
        """Becomes the driver, whose first words go through `record`.

        `typed` is the name of the driver whose console is gone or silent. Raises DirectoryError or
        JournalError.
        """
        if self.only_looks:
            return Refusal(_ONLY_LOOKS)
        with turn(self._directory):
            self._view.refresh(self._clock())
            self.company.refresh()
            taking = Taking(self.console, self._actor.login, typed=typed)
            if (question := self.company.question) is not None:
                taking = replace(taking, asked_at=question.at, ask=question.id)
            driver = self._view.window.driver
            # One that has left may be a while about it, or have lent its lock to a watch that it started.
            is_held = self.company.is_driven and (driver is None or driver.left_at is None)
            why = may_take(self._view.window, taking, is_held, self._clock())
            if isinstance(why, Refusal):
                return why
            drive = None if why == SILENT else Drive.take(self._directory)
            if drive is None and why != SILENT:
                return Refusal("Another console was faster; it drives now.")
            self._begin(drive, why, record)
        return None

    def _begin(self, drive: Drive | None, why: str, record: Record) -> None:
        """Drives; without a `drive` that of a silent console is taken over."""
        window = self._view.window
        self._drive = drive
        try:
            self._journal = JournalWriter(self._directory / JOURNAL, self._actor, self._clock())
            if drive is None:
                # Only now: where the journal cannot be had, whoever is silent still drives.
                self._drive = Drive.take_over(self._directory)
            taken = [DriveTaken(window.driver.actor.operator, why)] if why and window.driver else []
            policy = [PolicyTaken(self._policy.as_json())] if window.policy != self._policy else []
            record([ConsoleAttached(os.getpid(), self.console), *taken, *policy])
        except (JournalError, DirectoryError):
            self._let_go()
            raise
        self._presence.hide()
        self.company.question = None

    def ask_for_drive(self) -> Refusal | None:
        """Asks the driver, on the driver's screen."""
        if self.only_looks:
            return Refusal(_ONLY_LOOKS)
        try:
            self.company.ask(self._clock())
        except MailError as error:
            return Refusal(str(error))
        return None

    def sit_down(self, name: str, record: Record) -> Refusal | None:
        """Somebody of this name sits at this keyboard from now on."""
        intent = cleaned(SwitchOperator(name))
        before = self._actor
        if not self.drives:
            self._actor = replace(before, operator=intent.name or before.login)
            self._show()
            return None
        decision = decide(self._view.window, intent, self._clock(), self.epoch)
        if isinstance(decision, Refusal):
            return decision
        # The first words of whoever sits down are their own.
        self._speak_as(replace(before, operator=intent.name))
        try:
            record(decision)
        except JournalError as error:
            self._speak_as(before)
            return Refusal(str(error))
        return None

    def _speak_as(self, actor: Actor) -> None:
        self._actor = actor
        if self._journal is not None:
            self._journal.actor = actor

    def append(self, events: Sequence[Event]) -> list[Recorded]:
        """Journals, as the driver; raises JournalError."""
        if self._journal is None:
            raise JournalError("This console only looks; nothing was decided.")
        return self._journal.append(events, self._clock())

    def leave(self) -> None:
        """Lets go of everything, without a word in the journal."""
        self._let_go()
        self._presence.hide()

    def _show(self) -> None:
        try:
            self._presence.show(self._actor)
            self.problem = ""
        except MailError as error:
            self.problem = str(error)

    def _let_go(self) -> None:
        # The journal first: whoever takes the drive must find it closed.
        if self._journal is not None:
            self._journal.close()
            self._journal = None
        if self._drive is not None:
            self._drive.release()
            self._drive = None
