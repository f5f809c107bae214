"""What goes wrong in a scenario stands on the screen and in `status --json`, in words, never as a zero."""

import re
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from state.events import BackupExamined, RunEnded, RunRequested, StepPassed
from state.journal.directory import READINGS
from state.journal.readings import ReadingsReader
from state.readings import Ask, ReadingClass, Span

from .operator_at_work import Operator

pytestmark = pytest.mark.tmux

OLDEST = "oldestPendingOutboxAgeSeconds"


def row(operator: Operator, metric: str) -> dict[str, Any]:
    """One row of the backlog, from `status --json`."""
    (found,) = [one for one in operator.status()["backlog"] if one["metric"] == metric]
    return dict(found)


def gate(operator: Operator, name: str) -> dict[str, Any]:
    """One gate, from `status --json`."""
    (found,) = [one for one in operator.status()["gates"] if one["id"] == name]
    return dict(found)


def ready_spans(operator: Operator) -> tuple[Span, ...]:
    """All that readiness ever was in this window."""
    with closing(ReadingsReader(operator.window / READINGS)) as reader:
        return tuple(reader.look(time.time()).ready_spans)


def test_a_stuck_worker_is_watched_long_before_its_threshold(rehearse: Callable[..., Operator]) -> None:
    operator = rehearse("stuck-worker", pace=0.3)
    operator.open_window()
    operator.do_all_before("migrate")
    operator.terminal.wait_for(r"oldest pending \(s\) .*(◐ WATCH|✗ BREACH)", 40)
    operator.terminal.wait_for("worker is not")
    seen = row(operator, OLDEST)
    assert seen["state"] in ("WATCH", "BREACH")
    assert "worker is not draining" in seen["reason"]
    assert 0 < seen["current"] < 100 < seen["warning"]
    assert gate(operator, "backlog")["state"] != "PASS"
    # It is the worker alone: the API is well.
    assert gate(operator, "readiness")["state"] != "FAIL"


def test_a_bad_release_never_passes_the_health_gate(rehearse: Callable[..., Operator]) -> None:
    operator = rehearse("bad-release")
    operator.open_window()
    operator.do_all_before("health")
    operator.select("health")
    operator.terminal.send("Enter")
    operator.await_step("health", "begun")
    operator.terminal.wait_for(r"✗ FAIL +Readiness stable")
    operator.terminal.wait_for(r"✗ not ready .*closes in")
    operator.terminal.wait_for(r"object_storage +✗ not ready")
    operator.terminal.wait_for("NoSuchBucket: the bucket")
    # Longer than a good release needs.
    watched_until = time.monotonic() + 9
    while time.monotonic() < watched_until:
        assert "✓ PASS      Readiness stable" not in operator.terminal.screen()
        time.sleep(0.2)
    assert gate(operator, "readiness")["state"] == "FAIL"
    assert operator.step("health")["state"] == "begun"
    assert operator.events(StepPassed) == []


def test_a_failed_migration_shows_its_line(rehearse: Callable[..., Operator]) -> None:
    operator = rehearse("migration-fails")
    operator.open_window()
    operator.do_all_before("migrate")
    operator.start_run("migrate")
    operator.await_step("migrate", "failed")
    operator.terminal.wait_for("UNIQUE constraint failed")
    seen = operator.agree()
    assert (seen["run"]["target"], seen["run"]["exit_code"]) == ("make db-migrate", 2)
    assert seen["step"] == {"id": "migrate", "title": "Apply the migrations", "state": "failed"}
    assert "UNIQUE constraint failed" in operator.step("migrate")["problem"]
    assert "Error 3" in operator.step("migrate")["problem"]
    # The ways on, and none of them taken by itself.
    operator.enter("migrate")
    for answer in ("Not now", "Run again", "It is done…", "Skip…"):
        assert answer in operator.terminal.screen()
    assert operator.settled_focus() == ("Not now",)
    assert "UNIQUE constraint failed" in operator.terminal.screen()
    assert len(operator.ends_of(operator.run_of("migrate"))) == 1


