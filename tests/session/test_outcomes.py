"""What is made of what was found outside: facts, and never more than is known."""

import os
import time
from pathlib import Path

import pytest
from msgspec.structs import replace

from state.console import outcomes
from state.deployment import runs
from state.events import (
    BackupExamined,
    Event,
    MigrationsListed,
    Recorded,
    RunEnded,
    RunLost,
    RunNotStarted,
    RunRequested,
    RunSignalled,
    RunStarted,
    SamplingBegun,
    SnapshotRecorded,
    StepAttested,
    StepBegun,
    StepPassed,
    WindowOpened,
)
from state.fold import evolve
from state.judgement.gates import Gate, GateState
from state.judgement.verdicts import Verdicts
from state.policy import Policy
from state.readings import METRICS, Ask, Observed, Reading, ReadingClass
from state.rules import admits
from state.view import samples_taken, verdicts
from state.window import Run, RunState, StepState, Window

from .place import DUMP, MIGRATIONS, SAM, wait_for

T0 = 1_770_000_000.0


def told(*events: Event) -> Window:
    window = Window()
    opened = WindowOpened("w", "production", "2.0", "1.9", None)
    for number, event in enumerate((opened, *events), start=1):
        window = evolve(window, Recorded(number, 1, T0 + number, SAM, event))
    return window


def requested(step: str = "migrate", started: bool = True) -> tuple[Window, Run]:
    events = [RunRequested(step, ("make", step), "/srv", {"BACKUP_PATH": "/b/x.sql"})]
    window = told(*events, *([RunStarted(2)] if started else []))
    return window, window.runs[2]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The directory of a run that this boot of the host began."""
    run = tmp_path / "2"
    run.mkdir()
    (run / "command.json").write_text(f'{{"boot": "{runs.boot_id()}"}}')
    (run / "lock").touch()
    (run / "pid").write_text("1\n")
    return run


def ended(place: Path, code: int, log: str = MIGRATIONS) -> None:
    (place / "log").write_text(log)
    (place / "exit").write_text(f"{code}\n")
    os.utime(place / "exit", (T0 + 60, T0 + 60))


# Runs


@pytest.mark.parametrize("started", [True, False])
def test_an_end_with_its_migrations(place: Path, started: bool) -> None:
    window, run = requested(started=started)
    ended(place, 0)
    assert outcomes.of_run(window, run, place, T0 + 61) == (
        MigrationsListed(2, ("0002.sql",), 1, True),
        RunEnded(2, 0, T0 + 60),
    )


def test_an_end_of_anything_else_lists_none(place: Path) -> None:
    window, run = requested("smoke")
    ended(place, 2, "no answer\nmake: *** [Makefile:9: smoke] Error 1\n")
    why = "no answer · make: *** [Makefile:9: smoke] Error 1"
    assert outcomes.of_run(window, run, place, T0 + 61) == (RunEnded(2, 2, T0 + 60, why),)


def test_a_killed_run_is_lost_with_what_it_applied(place: Path) -> None:
    window, run = requested()
    (place / "log").write_text("Applying 0002.sql...\n")
    facts = outcomes.of_run(window, run, place, T0 + 61)
    assert facts[0] == MigrationsListed(2, ("0002.sql",), 0, False, "0002.sql")
    assert isinstance(facts[1], RunLost)
    assert "killed" in facts[1].reason


def test_a_run_of_another_boot_is_lost(place: Path) -> None:
    window, run = requested("smoke")
    (place / "command.json").write_text('{"boot": "another"}')
    (fact,) = outcomes.of_run(window, run, place, T0 + 61)
    assert isinstance(fact, RunLost)
    assert "rebooted" in fact.reason


def test_no_directory_is_a_run_that_never_started(tmp_path: Path) -> None:
    window, run = requested(started=False)
    (fact,) = outcomes.of_run(window, run, tmp_path / "2", T0 + 61)
    assert isinstance(fact, RunNotStarted)
    assert "Nothing has run" in fact.reason


def test_a_directory_that_went_away_says_nothing(tmp_path: Path) -> None:
    """It is known that this one was started: that nothing has run would be a guess, and a wrong one."""
    window, run = requested(started=True)
    (fact,) = outcomes.of_run(window, run, tmp_path / "2", T0 + 61)
    assert isinstance(fact, RunLost)


@pytest.mark.parametrize("started", [True, False])
def test_a_keeper_without_room_for_its_number_has_run_nothing(place: Path, started: bool) -> None:
    """It had its lock for a moment, and may have been seen."""
    (place / "pid").write_text("")
    window, run = requested("deploy", started)
    (fact,) = outcomes.of_run(window, run, place, T0 + 61)
    assert isinstance(fact, RunNotStarted) and "nothing has run" in fact.reason
    assert admits(window, fact)
    window = evolve(window, Recorded(9, 1, T0 + 61, SAM, fact))
    assert window.runs[2].state is RunState.NOT_STARTED
    assert window.record("deploy").state is StepState.FAILED
    # What seemed to begin disturbs no longer.
    assert [end for _, end in window.planned] == ([T0 + 61] if started else [])


@pytest.mark.parametrize("left", ["command.json", "pid"])
def test_what_is_left_of_a_run_that_was_seen_to_start_does_not_deny_it(place: Path, left: str) -> None:
    (place / left).unlink()
    window, run = requested(started=True)
    (fact,) = outcomes.of_run(window, run, place, T0 + 61)
    assert isinstance(fact, RunLost)


@pytest.mark.parametrize("left", ["command.json", "pid"])
def test_a_keeper_that_never_came_to_its_command(place: Path, left: str) -> None:
    (place / left).unlink()
    window, run = requested(started=False)
    (fact,) = outcomes.of_run(window, run, place, T0 + 61)
    assert isinstance(fact, RunNotStarted)


def test_a_run_that_lives_is_news_once(tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    directory = tmp_path / "2"
    runs.start(directory, ("sh", "-c", f"while [ ! -e {site}/go ]; do sleep 0.02; done"), site, {})
    try:
        window, run = requested("smoke", started=False)
        assert outcomes.of_run(window, run, directory, time.time()) == (RunStarted(2),)
        window, run = requested("smoke")
        assert outcomes.of_run(window, run, directory, time.time()) == ()
    finally:
        (site / "go").touch()


# Signals


def test_a_stop_means_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a shell has sent to the background is deaf to INT: the end of make is not the end of it."""
    site = tmp_path / "site"
    site.mkdir()
    directory = tmp_path / "2"
    runs.start(directory, ("sh", "-c", "sleep 600 & echo begun; sleep 600"), site, {})
    wait_for(lambda: "begun" in runs.log_tail(directory, 5))
    window, run = requested("smoke")
    now = time.time()
    runs.send_signal(directory, "INT")
    run = replace(run, signals=((now, "INT"),))
    wait_for(lambda: (directory / "exit").exists())
    for later in (runs.SETTLE + 1, 9.9):
        assert outcomes.of_run(window, run, directory, now + later) == ()
    with monkeypatch.context() as handed_over:
        # Whoever took the drive from another login cannot stop it, and is not kept waiting by it.
        handed_over.setattr(runs, "unstoppable", lambda _: "It belongs to somebody else.")
        (seen,) = outcomes.of_run(window, run, directory, now + 9.9)
        assert isinstance(seen, RunEnded) and seen.left_running
    assert outcomes.next_signal(run, now + 10) == (RunSignalled(2, "TERM"),)
    runs.send_signal(directory, "TERM")
    wait_for(lambda: runs.is_gone(directory))
    (end,) = outcomes.of_run(window, run, directory, now + 10)
    assert isinstance(end, RunEnded) and end.exit_code != 0 and not end.left_running


