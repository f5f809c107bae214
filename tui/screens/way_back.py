"""Leads an operator through triggers, the restore and the message after it."""

from state.console.plans import RunPlan
from state.console.session import Session
from state.intents import (
    AddNote,
    Check,
    Intent,
    RaiseCorrectness,
    RaiseIncident,
    Refusal,
    ResolveCorrectness,
    ResolveIncident,
    SendMessage,
    WaveOff,
)
from state.report.message import rollback_message
from state.rules import may_do
from state.rules.restore import CHECK_COUNTS_FOR
from state.runbook import Step
from tui.dialogs import rollback
from tui.dialogs.dialog import Dialog, Values
from tui.dialogs.message import MessageDialog
from tui.dialogs.question import Problem
from tui.screens.desk import Desk
from tui.screens.people import People

#: How the note begins that keeps a message with its step.
_DRAFT = "Message: "


class WayBack:
    """Decides nothing itself: `decide` does, and its refusals are shown where they arise."""

    def __init__(self, session: Session, desk: Desk) -> None:
        """`desk` is the screen of the window."""
        self._session = session
        self._desk = desk
        self._people = People(session, desk)

    def incident(self) -> None:
        """Raises a P0, or resolves the one that is open."""

        def submit(answer: str, values: Values) -> Problem:
            if answer == "raise":
                return self._do(RaiseIncident(values["ticket"], values["note"]))
            return self._do(ResolveIncident(values["note"]))

        self._desk.ask(rollback.incident(self._session.window, submit))

    def correctness(self) -> None:
        """Raises a problem with the data, or takes it back."""

        def submit(answer: str, values: Values) -> Problem:
            raising = answer == "raise"
            return self._do(
                RaiseCorrectness(values["note"]) if raising else ResolveCorrectness(values["note"])
            )

        self._desk.ask(rollback.correctness(self._session.window, submit))

    def wave_off(self) -> None:
        """Lets the tripped triggers pass."""
        tripped = [name for name, record in self._session.window.triggers.items() if not record.waved]

        def submit(answer: str, values: Values) -> Problem:
            for name in tripped:
                refusal = self._do(WaveOff(name, values["reason"]))
                if refusal is not None:
                    return refusal
            return None

        self._desk.ask(rollback.wave_off(self._session.window, submit))

    def restore(self, step: Step) -> None:
        """Makes the checks, then asks the last question."""
        refusal = may_do(self._session.window, step.id)
        if isinstance(refusal, Refusal):
            self._desk.say(refusal.reason, "warning")
            return
        if self._session.check_restore(lambda checks: self._checked(step, checks)):
            self._desk.say("Checking the backup, the disk, and that API and worker are stopped.")
        elif self._session.window.backup is None:
            self._desk.say("This window has no whole backup of its own: nothing to restore from.", "warning")
        else:
            self._desk.say("The checks are being made; the question opens once they are.")

    def _checked(self, step: Step, checks: tuple[Check, ...]) -> None:
        # Nothing comes under a hand that has begun to answer something else meanwhile.
        if self._desk.is_asking:
            self._desk.say(
                "The checks are made. Close what is open, then enter on the step again.",
                "warning",
                lambda: self._desk.is_asking,
            )
        else:
            self._ask_restore(step, checks)

    def _ask_restore(self, step: Step, checks: tuple[Check, ...]) -> None:
        plain = self._session.plan(step)
        waits = plain is not None and self._people.must_wait(plain)
        loses = self._session.view.losses(self._session.now())

        def submit(answer: str, values: Values) -> Problem:
            plan = self._beside(answer, step)
            if answer == rollback.SECOND and plain is not None:
                self._desk.ask_next(lambda: self._people.second_operator(plain))
                return None
            if plan is not None:
                return self._start(plan, values, checks, loses)
            if plain is None:
                return "There is no command for this step."
            if all(self._session.now() - check.at <= CHECK_COUNTS_FOR for check in checks):
                return self._start(plain, values, checks, loses)
            return self._check_again(dialog, plain, values, loses)

        dialog = rollback.restore(self._session.window, checks, loses, waits, submit)
        self._desk.ask(dialog)

    def _beside(self, answer: str, step: Step) -> RunPlan | None:
        """What is run beside the restore itself."""
        if answer == rollback.SAFETY:
            return self._session.plan_safety_backup(step)
        return self._session.plan_rehearsal(step) if answer == rollback.REHEARSE else None

    def _check_again(self, dialog: Dialog, plan: RunPlan, values: Values, loses: str) -> str:
        """Reading and typing took longer than a check counts: made anew, with what was typed kept."""

        def checked(checks: tuple[Check, ...]) -> None:
            # Whoever said no meanwhile, or asks something else, has not said yes.
            if dialog.is_current:
                dialog.finish(self._start(plan, values, checks, loses))

        self._session.check_restore(checked)
        return "The checks are older than a minute and are made again; then it starts. Escape is no."

    def _start(self, plan: RunPlan, values: Values, checks: tuple[Check, ...], loses: str) -> Refusal | None:
        reasons = rollback.overrides(values)
        refusal = self._session.start(plan, values.get("phrase", ""), checks, reasons, loses)
        self._desk.look()
        if refusal is not None:
            return refusal
        self._desk.show_run(max(self._session.window.runs))
        return None

    def message(self) -> None:
        """The message to the channel."""
        session = self._session

        def send(text: str, how: str) -> Problem:
            return self._keep_draft(text) if how == "copy" else self._do(SendMessage(text, how))

        channel, can_post = session.settings.comms.channel, session.observation.can_post
        drafts = [note.text for note in session.window.record("communicate").notes]
        kept = [text.removeprefix(_DRAFT) for text in drafts if text.startswith(_DRAFT)]
        text = kept[-1] if kept else rollback_message(session.window)
        self._desk.ask(MessageDialog(text, channel, can_post, send, copied="It is sent"))

    def _keep_draft(self, text: str) -> Problem:
        """Copying helps towards sending it: the words are kept with the step, which stays to be done."""
        if not text.strip():
            return Refusal("There is nothing to send.", "text")
        if (refusal := self._session.do(AddNote("communicate", f"{_DRAFT}{text}"))) is not None:
            return refusal
        self._desk.copy(text)
        return "Copied, and kept with the step. Once it stands in the channel: It is sent."

    def _do(self, intent: Intent) -> Refusal | None:
        refusal = self._session.do(intent)
        self._desk.look()
        if refusal is not None:
            return refusal
        self._desk.go_on()
        return None
