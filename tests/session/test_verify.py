"""Verifying a window: whatever was changed, removed, added or cut is found and named, and nothing else is."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from state.console.session import Session
from state.events import LogSealed, RunEnded, RunRequested
from state.intents import Declare, SkipStep
from state.journal.directory import JOURNAL, RUNS
from state.journal.events import JournalReader
from state.report.verify import COMPARE, Verification, verify
from state.window import StepState

from .place import Place, attest_preconditions, must, run, settle, wait_for


@dataclass(frozen=True, slots=True)
class Kept:
    """A window that is closed: its directory, the runs of it, and the backup that it took."""

    directory: Path
    backup_run: int
    migrate_run: int
    backup: Path

    @property
    def journal(self) -> Path:
        return self.directory / JOURNAL

    def run(self, number: int) -> Path:
        return self.directory / RUNS / str(number)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, api: str) -> Iterator[Kept]:
    place = Place(tmp_path_factory.mktemp("original"), api)
    session = begun(place)
    backup, migrate = run(session, "backup"), 0
    settle(session, "backup")
    await_seals(session)
    for step in ("baseline", "deploy"):
        must(session, SkipStep(step, "not in this test"))
    migrate = run(session, "migrate")
    settle(session, "migrate")
    await_seals(session)
    must(session, Declare("abandoned", (), {}, "no time left"))
    assert session.window.backup is not None
    kept = Kept(session.directory, backup, migrate, Path(session.window.backup.path))
    session.leave()
    yield kept
    place.end()


def begun(place: Place) -> Session:
    session = place.open()
    attest_preconditions(session)
    return session


def await_seals(session: Session) -> None:
    wait_for(lambda: session.tick() is None or all(run.sealed for run in session.window.runs.values()))


@pytest.fixture
def kept(original: Kept, tmp_path: Path) -> Iterator[Kept]:
    """A copy of it; the backup lies where the journal says."""
    directory = tmp_path / original.directory.name
    shutil.copytree(original.directory, directory)
    content = original.backup.read_bytes()
    yield Kept(directory, original.backup_run, original.migrate_run, original.backup)
    original.backup.unlink(missing_ok=True)
    original.backup.write_bytes(content)


def wrong(kept: Kept) -> list[str]:
    """What is wrong, subject and words in one; nothing is only worth knowing."""
    found = verify(kept.directory)
    assert found.is_right == (not found.findings)
    assert all(finding.wrong for finding in found.findings)
    return [f"{finding.subject}: {finding.words}" for finding in found.findings]


def raw(kept: Kept, *statements: str) -> None:
    """Statements by somebody who takes the guards away first."""
    with closing(sqlite3.connect(kept.journal, isolation_level=None)) as db:
        for (name,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute(f"drop trigger {name}")
        for statement in statements:
            db.execute(statement)


def seq_of(kept: Kept, kind: type) -> int:
    """The number of the first event of a kind."""
    with closing(JournalReader(kept.journal)) as reader:
        return next(one.seq for one in reader.after(0) if isinstance(one.event, kind))


def test_a_window_that_nobody_touched_is_right(kept: Kept) -> None:
    found = verify(kept.directory)
    assert (found.is_right, found.findings) == (True, ())
    assert (found.runs, found.logs, found.backups) == (2, 2, 1)
    with closing(sqlite3.connect(kept.journal)) as db:
        seq, digest = db.execute("select seq, hash from events order by seq desc").fetchone()
    assert (found.head[0], found.head[2]) == (seq, digest)
    assert found.as_text().splitlines()[-2].startswith(f"head  event {seq}, 20")
    assert found.as_text().splitlines()[-2].endswith(f"sha256 {digest}")
    assert found.as_text().splitlines()[-1] == COMPARE


# The journal


def test_a_changed_event(kept: Kept) -> None:
    seq = seq_of(kept, RunEnded)
    raw(
        kept,
        f"""update events set body = replace(body, '"exit_code":0', '"exit_code":1') where seq = {seq}""",
    )
    assert f"journal: event {seq} (RunEnded) was changed" in wrong(kept)


def test_a_changed_event_that_is_no_json(kept: Kept) -> None:
    raw(kept, "update events set body = cast(x'ff7b' as text) where seq = 3")
    (found,) = wrong(kept)
    assert found.startswith("journal: event 3 (") and found.endswith(" was changed")


def test_a_removed_event(kept: Kept) -> None:
    raw(kept, "delete from events where seq = 5")
    assert wrong(kept) == ["journal: event 5 is missing"]


def test_a_removed_event_whose_gap_was_closed(kept: Kept) -> None:
    last = verify(kept.directory).head[0]
    closing_up = [
        f"update events set seq = {number - 1} where seq = {number}" for number in range(6, last + 1)
    ]
    raw(kept, "delete from events where seq = 5", *closing_up)
    # The runs that were asked for later have other numbers now.
    assert wrong(kept)[0] == "journal: event 5 is missing"


def test_two_events_in_another_order(kept: Kept) -> None:
    raw(kept, *(f"update events set seq = {b} where seq = {a}" for a, b in ((4, 99), (5, 4), (99, 5))))
    found = wrong(kept)
    assert [line.partition(" (")[0] for line in found] == ["journal: event 4", "journal: event 5"]
    assert found[0].endswith("was moved: it stands as event 5")


def test_an_event_put_in(kept: Kept) -> None:
    last = verify(kept.directory).head[0]
    raw(
        kept,
        *(f"update events set seq = {number + 1} where seq = {number}" for number in range(last, 4, -1)),
        "insert into events select 5, epoch, at, kind, version, actor, body, prev, 'forged' from events"
        " where seq = 4",
    )
    found = wrong(kept)
    assert found[0].startswith("journal: event 5 (") and found[0].endswith(" was put in")


def test_an_event_put_at_the_end(kept: Kept) -> None:
    last = verify(kept.directory).head[0]
    raw(
        kept,
        f"insert into events select {last + 1}, epoch, at, 'NoteAdded', version, actor, body, hash, 'forged'"
        f" from events where seq = {last}",
    )
    assert wrong(kept) == [f"journal: event {last + 1} (NoteAdded) was changed"]


def test_a_damaged_file(kept: Kept) -> None:
    content = bytearray(kept.journal.read_bytes())
    content[4096 : 2 * 4096] = b"\xff" * 4096
    kept.journal.write_bytes(content)
    assert [line.startswith("journal: the file is damaged (") for line in wrong(kept)] == [True]


def test_a_cut_tail_is_shown_by_the_runs_that_it_forgot(kept: Kept) -> None:
    before = verify(kept.directory).head
    raw(kept, f"delete from events where seq >= {kept.migrate_run}")
    said = "it is younger than the last event: events were taken off the journal's end"
    assert wrong(kept) == [f"run {kept.migrate_run}: {said}"]
    after = verify(kept.directory).head
    assert after[0] == kept.migrate_run - 1 and after[2] != before[2]


def test_a_cut_tail_is_hinted_at_by_runs_that_ended_unseen(kept: Kept) -> None:
    raw(kept, f"delete from events where seq > {kept.migrate_run}")
    (found,) = verify(kept.directory).findings
    assert not found.wrong and found.subject == f"run {kept.migrate_run}"
    assert "or events were taken off the journal's end" in found.words


def test_a_cut_tail_may_leave_no_trace_but_the_head(kept: Kept) -> None:
    before = verify(kept.directory)
    raw(kept, f"delete from events where seq = {before.head[0]}")
    after = verify(kept.directory)
    assert after.is_right and after.findings == ()
    assert after.head[2] != before.head[2]


# Runs, logs, backups


def longer(path: Path) -> None:
    with path.open("ab") as out:
        out.write(b"x")


def other(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)


def shorter(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def a_directory(path: Path) -> None:
    path.unlink()
    path.mkdir(mode=0o700)


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "longer": (longer, "was changed: it has"),
    "other": (other, "was changed: its SHA-256"),
    "shorter": (shorter, "was changed: it has"),
    "gone": (Path.unlink, "is missing"),
    "a directory": (a_directory, "is missing"),
}


@pytest.mark.parametrize(("damage", "words"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_backup(kept: Kept, damage: Callable[[Path], None], words: str) -> None:
    damage(kept.backup)
    try:
        (found,) = wrong(kept)
    finally:
        if kept.backup.is_dir():
            kept.backup.rmdir()
    assert found.startswith(f"backup of run {kept.backup_run}: {kept.backup} {words}")


@pytest.mark.parametrize(("damage", "words"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_log(kept: Kept, damage: Callable[[Path], None], words: str) -> None:
    log = kept.run(kept.migrate_run) / "log"
    damage(log)
    (found,) = wrong(kept)
    assert found.startswith(f"log of run {kept.migrate_run}: {log} {words}")


def test_a_run_that_nobody_asked_for(kept: Kept) -> None:
    for name in ("2", "7000", "\x1b[31mred"):
        (kept.directory / RUNS / name).mkdir(mode=0o700)
    assert wrong(kept) == [
        "run red: no event of the journal asked for it",
        "run 2: no event of the journal asked for it",
        "run 7000: it is younger than the last event: events were taken off the journal's end",
    ]


def test_a_run_that_is_not_there(kept: Kept) -> None:
    shutil.rmtree(kept.run(kept.migrate_run))
    assert wrong(kept) == [f"run {kept.migrate_run}: its directory is missing"]


def test_another_exit_status(kept: Kept) -> None:
    (kept.run(kept.migrate_run) / "exit").write_text("1\n")
    (kept.run(kept.backup_run) / "exit").unlink()
    (kept.run(kept.backup_run) / "command.json").unlink()
    assert wrong(kept) == [
        f"run {kept.backup_run}: its command.json is missing",
        f"run {kept.backup_run}: its exit status is missing, and the journal says 0",
        f"run {kept.migrate_run}: its exit status is 1, and the journal says 0",
    ]


def test_what_others_may_read(kept: Kept) -> None:
    log = kept.run(kept.migrate_run) / "log"
    log.chmod(0o644)
    (found,) = wrong(kept)
    assert found.startswith(f"modes: {log} is open to others (mode 0644). Mend it with `chmod 600 {log}`")


# While it goes on


def test_a_window_in_the_middle_of_a_run_is_right(place: Place) -> None:
    (place.site / "hold").touch()
    session = begun(place)
    for step in ("backup", "baseline"):
        must(session, SkipStep(step, "not in this test"))
    number = run(session, "deploy")
    session.tick()
    during = verify(session.directory)
    assert (during.is_right, during.findings, during.runs, during.logs) == (True, (), 1, 0)
    (place.site / "hold").unlink()
    settle(session, "deploy", StepState.DONE)
    # Whether it is sealed by now is worth knowing, and wrong in no case.
    assert verify(session.directory).is_right
    await_seals(session)
    after = verify(session.directory)
    assert (after.is_right, after.findings, after.logs) == (True, (), 1)
    assert seq_of(Kept(session.directory, 0, 0, Path()), RunRequested) == number


def test_a_log_that_waits_to_be_sealed_is_told(kept: Kept) -> None:
    with closing(JournalReader(kept.journal)) as reader:
        last = [one.seq for one in reader.after(0) if isinstance(one.event, LogSealed)][-1]
    raw(kept, f"delete from events where seq >= {last}")
    found = verify(kept.directory)
    assert found.is_right
    told = [(finding.subject, finding.words, finding.wrong) for finding in found.findings]
    assert told == [
        (f"log of run {kept.migrate_run}", "it is not sealed yet: the next console does it", False)
    ]


def test_the_document(kept: Kept) -> None:
    other(kept.run(kept.migrate_run) / "log")
    found: Verification = verify(kept.directory)
    document = json.loads(json.dumps(found.as_json()))
    assert document["right"] is False
    assert document["window"] == kept.directory.name
    assert [one["subject"] for one in document["findings"]] == [f"log of run {kept.migrate_run}"]
    assert document["head"]["event"] == document["checked"]["events"] == found.head[0]
    assert document["head"]["sha256"] == found.head[2]
    assert document["checked"]["backups"] == 1
