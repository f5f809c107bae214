"""readings.db: one writer, run-length spans, a reader that follows, and files that are something else."""

import fcntl
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from state.journal.readings import ReadingsError, ReadingsReader
from state.journal.readings_schema import COUNTS, MIGRATIONS
from state.journal.readings_writer import ReadingsWriter
from state.readings import METRICS, Ask, Observed, Reading, ReadingClass

A, B = "http://a:1", "http://b:1"
START = 1_770_000_000.0


def ready(at: float, reading_class: ReadingClass = ReadingClass.OK, replica: str = A) -> Reading:
    known = reading_class is ReadingClass.OK
    values = {"status": "ready", "dependencies": []} if known else None
    latency = 4.0 if known else None
    return Reading(Ask.READY, replica, at, reading_class, at - START, 200, latency, 0.1, values, "")


def ops(at: float, pending: int | None = 3) -> Reading:
    if pending is None:
        return Reading(Ask.OPS, A, at, ReadingClass.UNAUTHORIZED, code=401, reason="401: no")
    return Reading(Ask.OPS, A, at, ReadingClass.OK, code=200, values={"pendingOutboxEvents": pending})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "readings.db"


@pytest.fixture
def writer(path: Path) -> Iterator[ReadingsWriter]:
    opened = ReadingsWriter(path, every=2.0, slowest=8.0)
    yield opened
    opened.close()


@pytest.fixture
def reader(path: Path) -> Iterator[ReadingsReader]:
    opened = ReadingsReader(path)
    yield opened
    opened.close()


def test_the_counts_are_the_metrics() -> None:
    assert tuple(metric.key for metric in METRICS) == COUNTS


def test_the_file_is_ours_alone_and_safe(path: Path, writer: ReadingsWriter) -> None:
    writer.append([ready(START)])
    for name in ("readings.db", "readings.db-wal", "readings.db-shm"):
        assert (path.parent / name).stat().st_mode & 0o777 == 0o600
    seen = sqlite3.connect(path)
    assert seen.execute("pragma journal_mode").fetchone() == ("wal",)
    assert seen.execute("pragma user_version").fetchone() == (len(MIGRATIONS),)
    strict = dict(seen.execute("select name, strict from pragma_table_list where schema = 'main'").fetchall())
    assert all(
        strict[name] for name in ("readings", "spans", "watches", "attendance", "newest", "ops_counts")
    )
    seen.close()


def test_a_reading_comes_back_as_it_was(writer: ReadingsWriter, reader: ReadingsReader) -> None:
    written = [ready(START), ops(START + 1), ops(START + 2, None), ready(START + 1, replica=B)]
    writer.append(written)
    observed = reader.look(START + 3)
    latest = observed.latest
    assert set(latest) == {(Ask.READY, A), (Ask.READY, B), (Ask.OPS, A)}
    assert latest[Ask.OPS, A].reading_class is ReadingClass.UNAUTHORIZED
    assert latest[Ask.OPS, A].values is None
    assert [replace(each, id=0) for each in observed.ops] == written[1:3]
    assert [replace(each, id=0) for each in observed.ready_recent] == [written[0], written[3]]
    assert observed.polls == 2


def test_nothing_there_yet(reader: ReadingsReader, path: Path) -> None:
    assert reader.look(START) == Observed()
    assert (reader.attendance(), reader.watches(), reader.last_at()) == ((), (), None)
    path.touch()
    assert reader.look(START) == Observed()
    writer = ReadingsWriter(path, 2.0, 8.0)
    writer.append([ready(START)])
    assert reader.look(START).latest[Ask.READY, A].at == START
    assert reader.last_at() == START
    writer.close()


def test_the_same_object_until_there_is_something_new(writer: ReadingsWriter, reader: ReadingsReader) -> None:
    writer.append([ready(START)])
    first = reader.look(START)
    assert reader.look(START + 5) is first
    writer.append([ready(START + 2)])
    second = reader.look(START + 5)
    assert second is not first
    assert (len(first.ready_recent), len(second.ready_recent)) == (1, 2)


def test_a_reader_that_follows_sees_what_a_new_one_sees(path: Path, writer: ReadingsWriter) -> None:
    following = ReadingsReader(path)
    classes = [
        ReadingClass.OK,
        ReadingClass.OK,
        ReadingClass.NOT_READY,
        ReadingClass.TIMEOUT,
        ReadingClass.OK,
    ]
    for step in range(400):
        at = START + step * 10
        batch = [ready(at, classes[step % 5], A), ready(at, ReadingClass.OK, B)]
        writer.append([*batch, ops(at, step)] if step % 3 == 0 else batch)
        if step % 7 == 0 or step == 399:
            new = ReadingsReader(path)
            assert following.look(at + 1) == new.look(at + 1)
            new.close()
    following.close()


