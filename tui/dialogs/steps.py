"""The dialogs in which a step is done, attested or passed over."""

from rich.cells import cell_len

from state.console.plans import RunPlan
from state.intents import ABANDONED, SUCCESS
from state.judgement.gates import Gate, GateState
from state.runbook import Step
from state.text.counting import counted
from state.window import ROLLED_BACK, Run, StepRecord, StepState, Window
from tui.dialogs.dialog import Answer, Dialog, Field, Submit, Values
from tui.present import words
from tui.present.gates import gate_lines
from tui.present.line import Line, Span, Tone, line, wrapped

#: Cells of text in a dialog; it fits a terminal of 80 columns.
CELLS = 70


def attest(step: Step, who: str, reference: str, submit: Submit) -> Dialog:
    """Evidence that something outside is done."""
    fields = (
        Field("who", "Who vouches for it", who),
        Field("reference", step.reference or "Reference", reference),
        Field("link", "Link (optional)"),
    )
    return Dialog(step.title, wrapped(step.explain, CELLS), submit, (Answer("attest", "Attest"),), fields)


def begin(step: Step, submit: Submit) -> Dialog:
    """Before something is done outside that disturbs the deployment."""
    body = (
        *wrapped(step.explain, CELLS),
        (),
        *wrapped(
            "drawbridge.toml names no command for this step: it is done by hand, outside. "
            "Begin now, so that not being ready counts as planned; attest when it is done.",
            CELLS,
        ),
    )
    return Dialog(step.title, body, submit, (Answer("begin", "Begin"),))


def run(plan: RunPlan, record: StepRecord, tail: tuple[str, ...], submit: Submit) -> Dialog:
    """The command in full, and after a run that failed or was lost also the other ways on."""
    body: list[Line] = list(wrapped(plan.step.explain, CELLS))
    body += [
        (),
        *_in_full("command", " ".join(plan.argv), Tone.STRONG),
        *_in_full("directory", str(plan.directory)),
    ]
    for name, value in plan.shown.items():
        body += wrapped(f"{name}={value}", CELLS)
    if plan.last_took is not None:
        body.append(line(f"last time  {words.duration(plan.last_took)}"))
    doubtful = record.state in {StepState.FAILED, StepState.UNKNOWN}
    if doubtful:
        body += [(), *wrapped(record.problem, CELLS, Tone.BAD), *(line(Span(t, Tone.DIM)) for t in tail)]
    if record.state is StepState.DONE:
        body += [
            (),
            *wrapped(f"It is done already ({words.clock(record.at)} UTC). This does it again.", CELLS),
        ]
        if plan.step.changes:
            body += wrapped("The checks after it will have to be done again.", CELLS, Tone.WATCH)
    again = "Run again" if record.run else "Start"
    answers = [Answer("start", again, danger=plan.step.changes)]
    if doubtful:
        answers += [Answer("attest", "It is done…"), Answer("skip", "Skip…")]
    focus = "" if plan.step.changes or doubtful or record.state is StepState.DONE else "start"
    return Dialog(plan.step.title, tuple(body), submit, tuple(answers), opens_on=focus)


def unfinished(step: Step, record: StepRecord, submit: Submit) -> Dialog:
    """A check that the console made for itself: it did not pass, or is asked for again."""
    done = f"It is done already ({words.clock(record.at)} UTC)."
    said = wrapped(record.problem, CELLS, Tone.BAD) if record.problem else wrapped(done, CELLS)
    body = (*said, (), *wrapped(step.explain, CELLS))
    answers = [Answer("again", "Look again")]
    if record.problem:
        answers += [Answer("attest", "Attest…"), Answer("skip", "Skip…")]
    return Dialog(step.title, body, submit, tuple(answers), opens_on="again" if record.problem else "no")


def sample(step: Step, wanted: int, every: float, submit: Submit) -> Dialog:
    """How long a series to take."""
    took = f"about {words.duration(wanted * every)}"
    body = (
        *wrapped(step.explain, CELLS),
        (),
        *wrapped(f"{counted(wanted, 'sample')}, one every {every:g} s: {took} in all.", CELLS),
    )
    answers = (Answer("series", f"Take {counted(wanted, 'sample')}"), Answer("one", "One sample now"))
    return Dialog(step.title, body, submit, answers, opens_on="series")


