"""The rules of doing steps, forwards and backwards, and of declaring the outcome."""

from state.events import (
    ExceptionGranted,
    NoteAdded,
    RunRequested,
    RunSignalled,
    SamplingBegun,
    StepAttested,
    StepBegun,
    StepSkipped,
    WindowDeclared,
    WindowOpened,
)
from state.intents import (
    ABANDONED,
    SUCCESS,
    AddNote,
    AttestStep,
    BeginStep,
    Declare,
    OpenWindow,
    Refusal,
    SkipStep,
    StartRun,
    StopRun,
    TakeSamples,
)
from state.rules.restore import begin_restore, forbids
from state.rules.table import Decision, idle, may_do, of_kind, on
from state.runbook import StepKind
from state.window import OPEN_RUN, ROLLED_BACK, SETTLED, StepState, Window

STOP_SIGNALS = ("INT", "TERM", "KILL")


def decide_opening(
    opening: OpenWindow, window: str, others: tuple[str, ...], now: float
) -> WindowOpened | Refusal:
    """The first event of a window with this id, or why it may not be opened.

    `others` are the windows of this environment that are open: one deployment is changed by one
    window at a time.
    """
    if others:
        return Refusal(f"{others[0]} is open. Go on with it, or declare its outcome, before another begins.")
    release, previous = opening.release.strip(), opening.previous_release.strip()
    if not release or not previous:
        missing = "previous_release" if release else "release"
        return Refusal(
            "A window names the release that comes and the one that a rollback returns to.", missing
        )
    if release == previous:
        return Refusal("The new release and the previous one are the same; nothing would change.", "release")
    if opening.closes_at is not None and opening.closes_at <= now:
        return Refusal("The window would be over already. Give an end that lies ahead.", "closes_at")
    return WindowOpened(
        window,
        opening.environment,
        release,
        previous,
        opening.closes_at,
        opening.practice,
        opening.after_rollback,
    )


@on(AttestStep)
def _(window: Window, intent: AttestStep, now: float) -> Decision:
    step = may_do(window, intent.step)
    if isinstance(step, Refusal):
        return step
    if running := idle(window, step):
        return running
    if not intent.who.strip() or not intent.reference.strip():
        return Refusal(
            "Evidence needs a name and a reference: who vouches for it, and where it can be seen.",
            "reference" if intent.who.strip() else "who",
        )
    attested = StepAttested(step.id, intent.who, intent.reference, intent.link)
    before = window.record(step.id).state
    if step.kind in {StepKind.ATTEST, StepKind.MESSAGE} or (
        step.kind is StepKind.SITE and before not in _DOUBTFUL
    ):
        return (attested,)
    if step.kind is StepKind.DECLARE:
        return Refusal("The outcome is declared with d, not attested.")
    if step.kind in {StepKind.SAMPLE, StepKind.STABLE}:
        return Refusal(f"{step.title} is measured, not attested. Skip it with a reason if it cannot be.")
    # A word in place of what the console would have seen for itself stays visible as an exception.
    return (attested, ExceptionGranted(step.id, f"attested, not seen: {intent.reference}"))


_DOUBTFUL = frozenset({StepState.FAILED, StepState.UNKNOWN})


#: Kinds of steps that begin with a word and end by another, or by what the console sees.
_BEGUN_KINDS = (StepKind.SITE, StepKind.STABLE, StepKind.PROBE, StepKind.EXAMINE)


@on(BeginStep)
def _(window: Window, intent: BeginStep, now: float) -> Decision:
    step = of_kind(window, intent.step, *_BEGUN_KINDS)
    if isinstance(step, Refusal):
        return step
    # The core actions may be asked for again: the console may have died before its letter was sent.
    if window.record(step.id).state is StepState.BEGUN and step.kind is not StepKind.PROBE:
        return Refusal(f"{step.title} has begun already.")
    return (StepBegun(step.id),)


@on(SkipStep)
def _(window: Window, intent: SkipStep, now: float) -> Decision:
    step = may_do(window, intent.step)
    if isinstance(step, Refusal):
        return step
    if step.kind is StepKind.DECLARE:
        return Refusal("The declaration cannot be skipped: declare the outcome with d.")
    # A look at a file may hang with its disk: what is only being checked can be passed over.
    if window.record(step.id).state is StepState.RUNNING:
        return idle(window, step) or Refusal(f"{step.title} is running.")
    if window.record(step.id).state in SETTLED:
        return Refusal(f"{step.title} is settled already; there is nothing to skip.")
    if step.id == "restore" and window.may_be_empty:
        return Refusal(
            "The database may be empty: run the restore again, or attest that it was put right by hand."
        )
    if not intent.reason.strip():
        return Refusal("Skipping needs a reason: it is kept as an exception with your name.", "reason")
    return (StepSkipped(step.id, intent.reason), ExceptionGranted(step.id, intent.reason))


