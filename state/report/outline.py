"""The evidence in short, for a ticket and for the screen: headings, tables and paragraphs of plain text."""

from collections.abc import Iterable, Iterator

from state.report import wording as w
from state.report.blocks import EVENTS, Block, Heading, Paragraph, Table, Verbatim, facts, table
from state.report.document import Evidence
from state.report.document.judged import BacklogLine, Decision, GateLine
from state.report.document.work import RunEvidence


def outline(evidence: Evidence) -> Iterator[Block]:
    """The whole report, from its heading to the head of the chain."""
    yield from _head(evidence)
    yield from _judged(evidence)
    yield from _back(evidence)
    yield from _decisions(evidence)
    yield from _work(evidence)
    yield from _people(evidence)
    yield from _thresholds(evidence)
    yield from _timeline(evidence)
    yield from _chain(evidence)


def _head(e: Evidence) -> Iterator[Block]:
    releases = f"{e.versions.previous_release} to {e.versions.release}"
    yield Heading(1, f"Evidence: {e.window.environment} {releases}")
    for complaint in e.complaints:
        yield Paragraph(f"WARNING: {complaint}", alarm=True)
    if e.window.database_may_be_empty:
        yield Paragraph("THE DATABASE MAY BE EMPTY: a restore began and has not ended well.", alarm=True)
    practice = " (practice)" if e.window.practice else ""
    yield facts(
        ("Window", e.window.id and e.window.id + practice),
        ("Outcome", w.outcome(e) + (f": {e.window.reason}" if e.window.reason else "")),
        ("Opened", f"{w.when(e.window.opened)} by {e.window.opened_by}"),
        ("Closes", w.when(e.window.closes)),
        ("Declared", w.when(e.window.closed)),
        ("Error budget", _budget(e)),
        ("Triggers tripped", w.tripped(e)),
        ("Exceptions", len(e.exceptions)),
        ("Chain", f"{'verifies' if e.chain.verifies else 'DOES NOT VERIFY'}, {e.chain.events} events"),
        ("Made", f"{w.when(e.made)} by Drawbridge {e.versions.drawbridge}"),
    )
    yield Paragraph("All times are UTC.")


def _budget(e: Evidence) -> str:
    spent, allowed = w.duration(e.budget.unplanned_seconds), w.duration(e.budget.allowed_seconds)
    over = " (EXCEEDED)" if e.budget.spent else ""
    return f"{spent} of {allowed} unplanned{over}, {w.duration(e.budget.planned_seconds)} planned"


def _judged(e: Evidence) -> Iterator[Block]:
    yield Heading(2, f"Gates, {'as frozen when declared' if e.window.outcome else 'as they stand now'}")
    yield _gates(e.gates)
    if e.exceptions:
        yield Heading(2, "Exceptions")
        rows = ((w.when(x.at), x.subject, x.reason, x.owner) for x in e.exceptions)
        yield table(("At", "Passed over", "Reason", "Owner"), rows)
    if e.triggers or e.raised:
        yield Heading(2, "Rollback triggers")
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
        yield table(names, (*trips, *raised))


def _waved(by: str, reason: str) -> str:
    return f"{by}: {reason}" if by else "–"


def _gates(gates: Iterable[GateLine]) -> Table:
    return table(("Gate", "State", "Reason"), ((g.title, g.state, g.reason) for g in gates))


def _back(e: Evidence) -> Iterator[Block]:
    for turn in e.rollbacks:
        depth = "binaries and the database" if turn.depth == "restore" else "binaries only"
        yield Heading(2, "Rollback")
        yield facts(
            ("Begun", f"{w.when(turn.at)} by {turn.by}"),
            ("Why", turn.why),
            ("How far", depth + (f", class {turn.migration_class}" if turn.migration_class else "")),
            ("Triggers", "; ".join(turn.triggers) or "none"),
            ("Typed", turn.phrase),
            ("Told before", turn.loses or "–"),
        )
    for loss in e.losses:
        yield Paragraph(w.lost(loss))