def skip(step: Step, submit: Submit) -> Dialog:
    """A step is passed over; the reason becomes an exception with an owner."""
    body = wrapped(
        f"{step.title} is passed over. The reason is kept as an exception with your name, "
        "in the header, in the list of windows and in the report.",
        CELLS,
    )
    answers = (Answer("skip", "Skip", danger=True),)
    return Dialog(f"Skip: {step.title}", body, submit, answers, (Field("reason", "Reason"),))


def note(step: Step | None, submit: Submit) -> Dialog:
    """A note on a step or on the window."""
    title = f"Note: {step.title}" if step else "Note on the window"
    return Dialog(title, (), submit, (Answer("keep", "Keep"),), (Field("text", "Note"),))


def stop(window: Window, submit: Submit) -> Dialog:
    """The first of the two questions before a run is stopped."""
    running = window.open_run
    title = running.title if running else ""
    body = wrapped(
        f"{title} and everything that it started get INT, after 10 s TERM, after 10 s more KILL. "
        "A process inside a container is not reached. What was done so far stays done.",
        CELLS,
    )
    answers = (Answer("stop", "Stop it", danger=True),)
    return Dialog("Stop the run?", body, submit, answers, no="Let it run")


def stop_again(window: Window, submit: Submit) -> Dialog:
    """The second question: what exactly would be cut."""
    running = window.open_run
    step = window.runbook.step(running.step) if running else None
    warning = "It changes the deployment: stopped half-way it may leave it between two states."
    body = wrapped(warning if step and step.changes else "Its output so far is kept.", CELLS)
    title = f"Really stop {running.title}?" if running else "Nothing runs any more"
    return Dialog(title, body, submit, (Answer("stop", "Stop it now", danger=True),), no="Let it run")


def declare(window: Window, gates: tuple[Gate, ...], submit: Submit) -> Dialog:
    """The outcome: the gates as they stand, and a reason for each that does not pass."""
    turned = window.rollback is not None
    open_gates = [] if turned else [gate for gate in gates if gate.state is not GateState.PASS]
    body: list[Line] = list(gate_lines(gates, CELLS))
    if window.exceptions:
        body += [(), line(Span(f"{counted(len(window.exceptions), 'exception')} in this window", Tone.WATCH))]
    fields = tuple(
        Field(f"reasons-{gate.id}", f"{gate.title} is {gate.state}: why declare success all the same?")
        for gate in open_gates
    )
    fields += (Field("reason", "Words for the record (needed to abandon)"),)
    outcome = Answer(SUCCESS, "Declare success", danger=bool(open_gates))
    if turned:
        outcome = Answer(ROLLED_BACK.replace(" ", "-"), "Declare rolled back")
    answers = (outcome, Answer(ABANDONED, "Abandon the window", danger=True))
    # Where no reason is asked for, enter that is held down would declare.
    opens_on = "" if open_gates else "no"
    return Dialog("Declare the outcome", tuple(body), submit, answers, fields, opens_on=opens_on)


def gate_reasons(values: Values) -> dict[str, str]:
    """The reasons by gate id, from the fields of the declaration."""
    return {k.removeprefix("reasons-"): v for k, v in values.items() if k.startswith("reasons-")}


def token(submit: Submit) -> Dialog:
    """Another admin token for the watch; nothing of it is kept here or written down."""
    body = wrapped(
        "The token goes to the watch alone, and the watch starts anew with it. It is not written "
        "anywhere: after the watch has ended it is asked for again, or read from its source.",
        CELLS,
    )
    fields = (Field("token", "Admin token", password=True),)
    answers = (Answer("typed", "Use this token"), Answer("source", "Read it again from its source"))
    return Dialog("Another token", body, submit, answers, fields)


def leave(running: Run, submit: Submit) -> Dialog:
    """Leaving while something runs."""
    body = wrapped(
        f"{running.title} (run {running.id}) goes on, and so does the watch. Nothing is lost: the next "
        "console takes up here.",
        CELLS,
    )
    return Dialog("Leave the console?", body, submit, (Answer("leave", "Leave"),), no="Stay")


def _in_full(name: str, value: str, tone: Tone = Tone.PLAIN) -> tuple[Line, ...]:
    """Beside its name where it fits, else below it: what is going to be done is never cut off."""
    beside = f"{name:<11}"
    if cell_len(beside + value) <= CELLS:
        return (line(beside, Span(value, tone)),)
    return (line(name), *wrapped(value, CELLS, tone))
