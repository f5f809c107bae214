"""The same upgrade on a real PostgreSQL: pg_dump and psql, run by make, through the console."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from state.events import BackupExamined, MigrationsListed, RunEnded, RunLost, RunRequested, WindowDeclared
from state.journal.directory import RUNS

from ..pty.evidence import DRAWBRIDGE, environment
from ..pty.operator_at_work import STEPS, Operator
from ..pty.terminal import Terminal, until
from .postgres_site import DATABASE, PostgresSite

pytestmark = [pytest.mark.postgres, pytest.mark.tmux]

NEW_MIGRATIONS = ("0004_download_counts.sql", "0005_retire_failed_at.sql")


@pytest.fixture
def operator(tmp_path: Path, postgres_site: PostgresSite) -> Iterator[Operator]:
    """Before a console on the site; the site is ended after what the operator started."""
    with postgres_site.config.open("a", encoding="utf-8") as settings:
        # The last table is [judgement]. By default five minutes of good summaries come before success.
        settings.write('sustained_for = "6s"\n')
    home = tmp_path / "home"
    home.mkdir()
    terminal = Terminal(environment(home), directory=home)
    console = (*DRAWBRIDGE, "--config", str(postgres_site.config))
    attested = ("window-approved", "ci-green", "rollback-owner")
    made = Operator(terminal, console, postgres_site.config, home, attested)
    made.sit_down()
    yield made
    terminal.close()
    made.clear_away()


def test_the_upgrade_goes_through_on_postgresql(operator: Operator, postgres_site: PostgresSite) -> None:
    before = postgres_site.applied()
    operator.open_window(("2026.02", "2025.12"))
    operator.do_all_before("migrate")
    (backup,) = [one for one in operator.events(BackupExamined) if one.run]
    dump = Path(backup.path).read_text()
    assert backup.problem == "" and backup.size == Path(backup.path).stat().st_size
    assert "PostgreSQL database dump complete" in dump and "COPY public.outbox_events" in dump

    # Killed while a migration waits for a lock: it is cut off from the console, not from the database.
    with postgres_site.held():
        operator.start_run("migrate")
        until(postgres_site.waiting, "no migration waits for the lock")
        operator.kill_console()
        assert postgres_site.waiting()
    run = operator.run_of("migrate")
    code, log = operator.await_exit(run)
    assert code == 0 and "Migrations are up to date." in log
    assert postgres_site.applied() == [*before, *NEW_MIGRATIONS]
    assert f"run {run} make db-migrate: ended" in operator.resume()
    operator.await_step("migrate")
    assert [listed.applied for listed in operator.events(MigrationsListed)] == [NEW_MIGRATIONS]

    for step in ("health", "smoke", "compare"):
        operator.do(step)
        operator.agree()
    operator.do("declare")
    operator.terminal.wait_for(r"closed · success")
    status = operator.agree()
    assert [one["state"] for one in status["steps"]] == ["done"] * len(STEPS)
    assert status["exceptions"] == []
    assert_each_once(operator)


def assert_each_once(operator: Operator) -> None:
    """One request, one end, one directory for each command."""
    requested = [one for one in operator.recorded() if isinstance(one.event, RunRequested)]
    steps = [one.event.step for one in requested if isinstance(one.event, RunRequested)]
    assert steps == ["backup", "deploy", "migrate", "smoke"]
    ids = [one.seq for one in requested]
    assert [(end.run, end.exit_code) for end in operator.events(RunEnded)] == [(run, 0) for run in ids]
    assert operator.events(RunLost) == []
    assert {path.name for path in (operator.window / RUNS).iterdir()} == {str(run) for run in ids}
    assert [one.outcome for one in operator.events(WindowDeclared)] == ["success"]


def test_a_database_that_is_down_is_a_failed_step_in_words(
    operator: Operator, postgres_site: PostgresSite
) -> None:
    operator.open_window(("2026.02", "2025.12"))
    operator.do_all_before("backup")
    postgres_site.made("stop")
    postgres_site.cluster.psql(f"drop database {DATABASE} with (force);")
    operator.start_run("backup")
    operator.await_step("backup", "failed")
    seen = operator.step("backup")
    assert "does not exist" in seen["problem"]
    # The frame of the step says that there is more, and how to see it.
    operator.terminal.wait_for(r"more: 1 z")
    operator.terminal.send("1", "z")
    operator.terminal.wait_for("does not exist")
    operator.terminal.send("z")
    assert operator.agree()["run"]["exit_code"] == 2
    assert operator.step("baseline")["state"] == "todo"
