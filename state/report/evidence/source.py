"""What evidence is made from: a journal read leniently, and what the deployment said."""

import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from state.events import (
    KINDS,
    Actor,
    Event,
    Recorded,
    RollbackBegun,
    UnknownEvent,
    WindowDeclared,
    from_body,
)
from state.fold import evolve
from state.journal.chain import Row
from state.journal.directory import JOURNAL, READINGS
from state.journal.events import JournalReader
from state.journal.readings import ReadingsError, ReadingsReader
from state.readings import Observed, Reading
from state.window import Window

#: Points of each metric's chart: about one for two pixels.
POINTS = 360
#: Seconds of summaries by which a moment is judged again: what judgement replays.
_REPLAYED = 1800.0
#: Seconds to wait for readings that are busy: without them a report would be silent where it should not.
_PATIENCE = 10.0
#: Moments that are judged again; later ones are told without rows.
_MOST_MOMENTS = 40
#: The year 9999 ends here, and with it what a calendar can show.
LATEST = 253_402_300_799.0

_ACTOR = TypeAdapter(Actor)
Series = Mapping[str, tuple[tuple[float, float | None], ...]]


@dataclass(frozen=True, slots=True)
class Moment:
    """A decision on numbers: the window just before it, and the summaries that led to it."""

    before: Window
    summaries: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """`records` are the events that can be read, `unreadable` why the others cannot, by their number.

    `window` is their fold, without those that are `senseless` after the ones before; `moments` are by
    the number of the event that decided. `problems` are those of the chain and the file, `silence` says
    why there are no readings.
    """

    rows: tuple[Row, ...]
    problems: tuple[str, ...]
    records: tuple[Recorded, ...]
    unreadable: Mapping[int, str]
    senseless: Mapping[int, str]
    window: Window
    moments: Mapping[int, Moment]
    observed: Observed = field(default_factory=Observed)
    series: Series = field(default_factory=dict)
    silence: str = ""


def read(directory: Path, now: float) -> Source:
    """Reads a window, which may be driven meanwhile; raises JournalError or sqlite3.Error without one."""
    with closing(JournalReader(directory / JOURNAL)) as reader:
        rows = tuple(reader.rows())
        problems = reader.problems()
    records, unreadable = _records(rows)
    window, moments, senseless = _folded(records)
    source = Source(rows, tuple(problems), records, unreadable, senseless, window, moments)
    return _with_readings(source, directory / READINGS, window.closed_at or now)


def _records(rows: tuple[Row, ...]) -> tuple[tuple[Recorded, ...], dict[int, str]]:
    records: list[Recorded] = []
    unreadable: dict[int, str] = {}
    for row in rows:
        try:
            records.append(_recorded(row))
        except ValidationError as error:
            unreadable[row.seq] = f"{error.errors()[0]['loc']} is not what it should be"
        except (UnknownEvent, ValueError, TypeError, KeyError) as error:
            unreadable[row.seq] = str(error)
    return tuple(records), unreadable


def _recorded(row: Row) -> Recorded:
    if not 0 <= row.at <= LATEST:
        raise ValueError("its time is none")
    event = from_body(row.kind, row.version, json.loads(row.body))
    # Whoever forges a journal keeps to no type.
    _shape(row.kind).validate_json(row.body, strict=True)
    actor = _ACTOR.validate_json(row.actor, strict=True)
    return Recorded(row.seq, row.epoch, row.at, actor, event)


@cache
def _shape(kind: str) -> TypeAdapter[Event]:
    return TypeAdapter(KINDS[kind])


def _folded(records: tuple[Recorded, ...]) -> tuple[Window, dict[int, Moment], dict[int, str]]:
    """The window after all events that make sense, its moments, and those that make none."""
    window = Window()
    moments: dict[int, Moment] = {}
    senseless: dict[int, str] = {}
    for recorded in records:
        if isinstance(recorded.event, RollbackBegun | WindowDeclared) and len(moments) < _MOST_MOMENTS:
            moments[recorded.seq] = Moment(window)
        try:
            window = evolve(window, recorded)
        except UnknownEvent as error:
            senseless[recorded.seq] = str(error)
    return window, moments, senseless


def _with_readings(source: Source, path: Path, until: float) -> Source:
    by_number = {recorded.seq: recorded.at for recorded in source.records}
    reader = ReadingsReader(path, _PATIENCE)
    try:
        moments = {
            number: replace(
                moment, summaries=reader.summaries(by_number[number] - _REPLAYED, by_number[number])
            )
            for number, moment in source.moments.items()
        }
        observed, series = reader.look(until), reader.series(POINTS)
    except ReadingsError as error:
        return replace(source, silence=str(error))
    finally:
        reader.close()
    return replace(source, moments=moments, observed=observed, series=series)
