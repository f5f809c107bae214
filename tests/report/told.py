"""A window's directory written from a story, with readings, as a console and a watch would leave it."""

from collections.abc import Iterable
from contextlib import closing
from itertools import groupby
from pathlib import Path

from state.events import Recorded
from state.journal.directory import JOURNAL, READINGS
from state.journal.events import JournalWriter
from state.journal.readings_writer import ReadingsWriter
from state.readings import METRICS, Ask, Reading, ReadingClass

from ..unit.story import API, T0, Story


def written(directory: Path, records: Iterable[Recorded]) -> Path:
    """The journal of these events, by the real writer; a new epoch begins where theirs does."""
    directory.mkdir(exist_ok=True)
    for _, of_epoch in groupby(records, key=lambda recorded: recorded.epoch):
        events = list(of_epoch)
        writer = JournalWriter(directory / JOURNAL, events[0].actor, events[0].at)
        with closing(writer):
            for recorded in events:
                writer.actor = recorded.actor
                writer.append([recorded.event], recorded.at)
    return directory


def observed(directory: Path, seconds: int, values: Iterable[int] = (3, 1, 4), every: int = 15) -> None:
    """Readiness and summaries from the opening on, one of each every so many seconds."""
    values = list(values)
    with closing(ReadingsWriter(directory / READINGS, float(every), 5.0)) as writer:
        readings = []
        for number, after in enumerate(range(0, seconds, every)):
            at = T0 + after
            value = values[number % len(values)]
            body = {metric.key: value for metric in METRICS}
            readings.append(Reading(Ask.OPS, API, at, ReadingClass.OK, at, 200, 3.0, 0.0, body))
            readings.append(
                Reading(Ask.READY, API, at, ReadingClass.OK, at, 200, 3.0, 0.0, {"status": "ready"})
            )
        writer.append(readings)


def rolled_back() -> Story:
    """A whole window that went back with a restore, and what followed it up to the declaration."""
    story = Story(second_operator="never")
    return story.back_to("communicate")
