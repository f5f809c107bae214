"""The evidence as Markdown for a ticket: tables and short lines, in which no text from outside is markup."""

from collections.abc import Iterable, Iterator

from state.report import wording as w
from state.report.document import Evidence
from state.report.document.judged import BacklogLine, Decision, GateLine
from state.report.document.work import RunEvidence
from state.report.markup import ALONE, EVENTS, escape, table


def render(evidence: Evidence) -> str:
    """The whole report, with a newline at its end."""
    parts = (
        _head(evidence),
        _judged(evidence),
        _back(evidence),
        _decisions(evidence),
        _work(evidence),
        _people(evidence),
        _thresholds(evidence),
        _timeline(evidence),
        _chain(evidence),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _head(e: Evidence) -> Iterator[str]:
    releases = f"{escape(e.versions.previous_release)} to {escape(e.versions.release)}"
    yield f"# Evidence: {escape(e.window.environment)} {releases}"
    yield ""
    for complaint in e.complaints:
        yield f"**WARNING: {escape(complaint, ALONE)}**"
        yield ""
    if e.window.database_may_be_empty:
        yield "**THE DATABASE MAY BE EMPTY: a restore began and has not ended well.**"
        yield ""
    practice = " (practice)" if e.window.practice else ""
    yield from table(
        ("Window", e.window.id and escape(e.window.id) + practice),
        (
            ("Outcome", w.outcome(e) + (f": {e.window.reason}" if e.window.reason else "")),
            ("Opened", f"{w.when(e.window.opened)} by {e.window.opened_by}"),
            ("Closes", w.when(e.window.closes)),
            ("Declared", w.when(e.window.closed)),
            ("Error budget", _budget(e)),
            ("Triggers tripped", w.tripped(e)),
            ("Exceptions", len(e.exceptions)),
            ("Chain", f"{'verifies' if e.chain.verifies else 'DOES NOT VERIFY'}, {e.chain.events} events"),
            ("Made", f"{w.when(e.made)} by Drawbridge {e.versions.drawbridge}"),
        ),
    )
    yield "All times are UTC."
    yield ""


def _budget(e: Evidence) -> str:
    spent, allowed = w.duration(e.budget.unplanned_seconds), w.duration(e.budget.allowed_seconds)
    over = " EXCEEDED," if e.budget.spent else ""
    return f"{spent} of {allowed} unplanned,{over} {w.duration(e.budget.planned_seconds)} planned"


def _judged(e: Evidence) -> Iterator[str]:
    yield f"## Gates, {'as frozen when declared' if e.window.outcome else 'as they stand now'}"
    yield ""
    yield from _gates(e.gates)
    if e.exceptions:
        yield "## Exceptions"
        yield ""
        rows = ((w.when(x.at), x.subject, x.reason, x.owner) for x in e.exceptions)
        yield from table(("At", "Passed over", "Reason", "Owner"), rows)
    if e.triggers or e.raised:
        yield "## Rollback triggers"
        yield ""
        trips = [
            (
                t.event,
                t.trigger,
                w.when(t.tripped),
                t.reason,
                _waved(t.waved_by, t.waved_reason),
                w.when(t.cleared),
            )
            for t in e.triggers
        ]
        raised = [
            (
                "–",
                f"{r.kind}, by {r.by}",
                w.when(r.at),
                f"{r.ticket} {r.note}".strip(),
                "–",
                w.when(r.resolved),
            )
            for r in e.raised
        ]
        names = ("Event", "Trigger", "Tripped", "Reason", "Waved off", "Cleared")
        yield from table(names, (*trips, *raised))


def _waved(by: str, reason: str) -> str:
    return f"{by}: {reason}" if by else "–"


def _gates(gates: Iterable[GateLine]) -> Iterator[str]:
    yield from table(("Gate", "State", "Reason"), ((g.title, g.state, g.reason) for g in gates))


def _back(e: Evidence) -> Iterator[str]:
    for turn in e.rollbacks:
        depth = "binaries and the database" if turn.depth == "restore" else "binaries only"
        yield "## Rollback"
        yield ""
        yield from table(
            ("Begun", f"{w.when(turn.at)} by {escape(turn.by)}"),
            (
                ("Why", turn.why),
                ("How far", depth + (f", class {turn.migration_class}" if turn.migration_class else "")),
                ("Triggers", "; ".join(turn.triggers) or "none"),
                ("Typed", turn.phrase),
                ("Told before", turn.loses or "–"),
            ),
        )
    for loss in e.losses:
        yield f"Restored {w.when(loss.restored)} to {w.when(loss.captured)}:"
        yield f"what was written in {w.took(loss.seconds)} before that is lost."
        yield escape(loss.rows, ALONE) if loss.rows else "There was no safety backup to count rows against."
        if loss.told:
            yield escape(f"Told when it was confirmed: {loss.told}.", ALONE)
        yield ""


def _backlog(rows: Iterable[BacklogLine]) -> Iterator[str]:
    names = ("Metric", "Baseline", "Current", "Delta", "Warn/crit", "State", "Reason")
    yield from table(
        names,
        (
            (
                row.label,
                w.number(row.baseline),
                w.number(row.current),
                w.signed(row.delta),
                w.limits(row.warning, row.critical),
                row.state,
                row.reason or "–",
            )
            for row in rows
        ),
    )


_SOURCES = {
    "frozen": "as frozen",
    "judged again": "judged again from the readings of that moment",
    "none": "no readings of that moment",
}


def _decisions(e: Evidence) -> Iterator[str]:
    yield "## Decisions, and their numbers"
    yield ""
    for decision in e.decisions:
        yield from _decision(decision)
    yield f"### {'At the end of the window' if e.window.closed else 'Now'}"
    yield ""
    yield from _backlog(e.backlog)


def _decision(decision: Decision) -> Iterator[str]:
    yield f"### {w.clock(decision.at)} {escape(decision.what)}"
    yield ""
    yield f"By {escape(decision.by)}, event {decision.event}; backlog {_SOURCES[decision.backlog_source]}."
    yield ""
    if decision.backlog:
        yield from _backlog(decision.backlog)
    if decision.gates:
        yield from _gates(decision.gates)


def _work(e: Evidence) -> Iterator[str]:
    yield "## Runs"
    yield ""
    names = ("Run", "Command", "By", "Started", "Took", "Exit", "Log")
    yield from table(names, map(_run, e.runs))
    yield "## Steps"
    yield ""
    steps = (
        (
            s.title,
            s.state,
            w.when(s.at),
            s.by or "–",
            s.evidence or s.problem or (f"run {s.run}" if s.run else "–"),
        )
        for s in e.steps
    )
    yield from table(("Step", "State", "At", "By", "Evidence"), steps)
    notes = [*e.notes, *(note for step in e.steps for note in step.notes)]
    if notes:
        yield from table(("Notes",), ((note,) for note in notes))
    if e.backups:
        yield "## Backups"
        yield ""
        backups = (
            (b.event, b.path, w.when(b.captured), w.size(b.bytes), b.problem or "whole", b.sha256 or "–")
            for b in e.backups
        )
        yield from table(("Event", "File", "Captured", "Size", "Found", "SHA-256"), backups)
    for drill in e.drills:
        yield (
            f"Restore drill of run {drill.run} {'passed' if drill.passed else 'did NOT pass'}: "
            f"restore {w.duration(drill.restore)}, in all {w.duration(drill.total)}."
        )
        yield ""


def _run(run: RunEvidence) -> tuple[object, ...]:
    purpose = f" ({run.purpose.replace('-', ' ')})" if run.purpose else ""
    status = w.exit_status(run.state, run.exit_status)
    said = f"{status}: {run.last_line}" if run.exit_status and run.last_line else status
    log = w.log_digest(run.log_bytes, run.log_sha256)
    return run.id, run.command + purpose, run.by, w.when(run.started), w.took(run.seconds), said, log


def _people(e: Evidence) -> Iterator[str]:
    yield "## People"
    yield ""
    people = (
        (
            p.operator,
            ", ".join(p.roles),
            f"{p.login} on {p.host}",
            p.ssh_origin or "–",
            w.when(p.first),
            w.when(p.last),
        )
        for p in e.people
    )
    yield from table(("Name", "Role", "Login", "From", "First", "Last"), people)
    yield "At the driver's keyboard:"
    yield ""
    seats = (
        (w.when(s.since), w.when(s.until), s.operator, f"{s.login} on {s.host}", s.ended or "–")
        for s in e.seats
    )
    yield from table(("From", "Until", "Who", "Login", "Ended"), seats)
    if e.approvals:
        yield "Second operators:"
        yield ""
        approvals = (
            (a.request, a.subject, w.when(a.requested), a.requested_by, a.state, a.by or "–", w.when(a.at))
            for a in e.approvals
        )
        yield from table(("Request", "For", "Asked", "By", "State", "Second operator", "At"), approvals)
    for lines in e.messages:
        yield from table(("Message to the channel",), ((line,) for line in lines))


def _thresholds(e: Evidence) -> Iterator[str]:
    yield "## Thresholds"
    yield ""
    yield f"Source: {escape(e.thresholds.source)}"
    yield ""
    limits = ((x.label, w.number(x.warning), w.number(x.critical)) for x in e.thresholds.limits)
    yield from table(("Metric", "Warning above", "Critical above"), limits)


def _timeline(e: Evidence) -> Iterator[str]:
    yield "## Timeline"
    yield ""
    rows = ((x.event, w.when(x.at), x.by or "–", x.kind, x.words) for x in e.timeline)
    yield from table(("Event", "At", "By", "Kind", "What"), rows, EVENTS)


def _chain(e: Evidence) -> Iterator[str]:
    yield "## The journal's chain"
    yield ""
    yield f"Last event {e.chain.head}, {w.when(e.chain.at)}, SHA-256:"
    yield ""
    yield f"    {e.chain.sha256}"
    yield ""
    yield "Events taken off the end leave no trace: compare it with one noted before."
    if e.chain.problems:
        yield ""
        yield from table(("What does not verify",), ((problem,) for problem in e.chain.problems))
    if e.chain.left_out:
        yield ""
        yield from table(("What is left out but in the timeline",), ((one,) for one in e.chain.left_out))
