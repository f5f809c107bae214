"""Leads an operator through who sits here, who drives, and the second operator's word."""

from msgspec.structs import replace

from state.console import approvals
from state.console.plans import RunPlan
from state.console.session import Session
from state.events import Actor
from state.intents import (
    SCREEN,
    BeginRollback,
    GiveApproval,
    HandOver,
    KeepDrive,
    Refusal,
    RequestApproval,
    WithdrawApproval,
)
from state.journal.directory import DirectoryError
from state.journal.events import JournalError
from state.rules.drive import ANSWER_WITHIN
from tui.dialogs import people as dialogs
from tui.dialogs.dialog import Values
from tui.dialogs.question import Problem
from tui.present.people import Around
from tui.screens.desk import Asking
from tui.typed import command


def around(session: Session) -> Around:
    """The people at a session's window, as it sees them now."""
    company, window, now = session.company, session.window, session.now()
    question = company.question
    ask = window.asks.get(session.seat.console)
    kept = ask is not None and question is not None and ask.id == question.id and ask.kept
    late = question is not None and not kept and now - question.at >= ANSWER_WITHIN
    return Around(
        console=session.seat.console,
        drives=session.drives,
        is_driven=company.is_driven,
        others=tuple(one.person for one in company.observers if one.console != session.seat.console),
        asked_at=question.at if question is not None else None,
        waits=question is not None and not kept and not late,
        may_insist=late,
        only_looks=session.seat.only_looks,
    )


class People:
    """Decides nothing itself: the rules do, and their refusals are shown where they arise."""

    def __init__(self, session: Session, desk: Asking) -> None:
        """`desk` is the screen beneath the dialogs."""
        self._session = session
        self._desk = desk

    def operators(self) -> None:
        """Who is here, who sits at this keyboard, and the drive."""

        def submit(answer: str, values: Values) -> Problem:
            match answer:
                case dialogs.SEATED:
                    return self._said(self._session.sit_down(values["name"]))
                case dialogs.KEEP:
                    return self._keep()
                case dialogs.ASK:
                    return self._said(self._session.seat.ask_for_drive())
                case dialogs.TAKE:
                    self._desk.ask_next(self.take)
                case dialogs.HAND_OVER:
                    self._desk.ask_next(self._hand_over)
            return None

        session = self._session
        dialog = dialogs.operators(session.window, around(session), session.actor.operator, submit)
        self._desk.ask(dialog)

    def join(self) -> None:
        """A console that looks begins."""
        session = self._session

        def submit(answer: str, values: Values) -> Problem:
            return self._said(session.sit_down(values["name"]))

        self._desk.ask(dialogs.joining(session.window, around(session), session.actor.operator, submit))

    def _keep(self) -> Refusal | None:
        for ask in self._session.window.asks.values():
            if not ask.kept and (said := self._said(self._session.do(KeepDrive(ask.id)))) is not None:
                return said
        return None

    def _hand_over(self) -> None:
        session = self._session
        here = {one.console: one.person for one in session.company.observers}
        asking = [ask.person.seat for ask in session.window.asks.values() if not ask.kept]
        names = tuple(person.seat for person in here.values())
        if not names:
            self._desk.say("Nobody looks at this window any more.", "warning")
            return

        def submit(answer: str, values: Values) -> Problem:
            wanted = values["to"].strip()
            found = [console for console, person in here.items() if wanted in (person.seat, person.operator)]
            if len(found) != 1:
                return Refusal("Give one of the names that look, as they stand above.", "to")
            return self._said(session.do(HandOver(found[0])))

        first = asking[0] if asking else names[0] if len(names) == 1 else ""
        self._desk.ask(dialogs.hand_over(session.window, names, first, submit))

    def take(self) -> None:
        """Takes the drive from nobody, or from one that is gone or silent."""
        session = self._session
        driver = session.window.driver
        is_driven = session.company.is_driven
        stranger = driver is not None and driver.left_at is None and driver.actor.login != session.actor.login
        typed = is_driven or stranger

        def submit(answer: str, values: Values) -> Problem:
            try:
                return self._said(session.take_drive(values.get("typed", "")))
            except (DirectoryError, JournalError) as error:
                return str(error)

        self._desk.ask(dialogs.take(session.window, typed, submit))

    # The second operator

    def must_wait(self, plan: RunPlan) -> bool:
        """Whether this command waits for a second operator's word."""
        session = self._session
        return approvals.waits(session.window, approvals.run_wanted(plan), session.now()) is not None

    def second_operator(self, plan: RunPlan) -> None:
        """Asks for the second operator of a command."""
        session = self._session
        loses = session.view.losses(session.now()) if plan.step.id == "restore" else ""
        self._second(approvals.for_run(session.window, plan, loses))

    def second_for_rollback(self, wanted: BeginRollback) -> None:
        """Asks for the second operator of turning back."""
        self._second(approvals.for_rollback(self._session.window, wanted))

    def _second(self, request: RequestApproval) -> None:
        session = self._session
        is_asked = approvals.is_asked_for(session.window, request)

        def submit(answer: str, values: Values) -> Problem:
            asked = session.window.approval
            number = asked.request if asked is not None else 0
            if answer == dialogs.REQUEST:
                said = self._said(session.do(request))
                if said is None and not session.window.policy.distinct_login:
                    self._desk.ask_next(lambda: self._second(request))
                return said
            if answer == dialogs.WITHDRAW:
                return self._said(session.do(WithdrawApproval(number)))
            person: Actor = replace(session.actor, operator=values["person"].strip())
            return self._said(session.do(GiveApproval(number, person, values["phrase"], SCREEN)))

        lines = tuple(line for line in request.words if line)
        approve = f"{command(session.settings.path, elsewhere=True)} approve"
        self._desk.ask(dialogs.second_operator(session.window, lines, is_asked, approve, submit))

    def _said(self, refusal: Refusal | None) -> Refusal | None:
        self._desk.look()
        return refusal
