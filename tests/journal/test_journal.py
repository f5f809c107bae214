"""The journal: appended by one, never changed, whole after any death, and honest about damage."""

import json
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import state
from state.events import Actor, Event, NoteAdded, StepBegun, StepPassed, WindowOpened
from state.journal.events import JournalError, JournalReader, JournalWriter, TakenOver
from state.journal.schema import APPLICATION_ID, MIGRATIONS

ROOT = Path(state.__file__).parents[1]
SAM = Actor("sam", "sam", "bastion", "pts/1", "192.0.2.7")
T0 = 1_770_000_000.0
OPENED = WindowOpened("w", "production", "2.0", "1.9", None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


@pytest.fixture
def writer(path: Path) -> Iterator[JournalWriter]:
    opened = JournalWriter(path, SAM, T0)
    yield opened
    opened.close()


def kept(path: Path) -> list[Event]:
    reader = JournalReader(path)
    try:
        return [recorded.event for recorded in reader.after(0)]
    finally:
        reader.close()


def problem(path: Path) -> str:
    reader = JournalReader(path)
    try:
        return reader.problem()
    finally:
        reader.close()


def notes(count: int) -> list[Event]:
    return [NoteAdded("", f"note {number} é 漢") for number in range(count)]


def raw(path: Path, *statements: str) -> None:
    """Statements by another program, as a curious operator would run them."""
    link = sqlite3.connect(path, isolation_level=None)
    try:
        for statement in statements:
            link.execute(statement)
    finally:
        link.close()


# What is appended is there


def test_what_was_appended_is_read(path: Path, writer: JournalWriter) -> None:
    first = writer.append([OPENED, *notes(2)], T0)
    second = writer.append([StepBegun("deploy")], T0 + 1)
    reader = JournalReader(path)
    assert reader.after(0) == [*first, *second]
    assert reader.after(3) == second
    assert reader.after(4) == []
    assert [recorded.seq for recorded in reader.after(0)] == [1, 2, 3, 4]
    assert {recorded.epoch for recorded in reader.after(0)} == {1}
    assert second[0].actor == SAM
    assert reader.problem() == ""
    assert writer.append([], T0 + 2) == []
    reader.close()


def test_a_reader_sees_what_is_appended_later(path: Path, writer: JournalWriter) -> None:
    reader = JournalReader(path)
    assert reader.after(0) == []
    assert reader.problem() == ""
    later = writer.append(notes(1), T0)
    assert reader.after(0) == later
    reader.close()


def test_each_writer_is_an_epoch(path: Path) -> None:
    epochs = []
    for number in range(3):
        writer = JournalWriter(path, SAM, T0 + number)
        (recorded,) = writer.append(notes(1), T0 + number)
        epochs.append((writer.epoch, recorded.epoch, recorded.seq))
        writer.close()
    assert epochs == [(1, 1, 1), (2, 2, 2), (3, 3, 3)]
    assert problem(path) == ""


def test_whole_seconds_are_as_good_as_any(path: Path, writer: JournalWriter) -> None:
    writer.append(notes(1), 1_770_000_000)
    assert problem(path) == ""


def test_it_is_ours_alone_and_safe(path: Path, writer: JournalWriter) -> None:
    writer.append(notes(1), T0)
    for name in ("journal.db", "journal.db-wal", "journal.db-shm"):
        assert (path.parent / name).stat().st_mode & 0o777 == 0o600, name
    link = sqlite3.connect(path)
    assert link.execute("pragma journal_mode").fetchone()[0] == "wal"
    assert link.execute("pragma application_id").fetchone()[0] == APPLICATION_ID
    assert link.execute("pragma user_version").fetchone()[0] == len(MIGRATIONS)
    tables = "select name from sqlite_schema where type = 'table' and sql not like '%strict%'"
    assert link.execute(tables).fetchall() == []
    link.close()
    (level,) = writer._db.execute("pragma synchronous").fetchone()
    assert level == 2


# All or nothing


UNFIT: dict[str, Event] = {
    "not a number": StepPassed("health", "ready", {"ready_for": float("nan")}),
    "half a character": NoteAdded("", "\ud800"),
}


@pytest.mark.parametrize("unfit", UNFIT.values(), ids=UNFIT.keys())
def test_events_that_cannot_be_written_leave_nothing_behind(
    path: Path, writer: JournalWriter, unfit: Event
) -> None:
    writer.append([OPENED], T0)
    with pytest.raises(JournalError, match=r"journal\.db cannot be written \(.*\)\. Nothing was decided"):
        writer.append([*notes(2), unfit], T0)
    assert kept(path) == [OPENED]
    writer.append(notes(1), T0)
    assert kept(path) == [OPENED, *notes(1)]
    assert problem(path) == ""


def test_a_programming_error_leaves_nothing_behind_either(path: Path, writer: JournalWriter) -> None:
    with pytest.raises(TypeError):
        writer.append([*notes(2), NoteAdded("", object())], T0)
    writer.append(notes(1), T0)
    assert kept(path) == notes(1)


def test_an_insert_that_is_refused_takes_back_those_before_it(path: Path, writer: JournalWriter) -> None:
    raw(
        path,
        "create trigger no_deploy before insert on events when new.body like '%deploy%'"
        " begin select raise(abort, 'no deploy'); end",
    )
    with pytest.raises(JournalError, match="no deploy"):
        writer.append([*notes(3), StepBegun("deploy")], T0)
    assert kept(path) == []
    writer.append(notes(1), T0)
    assert kept(path) == notes(1)


def test_a_journal_that_another_program_holds_is_a_sentence(path: Path, writer: JournalWriter) -> None:
    writer.append([OPENED], T0)
    link = sqlite3.connect(path, isolation_level=None)
    link.execute("begin immediate")
    with pytest.raises(
        JournalError, match=r"stopped in the middle of a write\. Nothing was decided\. Wake it or end it"
    ):
        writer.append(notes(1), T0)
    link.execute("rollback")
    link.close()
    writer.append(notes(1), T0)
    assert kept(path) == [OPENED, *notes(1)]


# Guards


CHANGES = {
    "update": "update events set body = '{}' where seq = 1",
    "delete": "delete from events where seq = 2",
    "replace": "replace into events select * from events where seq = 1",
    "replace another": (
        "insert or replace into events select seq, epoch, at, kind, version, actor, '{}', prev, 'x'"
        " from events where seq = 2"
    ),
    "a gap": "insert into events select 4, epoch, at, kind, version, actor, body, hash, 'x'"
    " from events where seq = 2",
    "before the first": "insert into events select 0, epoch, at, kind, version, actor, body, prev, 'x'"
    " from events where seq = 1",
    "a wrong previous": "insert into events select 3, epoch, at, kind, version, actor, body, prev, 'x'"
    " from events where seq = 2",
    "an epoch that never was": "insert into events select 3, 7, at, kind, version, actor, body, hash, 'x'"
    " from events where seq = 2",
    "an epoch changed": "update epochs set pid = 1",
    "an epoch deleted": "delete from epochs",
    "an epoch again": "insert into epochs values (1, 0, '', 1)",
    "an epoch left out": "insert into epochs values (3, 0, '', 1)",
    "an epoch replaced": "replace into epochs values (1, 0, '', 1)",
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES.keys())
def test_guards_refuse(path: Path, writer: JournalWriter, statement: str) -> None:
    writer.append(notes(2), T0)
    with pytest.raises(sqlite3.IntegrityError):
        raw(path, statement)
    assert kept(path) == notes(2)
    assert problem(path) == ""
    writer.append([OPENED], T0)


def test_a_later_epoch_takes_over(path: Path, writer: JournalWriter) -> None:
    writer.append(notes(1), T0)
    later = JournalWriter(path, SAM, T0 + 1)
    with pytest.raises(TakenOver, match="Another console has taken over"):
        writer.append(notes(1), T0 + 2)
    later.append([OPENED], T0 + 3)
    with pytest.raises(TakenOver):
        writer.append(notes(1), T0 + 4)
    assert kept(path) == [*notes(1), OPENED]
    later.close()


# Damage


UNGUARDED = ("drop trigger events_keep", "drop trigger events_stay", "drop trigger events_guard")
FORGERIES = {
    "body": "update events set body = replace(body, 'note 1', 'note 7') where seq = 3",
    "kind": "update events set kind = 'StepSkipped' where seq = 3",
    "version": "update events set version = 2 where seq = 3",
    "time": "update events set at = at + 1 where seq = 3",
    "actor": "update events set actor = replace(actor, 'sam', 'kim') where seq = 3",
    "hash": "update events set hash = 'x' where seq = 3",
    "previous": "update events set prev = 'x' where seq = 3",
    "one deleted": "delete from events where seq = 3",
    "the first deleted": "delete from events where seq = 1",
    "renumbered": "update events set seq = 9 where seq = 5",
    "one added": "insert into events select 6, epoch, at, kind, version, actor, body, 'x', 'y'"
    " from events where seq = 5",
    "a blob": "update events set body = cast(x'ff00' as text) where seq = 3",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_the_chain_shows_a_changed_row(path: Path, writer: JournalWriter, forgery: str) -> None:
    writer.append([OPENED, *notes(4)], T0)
    assert problem(path) == ""
    raw(path, *UNGUARDED, forgery)
    assert str(path) in problem(path)


def test_damage_is_not_taken_for_a_later_version(path: Path, writer: JournalWriter) -> None:
    writer.append([OPENED, *notes(4)], T0)
    raw(path, *UNGUARDED, "update events set kind = 'NoteAddee' where seq = 3")
    reader = JournalReader(path)
    with pytest.raises(JournalError, match=r"event 3 \(NoteAddee\) was changed"):
        reader.after(0)
    reader.close()


def test_a_damaged_schema_is_told_on_one_line(path: Path, writer: JournalWriter) -> None:
    """SQLite quotes what it cannot read, with all its lines."""
    writer.append(notes(2), T0)
    spoilt = "update sqlite_schema set sql = replace(sql, 'begin', '`' || char(10)) where type = 'trigger'"
    raw(path, "pragma writable_schema = on", spoilt)
    with pytest.raises(JournalError, match="malformed database schema") as caught:
        JournalReader(path).after(0)
    assert "\n" not in str(caught.value)


def test_whichever_page_is_damaged_is_told_on_one_line(path: Path, writer: JournalWriter) -> None:
    writer.append(notes(60), T0)
    raw(path, "pragma wal_checkpoint(truncate)")
    content = path.read_bytes()
    told = []
    for place in range(4096, len(content), 4096):
        path.write_bytes(content[:place] + bytes(4096) + content[place + 4096 :])
        told.append(problem(path))
    assert any("in database main" in said for said in told), "SQLite says it otherwise: this shows nothing"
    assert not [said for said in told if "\n" in said]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A closed journal of some pages, as bytes."""
    path = tmp_path_factory.mktemp("sound") / "journal.db"
    writer = JournalWriter(path, SAM, T0)
    for number in range(40):
        writer.append([*notes(2), StepBegun(f"step {number}")], T0 + number)
    writer.close()
    return path.read_bytes()


def _read(path: Path) -> tuple[str, list[Event] | None]:
    """What a reader says of a file: its problem, and its events where it gives any."""
    try:
        reader = JournalReader(path)
    except JournalError as error:
        return str(error), None
    try:
        return reader.problem(), [recorded.event for recorded in reader.after(0)]
    except JournalError as error:
        return str(error), None
    finally:
        reader.close()


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit_is_seen_or_changes_nothing(
    sound: bytes, tmp_path: Path, where: float, bit: int
) -> None:
    content = bytearray(sound)
    content[int(where * len(content))] ^= 1 << bit
    path = tmp_path / "flipped.db"
    for side in tmp_path.glob("flipped.db*"):
        side.unlink()
    path.write_bytes(content)
    found, events = _read(path)
    untouched = [event for n in range(40) for event in (*notes(2), StepBegun(f"step {n}"))]
    assert found or events == untouched


def test_most_flipped_bits_are_seen(sound: bytes, tmp_path: Path) -> None:
    """The property above would hold for a reader that saw nothing in a file without content."""
    seen = 0
    content = sound.rindex(b"note 1")
    for offset in range(content - 50, content + 50):
        path = tmp_path / f"{offset}.db"
        path.write_bytes(sound[:offset] + bytes([sound[offset] ^ 1]) + sound[offset + 1 :])
        seen += bool(_read(path)[0])
    assert seen == 100


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_seen(sound: bytes, tmp_path: Path, share: float) -> None:
    path = tmp_path / "cut.db"
    path.write_bytes(sound[: int(len(sound) * share)])
    assert _read(path)[0]


# Files that are something else


def _foreign(path: Path) -> None:
    raw(path, "create table t (x)", "insert into t values (1)")


def _newer(path: Path) -> None:
    JournalWriter(path, SAM, T0).close()
    raw(path, f"pragma user_version = {len(MIGRATIONS) + 1}")


STRANGERS: dict[str, tuple[Callable[[Path], object], str]] = {
    "foreign": (_foreign, "is not a Drawbridge journal"),
    "newer": (_newer, "was written by a newer Drawbridge"),
    "no database": (lambda path: path.write_text("hello " * 500), "cannot be"),
    "a directory": (lambda path: path.mkdir(), "cannot be"),
}


@pytest.mark.parametrize(("make", "words"), STRANGERS.values(), ids=STRANGERS.keys())
def test_strangers_are_refused_and_left_alone(path: Path, make: Callable[[Path], object], words: str) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(JournalError, match=words):
        JournalReader(path)
    with pytest.raises(JournalError, match=words):
        JournalWriter(path, SAM, T0)
    assert not path.is_file() or path.read_bytes() == before


def test_an_empty_file_is_no_journal_to_read_and_one_to_make(path: Path) -> None:
    path.touch()
    with pytest.raises(JournalError, match="is not a Drawbridge journal"):
        JournalReader(path)
    writer = JournalWriter(path, SAM, T0)
    writer.append(notes(1), T0)
    writer.close()
    assert kept(path) == notes(1)


def test_no_file_is_a_sentence(path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be read"):
        JournalReader(path)
    assert not path.exists()
    with pytest.raises(JournalError, match="cannot be written"):
        JournalWriter(path.parent / "missing" / "journal.db", SAM, T0)


def test_odd_names_are_only_names(tmp_path: Path) -> None:
    path = tmp_path / "100% #1?mode=rw é" / "journal.db"
    path.parent.mkdir()
    JournalWriter(path, SAM, T0).close()
    assert kept(path) == []
    assert [entry.name for entry in tmp_path.iterdir()] == [path.parent.name]


def test_an_event_of_a_newer_version_is_a_sentence(path: Path, writer: JournalWriter) -> None:
    class StepMelted(NoteAdded):
        """Of a version to come."""

    writer.append([StepMelted("", "x")], T0)
    reader = JournalReader(path)
    assert reader.problem() == ""
    with pytest.raises(JournalError, match="does not know"):
        reader.after(0)
    reader.close()


def test_reading_changes_nothing(sound: bytes, path: Path) -> None:
    path.write_bytes(sound)
    assert problem(path) == ""
    assert len(kept(path)) == 120
    assert path.read_bytes() == sound


def test_a_copy_of_the_directory_is_a_whole_journal(path: Path, writer: JournalWriter) -> None:
    writer.append(notes(3), T0)
    copy = path.parent.parent / f"{path.parent.name}-copy"
    shutil.copytree(path.parent, copy)
    assert kept(copy / "journal.db") == notes(3)
    assert problem(copy / "journal.db") == ""


# Death and a full disk, in processes of their own


_APPENDING = """
import sys
from pathlib import Path
from state.events import Actor, NoteAdded
from state.journal.events import JournalWriter

writer = JournalWriter(Path(sys.argv[1]), Actor("sam", "sam", "bastion"), 1.0)
for number in range(100000):
    recorded = writer.append([NoteAdded("", f"{number}.{part}") for part in range(3)], 2.0)
    print(recorded[-1].seq, flush=True)
"""


def _child(program: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(path)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_killed_writer_loses_nothing_that_it_acknowledged(path: Path) -> None:
    acknowledged = 0
    for kill in range(10):
        child = _child(_APPENDING, path)
        assert child.stdout is not None
        for _ in range(1 + 7 * kill):
            acknowledged = int(child.stdout.readline())
        os.kill(child.pid, signal.SIGKILL)
        rest, complaint = child.communicate(timeout=30)
        assert child.returncode == -signal.SIGKILL, complaint
        # A last line may have been cut by the kill: only whole ones were acknowledged.
        whole = [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        acknowledged = max([acknowledged, *whole])
        assert problem(path) == ""
        there = kept(path)
        assert len(there) >= acknowledged
        assert len(there) % 3 == 0
        for first, second, third in zip(there[::3], there[1::3], there[2::3], strict=True):
            texts = [event.text for event in (first, second, third) if isinstance(event, NoteAdded)]
            assert len({text.partition(".")[0] for text in texts}) == 1


_FILLING = """
import json, resource, signal, sys
from pathlib import Path
from state.events import Actor, NoteAdded
from state.journal.events import JournalError, JournalWriter

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = JournalWriter(Path(sys.argv[1]), Actor("sam", "sam", "bastion"), 1.0)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
acknowledged, said = 0, []
for number in range(200):
    try:
        acknowledged = writer.append([NoteAdded("", "x" * 2000) for _ in range(5)], 2.0)[-1].seq
    except JournalError as error:
        said.append(str(error))
        if len(said) == 3:
            break
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
healed = writer.append([NoteAdded("", "room again")], 3.0)[-1].seq
print(json.dumps([acknowledged, said, healed]))
"""


def test_a_full_disk_is_a_sentence_and_leaves_nothing_half_written(path: Path) -> None:
    child = _child(_FILLING, path)
    out, complaint = child.communicate(timeout=60)
    assert child.returncode == 0, complaint
    acknowledged, said, healed = json.loads(out)
    assert len(said) == 3
    for sentence in said:
        assert sentence.startswith(f"{path} cannot be written (")
        assert sentence.endswith("Nothing was decided. Free the disk or mend its modes, then try again.")
    assert acknowledged >= 5
    assert healed == acknowledged + 1
    assert len(kept(path)) == healed
    assert problem(path) == ""


def test_no_room_to_begin_with_is_a_sentence(path: Path) -> None:
    signal_before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, hard))
    try:
        with pytest.raises(JournalError, match=r"cannot be written \((?!cannot rollback)"):
            JournalWriter(path, SAM, T0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, signal_before)
    writer = JournalWriter(path, SAM, T0)
    writer.append(notes(1), T0)
    writer.close()
    assert kept(path) == notes(1)
