"""Every event of the journal in words, those that cannot be read included."""

from collections.abc import Iterator

from state.events import Recorded
from state.journal.chain import Row
from state.report.document import TimelineEvent
from state.report.evidence.source import Source
from state.report.moments import moment
from state.report.telling import is_turning, kind_of, tell
from state.text import printable
from state.window import Window

#: Characters that are shown of an event that cannot be read.
_SHOWN = 200


def timeline(source: Source) -> Iterator[TimelineEvent]:
    """The events in the order of the journal."""
    readable = {recorded.seq: recorded for recorded in source.records}
    for row in source.rows:
        recorded = readable.get(row.seq)
        if recorded is not None:
            yield _told(source.window, row, recorded)
        else:
            yield _untold(row, source.unreadable.get(row.seq, ""))


def _told(window: Window, row: Row, recorded: Recorded) -> TimelineEvent:
    return TimelineEvent(
        event=row.seq,
        epoch=row.epoch,
        at=moment(row.at),
        at_seconds=row.at,
        by=recorded.actor.operator,
        kind=kind_of(recorded).value,
        name=row.kind,
        words=tell(window, recorded),
        turning=is_turning(recorded),
        sha256=row.hash,
    )


def _untold(row: Row, why: str) -> TimelineEvent:
    content = printable(row.body)[:_SHOWN]
    return TimelineEvent(
        event=row.seq,
        epoch=row.epoch,
        at=moment(row.at),
        at_seconds=row.at,
        by="",
        kind="unreadable",
        name=row.kind,
        words=f"CANNOT BE READ ({why}): {content}",
        turning=True,
        sha256=row.hash,
    )
