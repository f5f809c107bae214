"""What may happen next: every safety rule of the console, in one place, as a pure function.

`decide` answers an operator's intent with the events that it leads to, or with a refusal in words.
`admits` says whether a fact that the console found out itself still extends the window: whoever
looks twice records it once.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from state.events import (
    BackupExamined,
    Event,
    ExceptionGranted,
    MigrationsListed,
    NoteAdded,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    RunSignalled,
    RunStarted,
    SamplingBegun,
    SnapshotRecorded,
    StepAttested,
    StepBegun,
    StepPassed,
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
    Intent,
    OpenWindow,
    Refusal,
    SkipStep,
    StartRun,
    StopRun,
    TakeSamples,
)
from state.runbook import Step, StepKind
from state.window import ACTIVE, OPEN_RUN, SETTLED, RunState, StepState, Window

STOP_SIGNALS = ("INT", "TERM", "KILL")

Wanted = TypeVar("Wanted", bound=Intent)
Decision = tuple[Event, ...] | Refusal
_DECIDE: dict[type[Intent], Callable[[Window, Any, float], Decision]] = {}


def _on(
    kind: type[Wanted],
) -> Callable[[Callable[[Window, Wanted, float], Decision]], Callable[..., Decision]]:
    def register(function: Callable[[Window, Wanted, float], Decision]) -> Callable[..., Decision]:
        _DECIDE[kind] = function
        return function

    return register


def decide(window: Window, intent: Intent, now: float) -> Decision:
    """The events that this intent leads to in this window, or why it may not be."""
    if not window.is_open:
        return Refusal("This window is closed. Open a new one to go on.")
    return _DECIDE[type(intent)](window, intent, now)


def decide_opening(opening: OpenWindow, window: str, now: float) -> WindowOpened | Refusal:
    """The first event of a window with this id, or why it may not be opened."""
    release, previous = opening.release.strip(), opening.previous_release.strip()
    if not release or not previous:
        return Refusal("A window names the release that comes and the one that a rollback returns to.")
    if release == previous:
        return Refusal("The new release and the previous one are the same; nothing would change.")
    if opening.closes_at is not None and opening.closes_at <= now:
        return Refusal("The window would be over already. Give an end that lies ahead.")
    return WindowOpened(window, opening.environment, release, previous, opening.closes_at, opening.practice)


def may_do(window: Window, step_id: str) -> Step | Refusal:
    """The step, where it may be done now: known, in order, and nothing else under way.

    `decide` asks this of every intent that does a step; a screen asks it before a dialog opens.
    """
    step = next((s for s in window.checklist if s.id == step_id), None)
    if step is None:
        return Refusal(f"There is no step {step_id} in this window as it stands.")
    for other in window.checklist:
        state = window.record(other.id).state
        # Waiting for health stands in nobody's way: a release that never gets ready can be deployed again.
        if state in ACTIVE and other.id != step_id and other.kind is not StepKind.STABLE:
            return Refusal(f"{other.title} is under way. Let it end, or stop or skip it, then go on.")
    for earlier in window.checklist:
        if earlier.id == step_id:
            break
        if window.record(earlier.id).state not in SETTLED:
            return Refusal(f"{earlier.title} comes first. Do it, or skip it with a reason.")
    return step


def _idle(window: Window, step: Step) -> Refusal | None:
    """A step under way is not started a second time."""
    state = window.record(step.id).state
    if state is StepState.RUNNING:
        return Refusal(f"{step.title} is running. Wait for its end, or stop it with x.")
    if state is StepState.CHECKING:
        return Refusal(f"{step.title} has run; what it made is being checked. Wait for the answer.")
    return None


def _of_kind(window: Window, step_id: str, *kinds: StepKind) -> Step | Refusal:
    step = may_do(window, step_id)
    if isinstance(step, Refusal):
        return step
    if step.kind not in kinds:
        return Refusal(f"{step.title} is not done this way.")
    return _idle(window, step) or step


@_on(AttestStep)
def _(window: Window, intent: AttestStep, now: float) -> Decision:
    step = may_do(window, intent.step)
    if isinstance(step, Refusal):
        return step
    if running := _idle(window, step):
        return running
    if not intent.who.strip() or not intent.reference.strip():
        return Refusal("Evidence needs a name and a reference: who vouches for it, and where it can be seen.")
    attested = StepAttested(step.id, intent.who, intent.reference, intent.link)
    before = window.record(step.id).state
    if step.kind is StepKind.ATTEST or (step.kind is StepKind.SITE and before not in _DOUBTFUL):
        return (attested,)
    if step.kind is StepKind.DECLARE:
        return Refusal("The outcome is declared with d, not attested.")
    if step.kind in {StepKind.SAMPLE, StepKind.STABLE}:
        return Refusal(f"{step.title} is measured, not attested. Skip it with a reason if it cannot be.")
    # A word in place of what the console would have seen for itself stays visible as an exception.
    return (attested, ExceptionGranted(step.id, f"attested, not seen: {intent.reference}"))


_DOUBTFUL = frozenset({StepState.FAILED, StepState.UNKNOWN})


@_on(BeginStep)
def _(window: Window, intent: BeginStep, now: float) -> Decision:
    step = _of_kind(window, intent.step, StepKind.SITE, StepKind.STABLE)
    if isinstance(step, Refusal):
        return step
    if window.record(step.id).state is StepState.BEGUN:
        return Refusal(f"{step.title} has begun already.")
    return (StepBegun(step.id),)


@_on(SkipStep)
def _(window: Window, intent: SkipStep, now: float) -> Decision:
    step = may_do(window, intent.step)
    if isinstance(step, Refusal):
        return step
    if step.kind is StepKind.DECLARE:
        return Refusal("The declaration cannot be skipped: declare the outcome with d.")
    if running := _idle(window, step):
        return running
    if window.record(step.id).state in SETTLED:
        return Refusal(f"{step.title} is settled already; there is nothing to skip.")
    if not intent.reason.strip():
        return Refusal("Skipping needs a reason: it is kept as an exception with your name.")
    return (StepSkipped(step.id, intent.reason), ExceptionGranted(step.id, intent.reason))


@_on(AddNote)
def _(window: Window, intent: AddNote, now: float) -> Decision:
    if not intent.text.strip():
        return Refusal("A note without words was not kept.")
    if intent.step and all(step.id != intent.step for step in window.checklist):
        return Refusal(f"There is no step {intent.step} in this window as it stands.")
    return (NoteAdded(intent.step, intent.text),)


@_on(StartRun)
def _(window: Window, intent: StartRun, now: float) -> Decision:
    step = _of_kind(window, intent.step, StepKind.MAKE, StepKind.SITE)
    if isinstance(step, Refusal):
        return step
    if window.open_run is not None:
        return Refusal(f"{window.open_run.title} is running. One command at a time.")
    if not intent.argv:
        return Refusal(f"{step.title} has no command. Name one in drawbridge.toml, or attest the step.")
    return (RunRequested(step.id, intent.argv, intent.directory, intent.variables),)


@_on(StopRun)
def _(window: Window, intent: StopRun, now: float) -> Decision:
    run = window.runs.get(intent.run)
    if run is None or run.state not in OPEN_RUN:
        return Refusal("Nothing runs that could be stopped.")
    if run.signals:
        return Refusal(
            f"It has been asked to stop ({run.signals[-1][1]}). The next signal follows by itself."
        )
    return (RunSignalled(run.id, STOP_SIGNALS[0]),)


@_on(TakeSamples)
def _(window: Window, intent: TakeSamples, now: float) -> Decision:
    step = _of_kind(window, intent.step, StepKind.SAMPLE)
    if isinstance(step, Refusal):
        return step
    if step.id == "baseline" and window.change_begun:
        return Refusal("The deployment has changed already: what would be measured now is no baseline.")
    if intent.wanted < 1:
        return Refusal("A series needs at least one sample.")
    return (SamplingBegun(step.id, intent.wanted),)


@_on(Declare)
def _(window: Window, intent: Declare, now: float) -> Decision:
    if window.open_run is not None:
        return Refusal(f"{window.open_run.title} is running. Let it end before the outcome is declared.")
    if intent.outcome == ABANDONED:
        if not intent.reason.strip():
            return Refusal("Abandoning a window needs a reason.")
        return (WindowDeclared(ABANDONED, intent.reason, intent.gates),)
    if intent.outcome != SUCCESS:
        return Refusal(f"There is no outcome {intent.outcome}; there are {SUCCESS} and {ABANDONED}.")
    step = may_do(window, "declare")
    if isinstance(step, Refusal):
        return step
    return _declare_success(intent)


def _declare_success(intent: Declare) -> Decision:
    if {gate["id"] for gate in intent.gates} != {"readiness", "budget", "backlog"}:
        return Refusal("The three gates have not been judged. Wait for the next look, then declare.")
    granted = []
    for gate in intent.gates:
        if gate["state"] == "PASS":
            continue
        reason = intent.reasons.get(gate["id"], "").strip()
        if not reason:
            return Refusal(
                f"{gate['title']} is {gate['state']}: {gate['reason']}. It needs a reason of its own."
            )
        granted.append(ExceptionGranted(f"gate:{gate['id']}", reason))
    return (*granted, WindowDeclared(SUCCESS, intent.reason, intent.gates))


def admits(window: Window, fact: Event) -> bool:
    """Whether this fact is news to the window: its run or step still waits for just this."""
    if not window.is_open:
        return False
    match fact:
        case RunStarted():
            return fact.run in window.runs and window.runs[fact.run].state is RunState.REQUESTED
        case RunEnded() | RunLost() | RunNotStarted() | MigrationsListed():
            return fact.run in window.runs and window.runs[fact.run].state in OPEN_RUN
        case RunSignalled():
            run = window.runs.get(fact.run)
            return (
                run is not None and run.state in OPEN_RUN and fact.signal not in (s for _, s in run.signals)
            )
        case BackupExamined() if fact.run:
            record = window.record(fact.step)
            return record.state is StepState.CHECKING and record.run == fact.run
        case BackupExamined():
            return not isinstance(_of_kind(window, fact.step, StepKind.EXAMINE), Refusal)
        case SnapshotRecorded():
            return window.sampling is not None and window.sampling.step == fact.step
        case StepPassed():
            return window.record(fact.step).state is StepState.BEGUN
    return False
