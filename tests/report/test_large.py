"""A window of 20,000 events and 100,000 readings makes a report in bounded time, memory and size."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from state.events import (
    ConsoleAttached,
    Event,
    NoteAdded,
    PolicyTaken,
    TriggerCleared,
    TriggerTripped,
    WindowOpened,
)
from state.journal.directory import JOURNAL, READINGS
from state.journal.events import JournalWriter
from state.journal.readings_writer import ReadingsWriter
from state.policy import Policy
from state.readings import METRICS, Ask, Reading, ReadingClass

from ..unit.story import API, SAM, T0

EVENTS, READINGS_COUNT = 20_000, 100_000

#: Time and memory of one form of the report, beside those of only reading what it is made from.
MEASURED = """\
import json, resource, sqlite3, sys, time
from pathlib import Path
window, form = Path(sys.argv[1]), sys.argv[2]
begin = time.process_time()
if form == "floor":
    for name, table, column in (("journal.db", "events", "body"), ("readings.db", "readings", "body")):
        with sqlite3.connect(window / name) as link:
            rows = [json.loads(body) for (body,) in link.execute(f"select {column} from {table}")]
else:
    from state.report import forms
    from state.report.evidence import gather
    text = forms.render(gather(window, time.time()), forms.Form(form))
    Path(sys.argv[3]).write_text(text)
print(time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def events() -> Iterator[Event]:
    yield WindowOpened("2026-02-02-024000-production", "production", "2.0", "1.9", None)
    yield ConsoleAttached(4711)
    yield PolicyTaken(Policy().as_json())
    for number in range((EVENTS - 3) // 3):
        yield TriggerTripped("backlog", f"oldestPendingOutboxAgeSeconds {number} > 300 for 05:15")
        yield NoteAdded("", f"note {number}: nothing that anybody could do about it")
        yield TriggerCleared("backlog")
    yield NoteAdded("", "the last one")


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Written by the real writers, a flapping replica among it."""
    made = tmp_path_factory.mktemp("large")
    all_events = list(events())
    with closing(JournalWriter(made / JOURNAL, SAM, T0)) as writer:
        for start in range(0, len(all_events), 500):
            writer.append(all_events[start : start + 500], T0 + start * 2.0)
    body = {metric.key: 7 for metric in METRICS}
    with closing(ReadingsWriter(made / READINGS, 2.0, 5.0)) as readings:
        batch = []
        for number in range(READINGS_COUNT // 2):
            at = T0 + number * 0.8
            flaps = ReadingClass.OK if number % 2 else ReadingClass.NOT_READY
            batch.append(Reading(Ask.READY, API, at, flaps, at, 200, 3.0, 0.0, {"status": "ready"}))
            batch.append(Reading(Ask.OPS, API, at, ReadingClass.OK, at, 200, 3.0, 0.0, body))
        readings.append(batch)
    with closing(sqlite3.connect(made / READINGS)) as link:
        assert link.execute("select count(*) from readings").fetchone() == (READINGS_COUNT,)
    assert len(all_events) in range(EVENTS - 3, EVENTS + 1)
    return made


def measured(window: Path, form: str, file: Path) -> tuple[float, float]:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(window), form, str(file)],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    seconds, memory = done.stdout.split()
    return float(seconds), float(memory)


def test_time_and_memory_are_bounded_by_those_of_reading_it(window: Path, tmp_path: Path) -> None:
    floor_seconds, floor_memory = measured(window, "floor", tmp_path / "none")
    for form in ("md", "html", "json"):
        seconds, memory = measured(window, form, tmp_path / f"report.{form}")
        assert seconds < 25 * floor_seconds, (form, seconds, floor_seconds)
        assert memory < 3 * floor_memory, (form, memory, floor_memory)
    page = (tmp_path / "report.html").read_text()
    # Every event has its row; the charts are thinned, and the page says so.
    assert len(re.findall(r'<tr id="event-\d+"', page)) == len(list(events()))
    assert "the series is thinned from 50000 summaries" in page
    assert "Readiness is thinned" in page
    assert page.count('<rect class="bar') <= 400
    # Eight charts with at most a thousand places each.
    assert page.count('class="mark ') <= 8 * 1001
    assert max(len(path) for path in re.findall(r'd="([^"]*)"', page)) < 8_000
    document = json.loads((tmp_path / "report.json").read_text())
    assert len(document["timeline"]) == len(list(events()))
    assert all(len(chart["points"]) <= 2 * 360 for chart in document["charts"]["metrics"])
    ticket = (tmp_path / "report.md").read_text()
    assert "left out here" in ticket and ticket.count("\n") < 5_000
