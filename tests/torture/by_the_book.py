"""The next step of a window, done as the runbook has it, from wherever the last console left it."""

import time

from msgspec.structs import replace

from state.console.approvals import for_run, is_asked_for, run_wanted, waits
from state.intents import SCREEN, SUCCESS, BeginStep, GiveApproval, SendMessage
from state.runbook import Step, StepKind
from state.window import ACTIVE, RESTORE, ROLLED_BACK, StepState
from tests.pty.headless import KIM, Headless

#: Seconds for one step: a killed watch takes five to come back, and health waits for it.
PATIENCE = 60.0
#: Tries of a step that did not come out well.
_TRIES = 5


class Book:
    """Takes one window to its end, up and (where it is to go back) back again with its database."""

    def __init__(self, hand: Headless, back: bool) -> None:
        self.hand = hand
        self._back = back
        #: Probes that this console has asked for; one from before may have been lost with its letter.
        self._asked: set[str] = set()

    def go(self) -> None:
        """Step by step until the window is closed; fails where a step does not come to an end."""
        tries = 0
        before = ""
        while self.hand.window.phase != "closed":
            step = self._next()
            name = step.id if step else ""
            tries = tries + 1 if name == before else 0
            assert tries < _TRIES, f"{name} does not come out well"
            before = name

    def _next(self) -> Step | None:
        hand = self.hand
        hand.session.tick()
        window, step = hand.window, hand.window.current
        if self._back and window.rollback is None and window.record("migrate").state is StepState.DONE:
            hand.turn(RESTORE, "C")
            return None
        if step is None:
            # The last command of what follows up may have ended just now, and the window with it.
            if window.is_open:
                hand.declare(ROLLED_BACK)
            return None
        state = window.record(step.id).state
        if state not in ACTIVE or (step.kind is StepKind.PROBE and step.id not in self._asked):
            self.begin(step)
        self.wait(step)
        return step

    def wait(self, step: Step) -> None:
        """Until the step has come to its end."""
        hand = self.hand
        hand.until(lambda: hand.window.record(step.id).state not in ACTIVE, f"{step.id} ends", PATIENCE)

    def begin(self, step: Step) -> None:
        """Does the step, or has it done."""
        hand = self.hand
        match step.kind:
            case StepKind.ATTEST:
                hand.attest(step.id)
            case StepKind.MAKE | StepKind.SITE if step.id == "restore":
                self._restore()
            case StepKind.MAKE | StepKind.SITE:
                refusal = hand.session.start(hand.plan(step.id))
                assert refusal is None, refusal
            case StepKind.SAMPLE:
                refusal = hand.session.take_samples(step)
                assert refusal is None, refusal
            case StepKind.MESSAGE:
                hand.must(SendMessage("It was rolled back.", "copied"))
            case StepKind.DECLARE:
                self._declare()
            case _:
                self._asked.add(step.id)
                hand.must(BeginStep(step.id))

    def _restore(self) -> None:
        """Once every check passes: the watch may have to come back first."""
        deadline = time.monotonic() + PATIENCE
        checks = self.hand.checks()
        while not all(check.passed for check in checks):
            assert time.monotonic() < deadline, [check for check in checks if not check.passed]
            time.sleep(0.1)
            checks = self.hand.checks()
        self._second_operator()
        refusal = self.hand.ask_restore(checks=checks)
        assert refusal is None, refusal

    def _second_operator(self) -> None:
        """Another person's word for the restore, where an earlier console has not got it already."""
        hand, plan = self.hand, self.hand.plan("restore")
        request = for_run(hand.window, plan, "")
        if waits(hand.window, run_wanted(plan), hand.session.now()) is None:
            return
        if not is_asked_for(hand.window, request):
            hand.must(request)
        assert hand.window.approval is not None
        lee = replace(KIM, operator="lee")
        hand.must(GiveApproval(hand.window.approval.request, lee, hand.window.approval_phrase, SCREEN))

    def _declare(self) -> None:
        """Success, with a reason for each gate: a killed watch leaves gaps that no gate passes."""
        gates = self.hand.session.view.verdicts.gates_as_json()
        reasons = {str(gate["id"]): "the watch was killed" for gate in gates}
        shown = {str(gate["id"]): str(gate["state"]) for gate in gates}
        refusal = self.hand.session.declare(SUCCESS, "", reasons, shown)
        assert refusal is None, refusal