def spans(reader: ReadingsReader) -> list[tuple[str, float, float, int]]:
    return [
        (span.reading_class.value, span.first_at - START, span.last_at - START, span.count)
        for span in reader.look(START).ready_spans
    ]


def test_spans_are_run_lengths(writer: ReadingsWriter, reader: ReadingsReader) -> None:
    writer.append([ready(START + at) for at in (0, 2, 4)])
    writer.append([ready(START + 6, ReadingClass.NOT_READY), ready(START + 8), ready(START + 10)])
    assert spans(reader) == [("ok", 0, 4, 3), ("not_ready", 6, 6, 1), ("ok", 8, 10, 2)]


def test_a_gap_of_more_than_three_intervals_begins_a_new_span(
    writer: ReadingsWriter, reader: ReadingsReader
) -> None:
    writer.append([ready(START), ready(START + 6), ready(START + 12.5)])
    assert spans(reader) == [("ok", 0, 6, 2), ("ok", 12.5, 12.5, 1)]


def test_a_hanging_replica_is_one_span_though_its_readings_come_late(
    writer: ReadingsWriter, reader: ReadingsReader
) -> None:
    writer.append([ready(START + at, ReadingClass.TIMEOUT) for at in (0, 8, 16, 24)])
    assert spans(reader) == [("timeout", 0, 24, 4)]


def test_replicas_and_asks_have_spans_of_their_own(writer: ReadingsWriter, reader: ReadingsReader) -> None:
    live = Reading(Ask.LIVE, A, START, ReadingClass.REFUSED, reason="x")
    writer.append([ready(START), ready(START, ReadingClass.RESET, B), live, ready(START + 2), ops(START)])
    assert spans(reader) == [("ok", 0, 2, 2), ("reset", 0, 0, 1)]


def test_a_round_is_written_as_a_whole_or_not_at_all(writer: ReadingsWriter, reader: ReadingsReader) -> None:
    unwritable = Reading(Ask.READY, A, START, ReadingClass.OK, values={"x": object()})
    with pytest.raises(TypeError):
        writer.append([ready(START), unwritable])
    assert reader.look(START) == Observed()
    writer.append([ready(START)])
    assert len(reader.look(START).ready_recent) == 1


def test_history_is_thinned_and_keeps_peaks_and_holes(writer: ReadingsWriter, reader: ReadingsReader) -> None:
    writer.append([ops(START + step * 15, None if 300 <= step < 400 else step) for step in range(600)])
    history = reader.look(START + 9000).history
    assert set(history) == set(COUNTS)
    points = history["pendingOutboxEvents"]
    assert len(points) == 60
    assert [at for at, _ in points] == sorted(at for at, _ in points)
    assert points[-1] == (START + 599 * 15, 599.0)
    assert sum(value is None for _, value in points) in (9, 10)
    assert {value for _, value in history["failedSearchJobs"]} == {None}


def test_only_the_last_half_hour_and_ten_minutes(writer: ReadingsWriter, reader: ReadingsReader) -> None:
    writer.append(
        [each for step in range(300) for each in (ready(START + step * 10), ops(START + step * 10))]
    )
    observed = reader.look(START + 2990)
    assert observed.ops[0].at == START + 2990 - 1800
    assert observed.ready_recent[0].at == START + 2990 - 600
    assert observed.polls == 300


def test_watches_and_attendance(writer: ReadingsWriter, reader: ReadingsReader) -> None:
    first = writer.watch_started(10, START)
    writer.append([ready(START + 7)])
    second = writer.watch_started(11, START + 60)
    writer.watch_ended(second, START + 90, "the window is closed")
    writer.attendance(START, True)
    writer.attendance(START + 30, False)
    assert first != second
    assert [(each.pid, each.ended_at, each.why) for each in reader.watches()] == [
        (10, START + 7, "ended without a word"),
        (11, START + 90, "the window is closed"),
    ]
    assert reader.attendance() == ((START, True), (START + 30, False))
    assert reader.look(START).watch_since is None


