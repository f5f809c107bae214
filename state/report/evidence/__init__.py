"""Gathers the evidence of a window, at any time and without writing anything."""

import sqlite3
from importlib.metadata import version
from pathlib import Path

from pydantic import ValidationError

from state.events import WindowDeclared
from state.journal.events import JournalError
from state.report.document import FORMAT, About, Chain, Evidence, Versions
from state.report.evidence import charts, judged, people, work
from state.report.evidence.source import Source, read
from state.report.evidence.timeline import timeline
from state.report.evidence.words import judged_line, moment_or_none
from state.report.moments import moment
from state.view import verdicts
from state.window import Window


def gather(directory: Path, now: float) -> Evidence:
    """The evidence as of `now`; raises JournalError where the journal gives none."""
    try:
        source = read(directory, now)
        if not source.rows:
            raise JournalError(f"{directory} holds no event: there is nothing to report yet.")
        return build(source, now)
    except (sqlite3.Error, ValidationError, ValueError, TypeError, ArithmeticError) as error:
        said = " ".join(str(error).split())[:200]
        raise JournalError(
            f"No report can be made of {directory}: its journal is damaged or forged ({said}). "
            "Keep a copy of the directory, and run `drawbridge verify`."
        ) from error


def build(source: Source, now: float) -> Evidence:
    """The evidence from what was read; pure."""
    window, records = source.window, source.records
    judged_now = verdicts(window, source.observed, now)
    return Evidence(
        format=FORMAT,
        made=moment(now),
        window=_about(source),
        versions=Versions(
            release=window.release,
            previous_release=window.previous_release,
            drawbridge=version("drawbridge"),
        ),
        chain=_chain(source),
        people=people.people(records),
        seats=people.seats(records),
        approvals=people.approvals(records),
        steps=work.steps(window, source.unseen),
        runs=work.runs(window, records, source.unseen),
        backups=work.backups(records),
        snapshots=judged.snapshots(records),
        decisions=judged.decisions(source),
        gates=judged.gates(source, judged_now),
        backlog=tuple(map(judged_line, judged_now.rows)),
        triggers=judged.trips(records),
        raised=judged.raised(records),
        exceptions=judged.exceptions(window),
        budget=judged.budget(judged_now),
        rollbacks=work.rollbacks(records),
        losses=work.losses(window, records),
        thresholds=judged.thresholds(window, records),
        drills=work.drills(window),
        messages=tuple(tuple(sent.text.split("\n")) for sent in window.messages),
        notes=_notes(window),
        charts=charts.charts(source),
        timeline=tuple(timeline(source)),
    )


def _about(source: Source) -> About:
    window = source.window
    declared = [r.event.reason for r in source.records if isinstance(r.event, WindowDeclared)]
    return About(
        id=window.id,
        environment=window.environment,
        practice=window.practice,
        state=window.phase,
        outcome=window.outcome or None,
        reason=declared[-1] if declared else "",
        opened=moment(window.opened_at) if window.id else None,
        opened_by=window.opened_by,
        closes=moment_or_none(window.closes_at),
        closed=moment_or_none(window.closed_at),
        database_may_be_empty=window.may_be_empty,
    )


def _chain(source: Source) -> Chain:
    head = source.rows[-1]
    return Chain(
        events=len(source.rows),
        head=head.seq,
        at=moment(head.at),
        sha256=head.hash,
        verifies=not source.problems,
        problems=source.problems,
        left_out=tuple(
            f"event {number}: {why}"
            for number, why in sorted({**source.unreadable, **source.senseless}.items())
        ),
    )


def _notes(window: Window) -> tuple[str, ...]:
    """Those on the window; what was noted on a step stands with the step."""
    return tuple(map(work.note_line, window.notes))
