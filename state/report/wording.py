"""Times, durations and figures of the evidence as people read them, the same in every form of the report."""

from state.judgement import phrases
from state.report import moments
from state.report.document import Evidence
from state.report.document.people import Approval
from state.report.document.work import Loss, RunEvidence, StepEvidence

#: The glyph and the word of a state: what a colour says stands beside it.
_GOOD = frozenset({"done", "ended", "PASS", "OK", "approved", "ready", "success"})
_BAD = frozenset({"failed", "unknown", "lost", "not_started", "FAIL", "BREACH", "not_ready", "unreachable"})
_WATCH = frozenset({"skipped", "UNDECIDED", "WATCH", "NO DATA", "degraded", "waiting", "rolled back"})


def when(iso: str | None) -> str:
    """`2026-11-28 17:48:14`, UTC; a dash where it has not come."""
    return "–" if iso is None else moments.when(iso)


def clock(iso: str | None) -> str:
    """`17:48:14`, UTC; a dash where it has not come."""
    return "–" if iso is None else iso[11:19] or iso


def duration(seconds: float | None) -> str:
    """`mm:ss` or `h:mm:ss`; a dash where nobody measured it."""
    return "–" if seconds is None else phrases.duration(seconds)


def took(seconds: float | None) -> str:
    """How long a run took: tenths of a second under a minute."""
    return f"{seconds:.1f} s" if seconds is not None and seconds < 60 else duration(seconds)


def number(value: float | None) -> str:
    """A metric's value; a dash where there was none."""
    return "–" if value is None else phrases.number(value)


def signed(value: float | None) -> str:
    """A difference, with its sign unless it is nothing."""
    return f"+{number(value)}" if value is not None and value > 0 else number(value)


def size(count: int | None) -> str:
    """Bytes with their thousands apart: figures of evidence are exact."""
    return "–" if count is None else f"{count:,} B".replace(",", " ")


def limits(warning: float | None, critical: float | None) -> str:
    """`50 / 200`, a dash for what is not set."""
    return f"{number(warning)} / {number(critical)}"


def tone(state: str) -> str:
    """good, bad, watch or plain."""
    return "good" if state in _GOOD else "bad" if state in _BAD else "watch" if state in _WATCH else "plain"


def words(state: str) -> str:
    """A state as people read it: `not done`."""
    return state.replace("_", " ")


def exit_status(run: RunEvidence) -> str:
    """How a run ended, or that it has not, in words."""
    said = "unknown (lost)" if run.state == "lost" else words(run.state)
    if run.exit_status is not None:
        said = f"exit {run.exit_status}"
    return said if run.in_journal else f"{said}, not yet in the journal"


def run_tone(run: RunEvidence) -> str:
    """good, bad, or plain for one that is not over."""
    if run.state in ("requested", "running"):
        return "plain"
    return "good" if run.exit_status == 0 else "bad"


def evidence(step: StepEvidence) -> str:
    """What speaks for the state of a step; of one that failed the problem comes first."""
    return "; ".join(filter(None, (step.problem, step.evidence)))


_WAYS = {"login": "from a login of their own", "screen": "at the driver's keyboard"}


def approved(request: Approval) -> str:
    """Who confirmed as second operator, and from where; a dash where nobody did."""
    way = _WAYS.get(request.how, request.how)
    return ", ".join(filter(None, (request.by, way))) or "–"


def lost(loss: Loss) -> str:
    """What a restore lost, in sentences."""
    rows = loss.rows or "Nobody counted rows: there was no safety backup."
    told = f" Told when it was confirmed: {loss.told}." if loss.told else ""
    return (
        f"The restore, which ended {when(loss.restored)}, took the database back to {when(loss.captured)}: "
        f"what was written in the {took(loss.seconds)} before it began is lost. {rows}{told}"
    )


def outcome(evidence: Evidence) -> str:
    """How the window ended, or that it is still going on."""
    window = evidence.window
    if window.outcome is None:
        return f"open: {window.state}"
    return window.outcome + (" (follow-up open)" if window.state == "follow_up" else "")


def tripped(evidence: Evidence) -> str:
    """Which triggers have tripped, each once."""
    return ", ".join(dict.fromkeys(trip.trigger for trip in evidence.triggers)) or "none"


def log_digest(run_bytes: int | None, sha256: str | None) -> str:
    """The digest of a run's log, or that there is none yet."""
    return f"{size(run_bytes)}, SHA-256 {sha256}" if sha256 else "not sealed yet"