def test_a_watch_is_there_while_its_lock_is_held(
    path: Path, writer: ReadingsWriter, reader: ReadingsReader
) -> None:
    writer.watch_started(10, START)
    assert reader.look(START).watch_since is None
    with (path.parent / "watch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert reader.look(START).watch_since == START
    assert reader.look(START).watch_since is None


def _text(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)


def _foreign(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("create table notes (a)")
    connection.close()


def _newer(path: Path) -> None:
    ReadingsWriter(path, 2.0, 8.0).close()
    connection = sqlite3.connect(path)
    connection.execute(f"pragma user_version = {len(MIGRATIONS) + 1}")
    connection.close()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [(_text, "is damaged"), (_foreign, "holds no readings"), (_newer, "newer drawbridge: use that version")],
)
def test_other_files_are_refused_with_a_sentence(
    path: Path, make: Callable[[Path], None], sentence: str, reader: ReadingsReader
) -> None:
    make(path)
    before = path.read_bytes()
    with pytest.raises(ReadingsError, match=sentence):
        reader.look(START)
    with pytest.raises(ReadingsError, match=sentence):
        ReadingsWriter(path, 2.0, 8.0)
    assert path.read_bytes() == before


def test_damage_inside_is_a_sentence(path: Path, reader: ReadingsReader) -> None:
    writer = ReadingsWriter(path, 2.0, 8.0)
    writer.append([ready(START + step) for step in range(2000)])
    writer.close()
    with path.open("r+b") as stream:
        stream.seek(8192)
        stream.write(b"\xff" * (path.stat().st_size - 8192))
    with pytest.raises(ReadingsError, match="cannot be read"):
        reader.look(START)


def test_a_busy_file_is_no_error_and_no_wait(
    path: Path, writer: ReadingsWriter, reader: ReadingsReader
) -> None:
    writer.append([ready(START)])
    first = reader.look(START)
    writer.close()
    reader.close()
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("pragma locking_mode = exclusive")
    blocker.execute("begin exclusive")
    started = time.monotonic()
    assert reader.look(START) is first
    assert (reader.last_at(), reader.watches()) == (None, ())
    assert time.monotonic() - started < 2
    blocker.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="the super-user may read everything")
def test_a_file_that_may_not_be_read(path: Path, reader: ReadingsReader) -> None:
    ReadingsWriter(path, 2.0, 8.0).close()
    path.chmod(0)
    with pytest.raises(ReadingsError, match="cannot be read"):
        reader.look(START)


def _fill(path: Path, seconds: int) -> None:
    writer = ReadingsWriter(path, 2.0, 8.0)
    batch: list[Reading] = []
    for at in range(0, seconds, 2):
        for replica in (A, B, "http://c:1"):
            live = Reading(Ask.LIVE, replica, START + at, ReadingClass.OK, code=200, latency_ms=1, values={})
            batch += [live, ready(START + at, replica=replica)]
        if at % 15 < 2:
            batch.append(ops(START + at, at % 100))
    writer.append(batch)
    writer.close()


def _cold_look(path: Path, now: float) -> float:
    reader = ReadingsReader(path)
    started = time.process_time()
    assert reader.look(now).polls > 0
    took = time.process_time() - started
    reader.close()
    return took


def test_a_long_window_opens_as_fast_as_a_short_one(tmp_path: Path) -> None:
    seconds = {"short": 1800, "long": 33_000}
    took = {}
    for name, length in seconds.items():
        _fill(tmp_path / name, length)
        took[name] = min(_cold_look(tmp_path / name, START + length) for _ in range(5))
    # 100,000 readings against 5,500: reading them all would take 18 times as long.
    assert took["long"] < 5 * took["short"]


def test_a_file_that_was_moved_away_is_not_read_on(path: Path, reader: ReadingsReader) -> None:
    """The watch begins a new file then: who reads the old one would wait for ever."""
    first = ReadingsWriter(path, every=2.0, slowest=8.0)
    first.append([ready(START), ready(START + 2)])
    assert reader.look(START + 2).latest[Ask.READY, A].at == START + 2
    first.close()
    for name in ("readings.db", "readings.db-wal", "readings.db-shm"):
        if (path.parent / name).exists():
            (path.parent / name).rename(path.parent / f"{name}.bad")
    assert reader.look(START + 4).latest[Ask.READY, A].at == START + 2
    second = ReadingsWriter(path, every=2.0, slowest=8.0)
    second.append([ready(START + 6, ReadingClass.NOT_READY)])
    seen = reader.look(START + 6)
    assert seen.latest[Ask.READY, A].at == START + 6
    assert [span.reading_class for span in seen.ready_spans] == [ReadingClass.NOT_READY]
    second.close()
