"""What evidence is made from: a journal read leniently, and what the deployment said."""

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from state.events import Recorded, RollbackBegun, UnknownEvent, WindowDeclared
from state.fold import evolve
from state.journal.chain import Row
from state.journal.directory import JOURNAL, READINGS
from state.journal.events import JournalReader, recorded
from state.journal.readings import ReadingsError, ReadingsReader
from state.readings import Observed, Reading
from state.report.standing import Unseen, unseen_end
from state.window import Window

#: Points of each metric's chart: about one for two pixels.
POINTS = 360
#: Seconds of summaries by which a moment is judged again: what judgement replays.
_REPLAYED = 1800.0
#: Seconds to wait for readings that are busy: without them a report would be silent where it should not.
_PATIENCE = 10.0
#: Moments that are judged again; later ones are told without rows.
_MOST_MOMENTS = 40
#: Of a row: what follows is the chain's.
_COLUMNS = 7

Series = Mapping[str, tuple[tuple[float, float | None], ...]]


class Moment(Struct, frozen=True):
    """A decision on numbers: the window just before it, and the summaries that led to it."""

    before: Window
    summaries: tuple[Reading, ...] = ()


class Source(Struct, frozen=True):
    """`records` are the events that can be read, `unreadable` why the others cannot, by their number.

    `window` is their fold, without those that are `senseless` after the ones before; `moments` are by
    the number of the event that decided. `problems` are those of the chain and the file, `silence` says
    why there are no readings. `unseen` is the end of the open run where no console has taken that in.
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
    unseen: Unseen | None = None


def read(directory: Path, now: float) -> Source:
    """Reads a window, which may be driven meanwhile; raises JournalError or sqlite3.Error without one."""
    with closing(JournalReader(directory / JOURNAL)) as reader:
        rows = tuple(reader.rows())
        problems = reader.problems()
    records, unreadable = _records(rows)
    window, moments, senseless = _folded(records)
    unseen = unseen_end(directory, window, now)
    source = Source(rows, tuple(problems), records, unreadable, senseless, window, moments, unseen=unseen)
    return _with_readings(source, directory / READINGS, window.closed_at or now)


def _records(rows: tuple[Row, ...]) -> tuple[tuple[Recorded, ...], dict[int, str]]:
    records: list[Recorded] = []
    unreadable: dict[int, str] = {}
    for row in rows:
        try:
            records.append(recorded(row[:_COLUMNS]))
        except (UnknownEvent, TypeError) as error:
            unreadable[row.seq] = str(error)
    return tuple(records), unreadable


def _folded(records: tuple[Recorded, ...]) -> tuple[Window, dict[int, Moment], dict[int, str]]:
    """The window after all events that make sense, its moments, and those that make none."""
    window = Window()
    moments: dict[int, Moment] = {}
    senseless: dict[int, str] = {}
    for one in records:
        if isinstance(one.event, RollbackBegun | WindowDeclared) and len(moments) < _MOST_MOMENTS:
            moments[one.seq] = Moment(window)
        try:
            window = evolve(window, one)
        except UnknownEvent as error:
            senseless[one.seq] = str(error)
    return window, moments, senseless


def _with_readings(source: Source, path: Path, until: float) -> Source:
    by_number = {one.seq: one.at for one in source.records}
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
