"""Each scenario shows its own sign, and going back to the previous release mends those of the new one."""

import time
from pathlib import Path
from typing import Any

import pytest

from state.rehearsal import practice
from state.rehearsal.dump import END_MARKER
from state.rehearsal.scenarios import SCENARIOS, scenario_named


def test_the_scenarios_are_those_of_the_command_line() -> None:
    assert [scenario.name for scenario in SCENARIOS] == [
        "smooth",
        "stuck-worker",
        "bad-release",
        "migration-fails",
        "truncated-backup",
        "flapping",
        "slow-api",
        "token-expires",
    ]
    assert all(scenario.describes.endswith(".") for scenario in SCENARIOS)
    with pytest.raises(ValueError, match="Choose one of: smooth,"):
        scenario_named("nothing")


def test_smooth_drains_its_outbox(rehearse: Any, until: Any) -> None:
    site = rehearse()
    site.made("deploy")
    newest = "select count(*) from outbox_events where delivered_at > ?"
    began = time.time()
    until(lambda: site.rows(newest, began)[0][0] >= 3)
    metrics = site.summary()
    assert metrics["oldestPendingOutboxAgeSeconds"] <= 2
    assert metrics["pendingOutboxEvents"] < 20
    assert (metrics["failedSearchJobs"], metrics["incompleteGcRuns"]) == (0, 0)
    until(lambda: site.rows("select count(*) from search_index_jobs where finished_at > ?", began)[0][0])


def test_a_stuck_worker_lets_the_oldest_event_age(rehearse: Any, until: Any) -> None:
    site = rehearse("stuck-worker", pace=0.1)
    site.made("deploy")
    until(lambda: site.summary()["oldestPendingOutboxAgeSeconds"] >= 2)
    first, at = site.summary()["oldestPendingOutboxAgeSeconds"], time.monotonic()
    until(lambda: site.summary()["oldestPendingOutboxAgeSeconds"] >= first + 2)
    assert 0.9 < time.monotonic() - at < 6
    assert site.ask("/health/ready")[0] == 200
    site.made("redeploy")
    until(lambda: site.summary()["oldestPendingOutboxAgeSeconds"] <= 1)


def test_a_bad_release_is_never_ready(rehearse: Any) -> None:
    site = rehearse("bad-release")
    assert site.ask("/health/ready")[0] == 200
    site.made("deploy")
    for server in site.layout.ports:
        status, body = site.ask("/health/ready", server=server)
        assert (status, body["status"]) == (503, "not_ready")
        assert any("NoSuchBucket" in str(one["detail"]) for one in body["dependencies"])
    assert "NoSuchBucket" in site.make("smoke").stderr
    site.made("redeploy")
    assert site.ask("/health/ready")[0] == 200


def test_the_second_migration_fails_half_way(rehearse: Any, tmp_path: Path) -> None:
    site, path = rehearse("migration-fails"), tmp_path / "dump.sql"
    site.made("db-backup", BACKUP_PATH=path)
    site.made("deploy")
    failed = site.make("db-migrate")
    assert failed.returncode == 2
    assert "ERROR:  UNIQUE constraint failed" in failed.stderr
    assert "Error 3" in failed.stderr
    assert site.rows("select max(version) from schema_migrations") == [("0006_phase7_search_ranking.sql",)]
    assert site.rows("select count(*) from retention_policies") == [(4,)]
    site.made("redeploy", START="no")
    site.made("db-restore", RESTORE_PATH=path)
    site.made("start")
    assert site.ask("/health/ready")[0] == 200
    assert "Applying" not in site.made("db-migrate")


def test_only_the_first_backup_is_truncated(rehearse: Any, tmp_path: Path) -> None:
    site = rehearse("truncated-backup")
    site.made("db-backup", BACKUP_PATH=tmp_path / "first.sql")
    site.made("db-backup", BACKUP_PATH=tmp_path / "second.sql")
    assert END_MARKER not in (tmp_path / "first.sql").read_text()
    assert END_MARKER in (tmp_path / "second.sql").read_text()
    site.made("stop")
    site.made("db-restore", RESTORE_PATH=tmp_path / "first.sql")
    assert site.rows("select count(*) from policy_evaluations") == [(0,)]


def test_flapping_readiness_calms(rehearse: Any, until: Any) -> None:
    site = rehearse("flapping", pace=0.06)
    site.made("deploy")
    seen: list[int] = []
    deadline = time.monotonic() + 3.2
    while time.monotonic() < deadline:
        status = site.ask("/health/ready")[0]
        if not seen or seen[-1] != status:
            seen.append(status)
        time.sleep(0.05)
    assert seen.count(503) >= 3
    assert seen[-1] == 200


def test_a_slow_api_answers_late_and_well(rehearse: Any) -> None:
    site = rehearse("slow-api", pace=0.4)
    began = time.monotonic()
    assert site.ask("/health/ready")[0] == 200
    assert 1 <= time.monotonic() - began < 5
    began = time.monotonic()
    site.ask("/health/live")
    assert time.monotonic() - began < 1


def test_the_token_expires_and_the_file_holds_a_new_one(rehearse: Any, until: Any) -> None:
    site = rehearse("token-expires", pace=0.05)
    old = site.layout.token.read_text().strip()
    assert site.ask("/v1/auth/whoami", token=old)[0] == 200
    until(lambda: site.ask("/v1/auth/whoami", token=old)[0] == 401)
    until(lambda: site.layout.token.read_text().strip() != old)
    assert site.ask("/v1/auth/whoami")[0] == 200
    assert site.layout.token.stat().st_mode & 0o777 == 0o600
    assert practice.open_existing(site.practice.root) == site.practice