def _backlog(rows: Iterable[BacklogLine]) -> Table:
    names = ("Metric", "Baseline", "Current", "Delta", "Warn/crit", "State", "Reason")
    return table(
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


def _decisions(e: Evidence) -> Iterator[Block]:
    yield Heading(2, "Decisions, and their numbers")
    for decision in e.decisions:
        yield from _decision(decision)
    yield Heading(3, "At the end of the window" if e.window.closed else "Now")
    yield _backlog(e.backlog)


def _decision(decision: Decision) -> Iterator[Block]:
    yield Heading(3, f"{w.clock(decision.at)} {decision.what}")
    yield Paragraph(f"By {decision.by}, event {decision.event}; backlog {_SOURCES[decision.backlog_source]}.")
    if decision.backlog:
        yield _backlog(decision.backlog)
    if decision.gates:
        yield _gates(decision.gates)


def _work(e: Evidence) -> Iterator[Block]:
    yield Heading(2, "Runs")
    names = ("Run", "Command", "By", "Started", "Took", "Exit", "Log")
    yield table(names, map(_run, e.runs))
    yield Heading(2, "Steps")
    steps = (
        (
            s.title,
            w.words(s.state),
            w.when(s.at),
            s.by or "–",
            w.evidence(s) or (f"run {s.run}" if s.run else "–"),
        )
        for s in e.steps
    )
    yield table(("Step", "State", "At", "By", "Evidence"), steps)
    notes = [*e.notes, *(f"{step.title}: {note}" for step in e.steps for note in step.notes)]
    if notes:
        yield table(("Notes",), ((note,) for note in notes))
    if e.backups:
        yield Heading(2, "Backups")
        backups = (
            (b.event, b.path, w.when(b.captured), w.size(b.bytes), b.problem or "whole", b.sha256 or "–")
            for b in e.backups
        )
        yield table(("Event", "File", "Captured", "Size", "Found", "SHA-256"), backups)
    for drill in e.drills:
        yield Paragraph(
            f"Restore drill of run {drill.run} {'passed' if drill.passed else 'did NOT pass'}: "
            f"restore {w.duration(drill.restore)}, in all {w.duration(drill.total)}."
        )


def _run(run: RunEvidence) -> tuple[object, ...]:
    purpose = f" ({run.purpose.replace('-', ' ')})" if run.purpose else ""
    status = w.exit_status(run)
    said = f"{status}: {run.last_line}" if run.exit_status and run.last_line else status
    log = w.log_digest(run.log_bytes, run.log_sha256)
    return run.id, run.command + purpose, run.by, w.when(run.started), w.took(run.seconds), said, log


def _people(e: Evidence) -> Iterator[Block]:
    yield Heading(2, "People")
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
    yield table(("Name", "Role", "Login", "From", "First", "Last"), people)
    yield Paragraph("At the driver's keyboard:")
    seats = (
        (w.when(s.since), w.when(s.until), s.operator, f"{s.login} on {s.host}", s.ended or "–")
        for s in e.seats
    )
    yield table(("From", "Until", "Who", "Login", "Ended"), seats)
    if e.approvals:
        yield Paragraph("Second operators:")
        approvals = (
            (a.request, a.subject, w.when(a.requested), a.requested_by, a.state, w.approved(a), w.when(a.at))
            for a in e.approvals
        )
        yield table(("Request", "For", "Asked", "By", "State", "Second operator", "At"), approvals)
    for lines in e.messages:
        yield table(("Message to the channel",), ((line,) for line in lines))


def _thresholds(e: Evidence) -> Iterator[Block]:
    yield Heading(2, "Thresholds")
    yield Paragraph(f"Source: {e.thresholds.source}")
    limits = ((x.label, w.number(x.warning), w.number(x.critical)) for x in e.thresholds.limits)
    yield table(("Metric", "Warning above", "Critical above"), limits)


def _timeline(e: Evidence) -> Iterator[Block]:
    yield Heading(2, "Timeline")
    rows = ((x.event, w.when(x.at), x.by or "–", x.kind, x.words) for x in e.timeline)
    yield table(("Event", "At", "By", "Kind", "What"), rows, EVENTS)


def _chain(e: Evidence) -> Iterator[Block]:
    yield Heading(2, "The journal's chain")
    yield Paragraph(f"Last event {e.chain.head}, {w.when(e.chain.at)}, SHA-256:")
    yield Verbatim(e.chain.sha256 or "–")
    yield Paragraph("Events taken off the end leave no trace: compare it with one noted before.")
    if e.chain.problems:
        yield table(("What does not verify",), ((problem,) for problem in e.chain.problems))
    if e.chain.left_out:
        yield table(("What is left out but in the timeline",), ((one,) for one in e.chain.left_out))