@on(AddNote)
def _(window: Window, intent: AddNote, now: float) -> Decision:
    if not intent.text.strip():
        return Refusal("A note without words was not kept.", "text")
    if intent.step and all(step.id != intent.step for step in window.checklist):
        return Refusal(f"There is no step {intent.step} in this window as it stands.")
    return (NoteAdded(intent.step, intent.text),)


@on(StartRun)
def _(window: Window, intent: StartRun, now: float) -> Decision:
    step = of_kind(window, intent.step, StepKind.MAKE, StepKind.SITE)
    if isinstance(step, Refusal):
        return step
    if window.open_run is not None:
        return Refusal(f"{window.open_run.title} is running. One command at a time.")
    if forbidden := forbids(intent):
        return forbidden
    if step.id == "restore":
        return begin_restore(window, intent, now)
    if not intent.argv:
        return Refusal(f"{step.title} has no command. Name one in drawbridge.toml, or attest the step.")
    return (RunRequested(step.id, intent.argv, intent.directory, intent.variables),)


@on(StopRun)
def _(window: Window, intent: StopRun, now: float) -> Decision:
    run = window.runs.get(intent.run)
    if run is None or run.state not in OPEN_RUN:
        return Refusal("Nothing runs that could be stopped.")
    if run.signals:
        sent = run.signals[-1][1]
        follows = "Nothing harder is left." if sent == STOP_SIGNALS[-1] else "The next follows by itself."
        return Refusal(f"It has been asked to stop ({sent}). {follows}")
    return (RunSignalled(run.id, STOP_SIGNALS[0]),)


@on(TakeSamples)
def _(window: Window, intent: TakeSamples, now: float) -> Decision:
    step = of_kind(window, intent.step, StepKind.SAMPLE)
    if isinstance(step, Refusal):
        return step
    if step.id == "baseline" and window.change_begun:
        return Refusal("The deployment has changed already: what would be measured now is no baseline.")
    if intent.wanted < 1:
        return Refusal("A series needs at least one sample.")
    return (SamplingBegun(step.id, intent.wanted),)


@on(Declare)
def _(window: Window, intent: Declare, now: float) -> Decision:
    if not window.is_open:
        return Refusal("The outcome is declared already.")
    if window.open_run is not None:
        return Refusal(f"{window.open_run.title} is running. Let it end before the outcome is declared.")
    if intent.outcome == ABANDONED:
        if not intent.reason.strip():
            return Refusal("Abandoning a window needs a reason.", "reason")
        if window.may_be_empty:
            return Refusal("The database may be empty. Run the restore again before anything is declared.")
        return (WindowDeclared(ABANDONED, intent.reason, intent.gates),)
    if intent.outcome == ROLLED_BACK:
        return _declare_rolled_back(window, intent)
    if intent.outcome != SUCCESS:
        return Refusal(f"The outcomes are {SUCCESS}, {ROLLED_BACK} and {ABANDONED}.")
    if window.rollback is not None:
        return Refusal("This window is rolling back: it ends rolled back, or abandoned.")
    step = may_do(window, "declare")
    if isinstance(step, Refusal):
        return step
    return _declare_success(intent)


def _declare_rolled_back(window: Window, intent: Declare) -> Decision:
    if window.rollback is None:
        return Refusal("No rollback has begun in this window.")
    if window.may_be_empty:
        return Refusal("The database may be empty. Run the restore again before anything is declared.")
    if window.current is not None:
        return Refusal(f"{window.current.title} comes first. Do it, or skip it with a reason.")
    return (WindowDeclared(ROLLED_BACK, intent.reason, intent.gates),)


#: How gates rank: a reason for one verdict is none for a worse one.
_WORSE = {"PASS": 0, "UNDECIDED": 1, "FAIL": 2}


def _declare_success(intent: Declare) -> Decision:
    if {gate["id"] for gate in intent.gates} != {"readiness", "budget", "backlog"}:
        return Refusal("The three gates have not been judged. Wait for the next look, then declare.")
    granted = []
    for gate in intent.gates:
        if gate["state"] == "PASS":
            continue
        if _WORSE[gate["state"]] > _WORSE[intent.shown.get(gate["id"], "PASS")]:
            return Refusal(
                f"{gate['title']} has become {gate['state']} since the dialog opened: {gate['reason']}. "
                "Close the dialog and declare anew."
            )
        reason = intent.reasons.get(gate["id"], "").strip()
        if not reason:
            return Refusal(
                f"{gate['title']} is {gate['state']}: {gate['reason']}. It needs a reason of its own.",
                f"reasons-{gate['id']}",
            )
        granted.append(ExceptionGranted(f"gate:{gate['id']}", reason))
    return (*granted, WindowDeclared(SUCCESS, intent.reason, intent.gates))