@pytest.mark.parametrize(
    ("signals", "after", "next_one"),
    [
        ((), 99.0, None),
        (("INT",), 9.9, None),
        (("INT",), 10.0, "TERM"),
        (("INT", "TERM"), 9.9, None),
        (("INT", "TERM"), 10.1, "KILL"),
        (("INT", "TERM", "KILL"), 999.0, None),
    ],
)
def test_each_signal_has_its_grace(signals: tuple[str, ...], after: float, next_one: str | None) -> None:
    _, run = requested()
    run = replace(run, signals=tuple((T0 + 10.0 * n, name) for n, name in enumerate(signals)))
    last = run.signals[-1][0] if signals else T0
    expected = (RunSignalled(2, next_one),) if next_one else ()
    assert outcomes.next_signal(run, last + after) == expected


# Backups


def test_the_backup_of_a_run_that_ended_well_is_due() -> None:
    window, _ = requested("backup")
    assert outcomes.backup_to_examine(window) is None
    window = evolve(window, Recorded(9, 1, T0 + 9, SAM, RunEnded(2, 0, T0 + 9)))
    assert outcomes.backup_to_examine(window) == window.runs[2]


def test_a_look_at_a_backup(tmp_path: Path) -> None:
    path = tmp_path / "x.sql"
    path.write_text(DUMP)
    os.utime(path, (T0, T0))
    found = outcomes.of_backup("backup", 2, path, None, T0 + 90)
    assert (found.problem, found.size, found.age, found.captured_at, found.run) == (
        "",
        len(DUMP),
        90.0,
        T0,
        2,
    )
    assert outcomes.of_backup("backup", 2, path, None, T0 - 90).age == 0.0
    assert "is not there" in outcomes.of_backup("backup", 2, tmp_path / "gone", None, T0).problem


