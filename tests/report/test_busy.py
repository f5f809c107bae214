"""A report that is made while others write waits for them, and has what they wrote."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from state.journal.directory import READINGS
from state.report.evidence import gather

from ..unit.story import T0, Story
from .told import observed, written


def test_readings_that_are_busy_are_waited_for(tmp_path: Path) -> None:
    story = Story().until("deploy")
    directory = written(tmp_path / "w", story.records)
    observed(directory, 90)
    with closing(
        sqlite3.connect(directory / READINGS, isolation_level=None, check_same_thread=False)
    ) as other:
        other.execute("pragma journal_mode = delete")
        other.execute("begin exclusive")
        # Longer than a console is patient; the report must not come before.
        release = threading.Timer(0.6, lambda: other.execute("rollback"))
        release.start()
        evidence = gather(directory, T0 + 90)
        assert release.finished.is_set()
        release.join()
    assert evidence.charts.summaries == 6
    assert evidence.complaints == ()