def test_a_truncated_backup_fails_in_words_and_the_next_one_is_whole(
    rehearse: Callable[..., Operator],
) -> None:
    operator = rehearse("truncated-backup")
    operator.open_window()
    operator.do_all_before("backup")
    operator.start_run("backup")
    operator.await_step("backup", "failed")
    problem = operator.step("backup")["problem"]
    assert problem.startswith("the backup is cut short: ")
    operator.agree()
    operator.start_run("backup", "Run again")
    operator.await_step("backup")
    assert operator.step("backup")["problem"] is None
    operator.agree()
    first, second = [one for one in operator.events(BackupExamined) if one.run]
    assert (first.problem, second.problem) == (problem, "")
    assert first.path != second.path and first.size < second.size
    assert [end.exit_code for end in operator.events(RunEnded) if end.run in (first.run, second.run)] == [
        0,
        0,
    ]
    assert len([one for one in operator.events(RunRequested) if one.step == "backup"]) == 2


def test_an_expired_token_is_a_clear_line_and_another_mends_it(rehearse: Callable[..., Operator]) -> None:
    operator = rehearse("token-expires", pace=0.25)
    operator.open_window()
    operator.terminal.wait_for(r"ops summary +● ok")
    operator.terminal.wait_for(r"ops summary +✗ 401: the token is not accepted", 40)
    operator.terminal.wait_for(r"pending outbox +– +– +– .*○ NO DATA")
    for seen in operator.status()["backlog"]:
        assert (seen["state"], seen["current"]) == ("NO_DATA", None)
        assert "401" in seen["reason"]
    # Readiness needs no token.
    assert gate(operator, "readiness")["state"] != "FAIL"
    operator.terminal.send("C-p")
    operator.terminal.wait_for("Do the step")
    operator.terminal.type("another token")
    operator.terminal.wait_until_gone("Do the step")
    operator.terminal.wait_for("Give another token")
    operator.terminal.send("Enter")
    operator.terminal.wait_for("─ Another token ─")
    operator.press("Read it again from its source")
    operator.terminal.wait_for(r"ops summary +● ok")
    operator.terminal.wait_for(r"pending outbox +– +\d+ ")
    assert all(seen["current"] is not None for seen in operator.status()["backlog"])
    assert "401" not in operator.terminal.screen()


def test_flapping_readiness_starts_the_count_again(rehearse: Callable[..., Operator]) -> None:
    operator = rehearse("flapping")
    operator.open_window()
    operator.do_all_before("smoke")
    (passed,) = operator.events(StepPassed)
    deployed = [end.ended_at for end in operator.events(RunEnded)][2]
    spans = [span for span in ready_spans(operator) if span.last_at > deployed]
    bad = [span for span in spans if span.reading_class is ReadingClass.NOT_READY]
    assert len(bad) >= 3, spans
    # Since the last of them it was ready for as long as it takes.
    (at,) = [one.at for one in operator.recorded() if one.event == passed]
    assert at - max(span.last_at for span in bad if span.first_at < at) >= 3
    operator.agree()


def test_a_slow_api_is_never_called_not_ready(rehearse: Callable[..., Operator]) -> None:
    operator = rehearse("slow-api", pace=0.3)
    operator.open_window()
    operator.do_all_before("smoke")
    operator.agree()
    deploys = [one.at for one in operator.recorded() if isinstance(one.event, RunRequested)][2]
    ends = [end.ended_at for end in operator.events(RunEnded)][2]
    for span in ready_spans(operator):
        assert span.ask is Ask.READY
        if span.last_at < deploys or span.first_at > ends:
            assert span.reading_class is ReadingClass.OK, span
    # Between two slow answers it is not called unknown either.
    for _ in range(25):
        slow = re.search(r"│ ready +● ready +(\d+) ms", operator.terminal.screen())
        assert slow and int(slow[1]) > 500, operator.terminal.screen()
        time.sleep(0.1)
    assert gate(operator, "readiness")["state"] == "PASS"