def test_a_dump_shows_the_database_as_it_was_when_it_began(tmp_path: Path) -> None:
    path = tmp_path / "x.sql"
    path.write_text(DUMP)
    os.utime(path, (T0, T0))
    found = outcomes.of_backup("backup", 2, path, T0 - 600.0, T0 + 90)
    assert (found.captured_at, found.age) == (T0 - 600.0, 690.0)


def _newest(directory: Path) -> BackupExamined:
    return outcomes.of_newest_backup("backup-available", directory, 3600.0, T0)


def test_the_newest_backup(tmp_path: Path) -> None:
    assert "no *.sql backup in" in _newest(tmp_path).problem
    assert "cannot be read (No such file or directory)" in _newest(tmp_path / "gone").problem
    for name, age, content in (("old", 9000, DUMP), ("new", 3000, DUMP), ("cut", 1000, DUMP[:30])):
        (tmp_path / f"{name}.sql").write_text(content)
        os.utime(tmp_path / f"{name}.sql", (T0 - age, T0 - age))
    assert "cut short" in _newest(tmp_path).problem
    (tmp_path / "cut.sql").unlink()
    assert _newest(tmp_path).problem == ""
    assert (_newest(tmp_path).age, _newest(tmp_path).path) == (3000.0, str(tmp_path / "new.sql"))
    (tmp_path / "new.sql").unlink()
    assert _newest(tmp_path).problem == "the newest backup is 2:30:00 old, 1:00:00 is allowed"


@pytest.mark.parametrize("name", [b"a\x1b]0;evil\x07.sql", b"\xff\xfe.sql", b"n\nl.sql"])
def test_names_of_backups_are_not_trusted(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_text(DUMP)
    os.utime(path, (T0, T0))
    found = _newest(tmp_path)
    assert found.problem == ""
    assert found.path.isprintable()
    assert found.path.encode("utf-8")


# Samples


def ops(at: float, reading_class: ReadingClass = ReadingClass.OK) -> Reading:
    values = {metric.key: 3 for metric in METRICS} if reading_class is ReadingClass.OK else None
    return Reading(Ask.OPS, Policy().replicas[0], T0 + at, reading_class, values=values, skew=0.5)


def _judged(window: Window, observed: Observed) -> Verdicts:
    return verdicts(window, observed, T0 + 100)


def test_a_series_counts_what_is_good_and_came_later() -> None:
    window = told(SamplingBegun("baseline", 3))
    readings = (ops(1), ops(2), ops(3), ops(4, ReadingClass.TIMEOUT), ops(5))
    observed = Observed(ops=readings)
    assert samples_taken(window, observed) == (readings[2], readings[4])
    assert outcomes.of_sampling(window, observed, _judged(window, observed)) == ()
    assert samples_taken(told(), observed) == ()


def test_a_whole_series_is_a_snapshot() -> None:
    window = told(SamplingBegun("baseline", 3))
    base = Policy().replicas[0]
    whoami = Reading(Ask.WHOAMI, base, T0, ReadingClass.OK, values={"subject": "admin"})
    observed = Observed(ops=tuple(ops(n) for n in (5, 20, 35)), latest={(Ask.WHOAMI, base): whoami})
    (fact,) = outcomes.of_sampling(window, observed, _judged(window, observed))
    assert isinstance(fact, SnapshotRecorded)
    assert (fact.step, fact.samples, fact.first_at, fact.last_at) == ("baseline", 3, T0 + 5, T0 + 35)
    assert (fact.base, fact.subject, fact.skew) == (base, "admin", 0.5)
    assert set(fact.metrics) == {metric.key for metric in METRICS}
    assert len(fact.verdicts) == len(METRICS)
    after = evolve(window, Recorded(9, 1, T0 + 90, SAM, fact))
    assert after.baseline == fact
    assert outcomes.of_sampling(after, observed, _judged(after, observed)) == ()


# Health


@pytest.mark.parametrize("state", list(GateState))
@pytest.mark.parametrize("begun", [True, False])
def test_health_passes_with_its_gate(state: GateState, begun: bool) -> None:
    window = told(*[StepBegun("health")] if begun else [])
    seen = _judged(window, Observed())
    seen = replace(
        seen, gates=(Gate("readiness", "Readiness", state, "ready for 10:00", {"ready_for": 600}),)
    )
    facts = outcomes.of_health(window, seen)
    passes = begun and state is GateState.PASS
    assert facts == ((StepPassed("health", "ready for 10:00", {"ready_for": 600}),) if passes else ())


def test_only_health_waits_for_the_gate() -> None:
    window = told(StepAttested("smoke", "kim", "x"), StepBegun("deploy"))
    seen = _judged(window, Observed())
    seen = replace(seen, gates=(Gate("readiness", "Readiness", GateState.PASS, "ready", {}),))
    assert outcomes.of_health(window, seen) == ()
