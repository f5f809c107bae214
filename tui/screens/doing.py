"""What `enter` on a step leads to: the right dialog for its kind and state, and the session's answer."""

from pydantic import SecretStr

from state.console.plans import RunPlan
from state.console.session import Session
from state.deployment.runs import log_tail
from state.intents import AddNote, AttestStep, BeginStep, Intent, Refusal, SkipStep, StopRun
from state.rules import may_do
from state.runbook import Step, StepKind
from state.window import StepState
from tui.dialogs import steps
from tui.dialogs.dialog import Values
from tui.dialogs.message import MessageDialog
from tui.dialogs.question import Problem
from tui.present.message import standing
from tui.present.under_way import under_way
from tui.screens.desk import Desk
from tui.screens.panels import progress
from tui.screens.people import People
from tui.screens.way_back import WayBack


class Doing:
    """Leads an operator's wish through its dialog into the session."""

    def __init__(self, session: Session, desk: Desk) -> None:
        """Decides nothing itself: `decide` does, and its refusals are shown where they arise."""
        self._session = session
        self._desk = desk
        self._people = People(session, desk)
        self._way_back = WayBack(session, desk)

    def step(self, step: Step) -> None:
        """Enter on a step."""
        if not self._in_order(step):
            return
        state = self._session.window.record(step.id).state
        if state is StepState.RUNNING:
            self._desk.show_run(self._session.window.record(step.id).run)
        elif goes_on := self._under_way(step):
            self._look_on(step, goes_on)
        elif step.kind is StepKind.ATTEST:
            self.attest(step)
        elif step.kind is StepKind.SAMPLE:
            self._sample(step)
        elif step.kind in {StepKind.STABLE, StepKind.PROBE, StepKind.EXAMINE}:
            self._begin(step)
        elif step.kind is StepKind.MESSAGE:
            self._way_back.message()
        elif step.id == "restore":
            self._way_back.restore(step)
        elif step.kind is StepKind.DECLARE:
            self.declare()
        elif (plan := self._session.plan(step)) is not None:
            self._run(plan)
        elif step.disrupts and state is not StepState.BEGUN:
            self._desk.ask(steps.begin(step, lambda answer, values: self._do(BeginStep(step.id))))
        else:
            self.attest(step)

    def _under_way(self, step: Step) -> str:
        session = self._session
        return under_way(session.window, step, progress(session), session.now())

    def _look_on(self, step: Step, how_far: str) -> None:
        record = self._session.window.record(step.id)
        if record.state is StepState.CHECKING:
            self._desk.show_run(record.run)
        # A console may have died before its letter was sent: what is probed is asked for again.
        refusal = self._do(BeginStep(step.id)) if step.kind is StepKind.PROBE else None
        if refusal is None:
            self._desk.say(how_far)
        self._say_refusal(refusal)

    def _in_order(self, step: Step) -> bool:
        """Spares the operator a dialog whose answer could only be refused."""
        answer = may_do(self._session.window, step.id)
        if isinstance(answer, Refusal):
            self._desk.say(answer.reason, "warning")
        return not isinstance(answer, Refusal)

    def attest(self, step: Step) -> None:
        """Evidence, from the operator."""
        if not self._in_order(step):
            return
        channel = self._session.settings.comms.channel if step.id == "rollback-owner" else ""

        def submit(answer: str, values: Values) -> Problem:
            return self._do(AttestStep(step.id, values["who"], values["reference"], values["link"]))

        self._desk.ask(steps.attest(step, self._session.actor.operator, channel or "", submit))

    def _begin(self, step: Step) -> None:
        record = self._session.window.record(step.id)
        if record.state not in {StepState.FAILED, StepState.DONE}:
            self._say_refusal(self._do(BeginStep(step.id)))
            return

        def submit(answer: str, values: Values) -> Problem:
            if answer == "again":
                return self._do(BeginStep(step.id))
            follow = self.attest if answer == "attest" else self.skip
            self._desk.ask_next(lambda: follow(step))
            return None

        self._desk.ask(steps.unfinished(step, record, submit))

    def _run(self, plan: RunPlan) -> None:
        if self._people.must_wait(plan):
            self._people.second_operator(plan)
            return
        record = self._session.window.record(plan.step.id)
        tail = (
            log_tail(self._session.run_directory(record.run), 4, self._session.secrets) if record.run else []
        )

        def submit(answer: str, values: Values) -> Problem:
            if answer == "start":
                refusal = self._session.start(plan)
                self._desk.look()
                if refusal is None:
                    self._desk.show_run(self._session.window.record(plan.step.id).run)
                return refusal
            follow = self.attest if answer == "attest" else self.skip
            self._desk.ask_next(lambda: follow(plan.step))
            return None

        self._desk.ask(steps.run(plan, record, tuple(tail), submit))

    def _sample(self, step: Step) -> None:
        policy = self._session.window.policy

        def submit(answer: str, values: Values) -> Problem:
            refusal = self._session.take_samples(step, 1 if answer == "one" else None)
            if refusal is None and answer == "one":
                self._session.observation.read_now()
            self._desk.look()
            return refusal

        self._desk.ask(steps.sample(step, policy.samples, policy.summary_every, submit))

    def skip(self, step: Step) -> None:
        """A step is passed over."""
        if not self._in_order(step):
            return
        self._desk.ask(steps.skip(step, lambda answer, values: self._do(SkipStep(step.id, values["reason"]))))

    def note(self, step: Step | None) -> None:
        """A note on a step, or on the window."""
        where = step.id if step else ""
        self._desk.ask(steps.note(step, lambda answer, values: self._do(AddNote(where, values["text"]))))

    def message(self, now: float) -> None:
        """The step's own message where it is its turn; else where the window stands, kept as a note."""
        step = next((each for each in self._session.window.direction if each.kind is StepKind.MESSAGE), None)
        if step is not None and not isinstance(may_do(self._session.window, step.id), Refusal):
            self._way_back.message()
            return
        session, channel = self._session, self._session.settings.comms.channel

        def send(text: str, how: str) -> Problem:
            if not text.strip():
                return Refusal("There is nothing to send.", "text")
            refusal = self._do(AddNote("", f"Message for {channel or 'the channel'}: {text}"))
            if refusal is None:
                self._desk.copy(text)
            return refusal

        said = standing(session.window, session.view.verdicts, now)
        self._desk.ask(MessageDialog(said, channel, False, send))

    def stop(self) -> None:
        """Stopping a run, asked twice."""
        run = self._session.window.open_run
        if run is None:
            self._desk.say("Nothing runs that could be stopped.")
            return

        def confirmed(answer: str, values: Values) -> Problem:
            return self._do(StopRun(run.id))

        def submit(answer: str, values: Values) -> Problem:
            self._desk.ask_next(lambda: self._desk.ask(steps.stop_again(self._session.window, confirmed)))
            return None

        self._desk.ask(steps.stop(self._session.window, submit))

    def declare(self) -> None:
        """The outcome."""
        shown = {gate.id: gate.state.value for gate in self._session.view.verdicts.gates}

        def submit(answer: str, values: Values) -> Problem:
            outcome = answer.replace("-", " ")
            refusal = self._session.declare(outcome, values["reason"], steps.gate_reasons(values), shown)
            self._desk.turned()
            return refusal

        self._desk.ask(steps.declare(self._session.window, self._session.view.verdicts.gates, submit))

    def token(self) -> None:
        """Another admin token: it goes straight to the watch."""

        def submit(answer: str, values: Values) -> Problem:
            if not self._session.drives:
                return "This console only looks now: whoever drives gives the watch its token."
            typed = values["token"].strip()
            if answer == "typed" and not typed:
                return Refusal("Type the token, or read it again from its source.", "token")
            if (answer == "typed" and not (typed.isascii() and typed.isprintable())) or " " in typed:
                return Refusal(
                    "A token is one line of plain characters; this one would not be accepted anywhere.",
                    "token",
                )
            self._session.observation.take_token(SecretStr(typed) if answer == "typed" else None)
            self._desk.say("The watch starts anew with the token.")
            return None

        self._desk.ask(steps.token(submit))

    def leave(self) -> None:
        """Leaving: at once, or with a word about what goes on."""
        run = self._session.window.open_run
        if run is None:
            self._desk.leave()
            return

        def submit(answer: str, values: Values) -> Problem:
            self._desk.leave()
            return None

        self._desk.ask(steps.leave(run, submit))

    def _do(self, intent: Intent) -> Refusal | None:
        refusal = self._session.do(intent)
        self._desk.look()
        if refusal is not None:
            return refusal
        # By the operator's own word also from a step that was not the next one.
        self._desk.go_on()
        return None

    def _say_refusal(self, refusal: Refusal | None) -> None:
        if refusal is not None:
            self._desk.say(refusal.reason, "warning")
