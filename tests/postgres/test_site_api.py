"""The site's API says what stands in its PostgreSQL, and lives and ends as make says."""

import time
import urllib.error
from pathlib import Path

import pytest
from pydantic import SecretStr

from state.deployment import runs
from state.deployment.api import Api
from state.readings import Ask, ReadingClass

from .postgres_site import DATABASE, PostgresSite, until

pytestmark = pytest.mark.postgres

METRICS = {
    "pendingOutboxEvents": 0,
    "availableOutboxEvents": 0,
    "oldestPendingOutboxAgeSeconds": 0,
    "failedSearchJobs": 2,
    "pendingSearchJobs": 0,
    "incompleteGcRuns": 0,
    "recentPolicyTimeouts24h": 0,
}


async def test_every_question_of_the_console_has_an_answer(postgres_site: PostgresSite) -> None:
    api = Api([postgres_site.url], SecretStr(postgres_site.token))
    try:
        probed = (Ask.LIVE, Ask.READY, Ask.OPS, Ask.WHOAMI, Ask.RECONCILE)
        readings = {ask: await api.probe(ask, postgres_site.url) for ask in probed}
        readings[Ask.AUDIT] = await api.audit(0.0)
    finally:
        await api.aclose()
    assert {reading.reading_class for reading in readings.values()} == {ReadingClass.OK}
    assert readings[Ask.OPS].values == METRICS
    assert readings[Ask.READY].skew is not None


def test_the_summary_counts_rows_and_writes_one_of_its_own(postgres_site: PostgresSite) -> None:
    site = postgres_site
    status, body = site.ask("/v1/admin/ops/summary")
    assert status == 200
    assert body.pop("checkedAtUtc").endswith("+00:00")
    assert body == METRICS
    polls = "select count(*) from audit_log where action = 'ops.summary.read' and actor = 'ops@example.org'"
    assert site.value(polls) == "1"

    site.query(
        """
        insert into outbox_events (event_type, aggregate_id, occurred_at, available_at)
        select 'later', n, now() - interval '400 seconds', now() + interval '1 hour'
        from generate_series(1, 3) as n;
        insert into gc_runs (mode) values ('sweep');
        insert into audit_log (actor, action, resource) values ('policy', 'policy.timeout', 'x');
        update search_index_jobs set state = 'failed', failed_at = now() where job_id in (5, 6, 7);
        """
    )
    counted = site.ask("/v1/admin/ops/summary")[1]
    assert 400 <= counted.pop("oldestPendingOutboxAgeSeconds") < 460
    del counted["checkedAtUtc"]
    assert counted == {
        "pendingOutboxEvents": 3,
        "availableOutboxEvents": 0,
        "failedSearchJobs": 5,
        "pendingSearchJobs": 0,
        "incompleteGcRuns": 1,
        "recentPolicyTimeouts24h": 1,
    }
    assert site.value(polls) == "2"


def test_the_token_decides_who_may_read(postgres_site: PostgresSite) -> None:
    site = postgres_site
    who = {"subject": "ops@example.org", "scopes": ["repo:*:admin"], "authSource": "pat"}
    assert site.ask("/v1/auth/whoami") == (200, who)
    assert site.ask("/v1/auth/whoami", token="wrong")[0] == 401
    assert site.ask("/v1/admin/ops/summary", token="")[0] == 401
    site.query("update personal_access_tokens set scopes = array['repo:*:read']")
    status, body = site.ask("/v1/admin/ops/summary")
    assert (status, body["error"]) == (403, "forbidden")
    assert site.value("select count(*) from audit_log where action = 'ops.summary.read'") == "0"


def test_not_ready_when_the_database_is_gone_but_still_live(postgres_site: PostgresSite) -> None:
    site = postgres_site
    status, body = site.ask("/health/ready")
    assert (status, body["status"]) == (200, "ready")
    assert [entry["name"] for entry in body["dependencies"]] == ["postgres", "object_storage"]
    site.query(f"drop database {DATABASE} with (force)", "postgres")
    status, body = site.ask("/health/ready")
    assert (status, body["status"]) == (503, "not_ready")
    assert f'database "{DATABASE}" does not exist' in body["dependencies"][0]["detail"]
    assert body["dependencies"][1] == {"name": "object_storage", "healthy": True, "detail": None}
    status, body = site.ask("/v1/admin/ops/summary")
    assert (status, body["error"]) == (503, "service_unavailable")
    assert site.ask("/health/live") == (200, {"status": "ok"})


def test_stop_means_refused_and_deploy_brings_the_new_release(postgres_site: PostgresSite) -> None:
    site = postgres_site
    assert "api is stopped" in site.made("stop")
    assert not site.is_running()
    with pytest.raises(urllib.error.URLError, match="refused"):
        site.ask("/health/live")
    site.made("stop")
    assert "release 2026.02 is installed" in site.made("deploy")
    assert site.ask("/health/ready")[0] == 200
    assert "Smoke checks passed." in site.made("smoke")
    assert site.value("select count(*) from outbox_events where event_type = 'smoke.checked'") == "1"
    assert "not started" in site.made("redeploy", START="no")
    assert not site.is_running()
    smoke = site.make("smoke")
    assert smoke.returncode == 2
    assert "FAILED  /v1/auth/whoami" in smoke.stderr


def test_a_run_that_started_the_api_ends(postgres_site: PostgresSite, tmp_path: Path) -> None:
    """A run goes on as long as anything holds its lock: the API must not be among them."""
    site, run = postgres_site, tmp_path / "run"
    runs.start(run, ["make", "deploy"], site.directory, site.environment)
    until(lambda: runs.probe(run, time.time()).standing is runs.Standing.FINISHED)
    probe = runs.probe(run, time.time())
    assert (probe.exit_code, probe.left_running) == (0, False)
    assert site.is_running()


def test_the_api_ends_when_the_cluster_is_gone(postgres_site: PostgresSite, tmp_path: Path) -> None:
    site, elsewhere = postgres_site, tmp_path / "socket"
    elsewhere.mkdir()
    site.made("stop")
    site.made("start", PGHOST=elsewhere)
    assert site.ask("/health/ready")[0] == 503
    elsewhere.rmdir()
    until(lambda: not site.is_running())
