"""The checks before a restore: real files, and a deployment that answers or does not."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from state.console import outcomes, restore_checks
from state.events import BackupExamined
from state.intents import BeginStep, Check, SkipStep
from state.readings import Ask, Observed, Reading, ReadingClass
from state.window import StepState

from .place import DUMP, Place, attest_preconditions, must, run, settle, wait_for

T0 = 1_770_000_000.0


def _free() -> str:
    """An address of this host on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


BASES = (_free(), _free())


def live(reading_class: ReadingClass, base: str = BASES[0], age: float = 1.0) -> Reading:
    return Reading(Ask.LIVE, base, T0 - age, reading_class)


def observed(*readings: Reading) -> Observed:
    return Observed(latest={(reading.ask, reading.replica): reading for reading in readings})


STOPPED = observed(*(live(ReadingClass.REFUSED, base) for base in BASES))


@pytest.fixture
def captured(place: Place) -> BackupExamined:
    path = place.backups / "own.sql"
    path.write_text(DUMP)
    found = outcomes.of_backup("backup", 7, path, None, T0)
    assert found.problem == ""
    return found


def check(place: Place, one: str, captured: BackupExamined, seen: Observed = STOPPED) -> Check:
    settings = place.settings
    policy = replace(settings.policy({}, "built in"), replicas=BASES, ready_every=2.0)
    made = restore_checks.make(captured, settings, policy, seen, T0)
    assert [each.id for each in made] == ["backup", "disk", "stopped"]
    assert all(each.at == T0 for each in made)
    (found,) = (each for each in made if each.id == one)
    assert bool(found.mend) != found.passed, "what did not pass says what would make it pass"
    return found


# The backup


def test_the_backup_of_the_window_passes(place: Place, captured: BackupExamined) -> None:
    found = check(place, "backup", captured)
    assert (found.passed, found.words) == (
        True,
        f"the backup is whole, {len(DUMP)} bytes, with the digest of its capture",
    )


def _truncate(path: Path) -> None:
    os.truncate(path, len(DUMP) - 20)


def _alter(path: Path) -> None:
    path.write_text(DUMP.replace("PostgreSQL database dump\n", "PostgreSQL database damp\n"))


def _longer(path: Path) -> None:
    path.write_text("--\n" + DUMP)


def _directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (_truncate, "the backup is cut short: it does not end with pg_dump's completion mark"),
        (lambda path: path.write_text(""), "the backup is empty"),
        (_alter, "own.sql is not the file that was captured: its digest differs"),
        (_longer, "own.sql is not the file that was captured: its digest differs"),
        (Path.unlink, "own.sql is not there"),
        (_directory, "own.sql is not a regular file"),
    ],
    ids=["truncated", "empty", "altered", "another whole dump", "missing", "a directory"],
)
def test_what_is_wrong_with_a_backup_is_said(
    place: Place, captured: BackupExamined, harm: Callable[[Path], object], words: str
) -> None:
    harm(Path(captured.path))
    found = check(place, "backup", captured)
    assert not found.passed
    assert found.words.endswith(words)
    assert found.mend == "Bring back the file that this window captured."


# The disk


def test_there_is_room_on_this_disk(place: Place, captured: BackupExamined) -> None:
    found = check(place, "disk", captured)
    assert found.passed
    assert str(place.backups) in found.words
    assert str(place.site) in found.words


def test_too_little_room_is_said_with_its_numbers(place: Place, captured: BackupExamined) -> None:
    huge = replace(captured, size=1 << 60)
    found = check(place, "disk", huge)
    assert not found.passed
    assert f"{2 << 60} are wanted (twice the backup)" in found.words
    assert " bytes free" in found.words


def test_a_place_that_is_gone(place: Place, captured: BackupExamined) -> None:
    settings = place.settings
    Path(captured.path).unlink()
    (place.backups / "old.sql").unlink()
    place.backups.rmdir()
    made = restore_checks.make(captured, settings, settings.policy({}, "built in"), STOPPED, T0)
    assert [each.passed for each in made[:2]] == [False, False]
    assert "cannot be looked at (No such file or directory)" in made[1].words


# What runs


def test_stopped_is_refused_on_every_replica(place: Place, captured: BackupExamined) -> None:
    assert check(place, "stopped", captured).passed


@pytest.mark.parametrize("reading_class", sorted(set(ReadingClass) - {ReadingClass.REFUSED}), ids=str)
def test_nothing_else_counts_as_stopped(
    place: Place, captured: BackupExamined, reading_class: ReadingClass
) -> None:
    seen = observed(live(ReadingClass.REFUSED), live(reading_class, BASES[1]))
    found = check(place, "stopped", captured, seen)
    assert not found.passed
    assert found.words == f"{BASES[1]} is not refused: {reading_class.value.replace('_', ' ')}"


@pytest.mark.parametrize(("age", "passed"), [(0.0, True), (6.0, True), (6.1, False), (3600.0, False)])
def test_an_old_reading_says_nothing(
    place: Place, captured: BackupExamined, age: float, passed: bool
) -> None:
    seen = observed(live(ReadingClass.REFUSED, age=age), live(ReadingClass.REFUSED, BASES[1]))
    found = check(place, "stopped", captured, seen)
    assert found.passed == passed
    assert passed or found.words == f"{BASES[0]}: nothing was read lately"


def test_a_service_that_came_up_since_the_last_reading(place: Place, captured: BackupExamined) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        base = f"http://127.0.0.1:{server.getsockname()[1]}"
        settings = place.settings
        policy = replace(settings.policy({}, "built in"), replicas=(base,))
        seen = observed(live(ReadingClass.REFUSED, base))
        *_, found = restore_checks.make(captured, settings, policy, seen, T0)
    assert not found.passed
    assert found.words == f"{base} is not refused: it accepts connections again"


def test_nothing_read_is_not_stopped(place: Place, captured: BackupExamined) -> None:
    found = check(place, "stopped", captured, Observed())
    assert found.words == "; ".join(f"{base}: nothing was read lately" for base in BASES)


def test_only_liveness_counts(place: Place, captured: BackupExamined) -> None:
    ready = Reading(Ask.READY, BASES[0], T0, ReadingClass.REFUSED)
    seen = observed(ready, live(ReadingClass.REFUSED, BASES[1]))
    assert not check(place, "stopped", captured, seen).passed


# Through a session


def test_a_session_makes_them_in_the_background(place: Place) -> None:
    session = place.open()
    attest_preconditions(session)
    told: list[tuple[Check, ...]] = []
    assert not session.check_restore(told.append), "nothing to restore yet"
    run(session, "backup")
    settle(session, "backup")
    must(session, SkipStep("baseline", "not in this test"))
    must(session, BeginStep("deploy"))
    assert session.window.record("deploy").state is StepState.BEGUN
    assert session.check_restore(told.append)
    assert not session.check_restore(told.append), "one look at a time"

    def there() -> bool:
        session.tick()
        return bool(told)

    wait_for(there)
    by_id = {each.id: each for each in told[0]}
    assert by_id["backup"].passed
    assert by_id["disk"].passed
    assert not by_id["stopped"].passed, "the deployment of the test answers"
