"""The practice API answers like the real one, on both lines, and says what is wrong with its database."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from state.rehearsal import access, database

SAMPLES = Path(__file__).parent.parent / "samples"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text())


def shape(entry: dict[str, Any]) -> set[str]:
    return set(entry)


def test_the_previous_release_speaks_ga(rehearse: Any) -> None:
    site = rehearse()
    assert site.ask("/health/live") == (200, {"status": "ok"})
    status, ready = site.ask("/health/ready", server="api-2")
    assert (status, ready["status"]) == (200, "ready")
    assert shape(ready) == shape(sample("ready-ga.json"))
    assert [shape(one) for one in ready["dependencies"]] == [
        shape(one) for one in sample("ready-ga.json")["dependencies"]
    ]
    assert shape(site.summary()) == shape(sample("ops-summary-ga.json"))


def test_the_new_release_speaks_current(rehearse: Any) -> None:
    site = rehearse()
    site.made("deploy")
    status, ready = site.ask("/health/ready")
    assert (status, ready["status"]) == (200, "ready")
    wanted = sample("degraded-current.json")["dependencies"]
    assert [(one["name"], shape(one)) for one in ready["dependencies"]] == [
        (one["name"], shape(one)) for one in wanted
    ]
    assert shape(site.summary()) == shape(sample("ops-summary-current.json"))


def test_tokens_are_checked(rehearse: Any) -> None:
    site = rehearse()
    with database.transaction(site.layout.database()) as link:
        reader = access.issue(link, "reader", ("repo:tools:read",))
    assert site.ask("/v1/admin/ops/summary", token="wrong")[0] == 401
    assert site.ask("/v1/admin/ops/summary", token=reader)[0] == 403
    assert site.ask("/v1/auth/whoami", token=reader)[1]["subject"] == "reader"
    assert [repo["repoKey"] for repo in site.ask("/v1/repos", token=reader)[1]] == ["tools"]
    status, body = site.ask("/v1/auth/whoami")
    assert (status, body["subject"], body["scopes"]) == (200, "ops@practice", ["repo:*:admin"])
    assert len(site.ask("/v1/repos")[1]) == 4


def test_each_summary_writes_one_audit_row(rehearse: Any) -> None:
    site = rehearse()
    for _ in range(3):
        site.summary()
    assert site.rows("select count(*) from audit_log where action = 'ops.summary.read'") == [(3,)]
    status, newest = site.ask("/v1/audit?limit=5")
    assert status == 200
    assert len(newest) == 5
    assert {"actor", "action", "occurredAtUtc"} <= set(newest[0])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("missing", "does not exist"),
        ("empty", 'relation "schema_migrations" does not exist'),
        ("half", 'relation "audit_log" does not exist'),
    ],
)
def test_a_damaged_database_is_not_ready(rehearse: Any, damage: str, said: str) -> None:
    site = rehearse()
    if damage == "half":
        site.execute("drop table audit_log")
    else:
        database.drop(site.layout.database())
    if damage == "empty":
        database.create(site.layout.database())
    status, body = site.ask("/health/ready")
    assert (status, body["status"]) == (503, "not_ready")
    assert said in body["dependencies"][0]["detail"]
    assert site.ask("/health/live")[0] == 200
    assert site.ask("/v1/admin/ops/summary")[0] == 503


def test_a_locked_database_is_not_ready(rehearse: Any, until: Any) -> None:
    site = rehearse()
    link = sqlite3.connect(site.layout.database(), timeout=5, isolation_level=None)
    link.execute("pragma locking_mode = exclusive")
    link.execute("begin exclusive")
    try:
        status, body = site.ask("/health/ready")
        assert (status, body["dependencies"][0]["detail"]) == (503, "database is locked")
        assert site.ask("/v1/admin/ops/summary")[0] == 503
    finally:
        link.close()
    until(lambda: site.ask("/health/ready")[0] == 200)


def test_reconcile_compares_database_and_store(rehearse: Any) -> None:
    site = rehearse()
    status, body = site.ask("/v1/admin/reconcile/blobs?limit=1")
    assert (status, body["missingArtifactBlobRefs"], body["missingManifestBlobRefs"]) == (200, 0, 0)
    (digest,) = site.rows("select blob_digest from artifact_entries limit 1")[0]
    (site.layout.objects / digest).unlink()
    assert site.ask("/v1/admin/reconcile/blobs")[1]["missingArtifactBlobRefs"] == 1
