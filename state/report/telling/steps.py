"""How the events of steps are told."""

from state.events import (
    DrillRecorded,
    Recorded,
    SamplingBegun,
    SnapshotRecorded,
    StepAttested,
    StepBegun,
    StepFailed,
    StepPassed,
    StepSkipped,
)
from state.judgement.phrases import duration
from state.report.telling.told import Kind, because, on, plural, step_title
from state.window import Window


@on(StepBegun, Kind.STEPS)
def _(window: Window, r: Recorded, e: StepBegun) -> str:
    return f"{step_title(window, e.step)}: begun"


@on(StepAttested, Kind.STEPS)
def _(window: Window, r: Recorded, e: StepAttested) -> str:
    link = f" {e.link}" if e.link else ""
    return f"{step_title(window, e.step)}: attested, {e.who} vouches, {e.reference}{link}"


@on(StepPassed, Kind.STEPS)
def _(window: Window, r: Recorded, e: StepPassed) -> str:
    # Not with a colon: what follows `pass…:` has the look of a secret.
    return f"{step_title(window, e.step)}: passed" + (f", {e.detail}" if e.detail else "")


@on(StepFailed, Kind.STEPS, turning=True)
def _(window: Window, r: Recorded, e: StepFailed) -> str:
    return f"{step_title(window, e.step)}: FAILED{because(e.problem)}"


@on(StepSkipped, Kind.STEPS)
def _(window: Window, r: Recorded, e: StepSkipped) -> str:
    return f"{step_title(window, e.step)}: skipped{because(e.reason)}"


@on(SamplingBegun, Kind.STEPS)
def _(window: Window, r: Recorded, e: SamplingBegun) -> str:
    return f"{step_title(window, e.step)}: taking {plural(e.wanted, 'sample')}"


@on(SnapshotRecorded, Kind.STEPS, turning=True)
def _(window: Window, r: Recorded, e: SnapshotRecorded) -> str:
    grown = [row for row in e.verdicts if row.get("state") != "OK"]
    # Before there is a baseline nothing can have grown against it.
    judged = e.verdicts and e.step != "baseline"
    backlog = f", {len(grown)} of {plural(len(e.verdicts), 'metric')} not OK" if judged else ""
    return f"{step_title(window, e.step)}: frozen over {plural(e.samples, 'sample')}{backlog}"


@on(DrillRecorded, Kind.STEPS)
def _(window: Window, r: Recorded, e: DrillRecorded) -> str:
    said = "passed" if e.passed else "did NOT pass"
    return f"restore drill {said}, restore {duration(e.restore)}, in all {duration(e.total)}"
