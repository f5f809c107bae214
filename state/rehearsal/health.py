"""What the practice deployment says of itself: readiness and the ops summary, on both API lines."""

import os
import sqlite3
import time
from datetime import UTC, datetime
from typing import Any

from state.rehearsal.database import DatabaseUnavailable, connection, missing_tables
from state.rehearsal.layout import Layout
from state.rehearsal.releases import NEW, Line, Release, installed_at

_NOT_CONFIGURED = (
    ("redis", "Redis is not part of the practice deployment."),
    ("telemetry", "No telemetry exporter is configured."),
)
_TRUST = (
    ("oidc_jwks", "OIDC federation is disabled."),
    ("saml_metadata", "SAML federation is disabled."),
)


def timestamp(at: float) -> str:
    """UTC in the API's own form, with seven decimals."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S.%f}0+00:00"


def readiness(layout: Layout, release: Release) -> tuple[bool, dict[str, Any]]:
    """Whether this replica is ready, and the body that says so (sent with 200 or 503)."""
    probes = (
        ("postgres", _database_trouble(layout, release)),
        ("object_storage", storage_trouble(layout, release)),
    )
    ready = all(trouble is None for _, trouble in probes)
    dependencies: list[dict[str, Any]] = []
    for name, trouble in probes:
        entry: dict[str, Any] = {"name": name, "healthy": trouble is None, "detail": trouble}
        if release.line is Line.CURRENT:
            entry |= {"essential": True, "status": "ready" if trouble is None else "not_ready"}
        dependencies.append(entry)
    if release.line is Line.CURRENT:
        dependencies = [
            *(_idle(name, detail) for name, detail in _NOT_CONFIGURED),
            *dependencies,
            *(_idle(name, detail) for name, detail in _TRUST),
        ]
    status = "ready" if ready else "not_ready"
    return ready, {"status": status, "checkedAtUtc": timestamp(time.time()), "dependencies": dependencies}


def _idle(name: str, detail: str) -> dict[str, Any]:
    return {"name": name, "healthy": True, "essential": False, "status": "not_configured", "detail": detail}


def _database_trouble(layout: Layout, release: Release) -> str | None:
    if _flapped_off(layout, release):
        return "The operation has timed out while getting a connection from the pool"
    try:
        with connection(layout.database(), wait=1.0) as link:
            missing = missing_tables(link)
    except DatabaseUnavailable as error:
        return str(error)
    return f'42P01: relation "{missing[0]}" does not exist' if missing else None


def _flapped_off(layout: Layout, release: Release) -> bool:
    scenario = layout.scenario
    if release.version != NEW or not scenario.flaps_for:
        return False
    since = (time.time() - installed_at(layout)) / layout.pace
    return 0 <= since < scenario.flaps_for and int(since / scenario.flap_every) % 2 == 1


def storage_trouble(layout: Layout, release: Release) -> str | None:
    """Why the object store cannot be used; None when it can."""
    if release.version == NEW and not layout.scenario.storage_reachable:
        return "NoSuchBucket: the bucket 'artifortress-v2' does not exist"
    if not os.access(layout.objects, os.R_OK | os.W_OK | os.X_OK):
        return "the object store's directory cannot be written"
    return None


def ops_summary(link: sqlite3.Connection) -> dict[str, Any]:
    """The seven metrics, counted now."""
    now = time.time()
    pending, available, oldest = link.execute(
        "select count(*), coalesce(sum(available_at <= ?), 0), min(occurred_at)"
        " from outbox_events where delivered_at is null",
        (now,),
    ).fetchone()
    jobs = dict(link.execute("select state, count(*) from search_index_jobs group by state"))
    return {
        "checkedAtUtc": timestamp(now),
        "pendingOutboxEvents": pending,
        "availableOutboxEvents": available,
        "oldestPendingOutboxAgeSeconds": 0 if oldest is None else max(0, int(now - oldest)),
        "failedSearchJobs": jobs.get("failed", 0),
        "pendingSearchJobs": jobs.get("pending", 0),
        "incompleteGcRuns": _count(link, "gc_runs where finished_at is null"),
        "recentPolicyTimeouts24h": _count(
            link, "policy_evaluations where decision = 'timeout' and evaluated_at > ?", now - 86_400
        ),
    }


def trust_material() -> dict[str, Any]:
    """What the current line adds about identity providers."""
    return {
        name.partition("_")[0]: {"healthy": True, "status": "not_configured", "detail": detail}
        for name, detail in _TRUST
    }


def _count(link: sqlite3.Connection, which: str, *values: float) -> int:
    return int(link.execute(f"select count(*) from {which}", values).fetchone()[0])
