"""What the practice deployment holds on its first day: a few hundred rows, and their blobs."""

import random
import sqlite3
import time

from state.rehearsal import objects
from state.rehearsal.layout import Layout

SMOKE_REPOSITORY = "tools"
REPOSITORIES = ("libs-release", "libs-snapshot", "containers", SMOKE_REPOSITORY)
PACKAGES = 24
VERSIONS = 240
AUDIT_ROWS = 600
_DAY = 86_400.0


def fill(layout: Layout, link: sqlite3.Connection) -> None:
    """Fill empty tables of the GA schema. The same rows in every deployment, but for their times."""
    dice, now = random.Random(142), time.time()
    link.execute("insert into tenants values (1, 'practice', ?)", (now - 90 * _DAY,))
    for number, key in enumerate(REPOSITORIES, start=1):
        link.execute("insert into repos values (?, 1, ?, 'local', ?)", (number, key, now - 90 * _DAY))
    for number in range(1, PACKAGES + 1):
        repo = (number - 1) % len(REPOSITORIES) + 1
        link.execute(
            "insert into packages values (?, ?, ?, ?)",
            (number, repo, f"component-{number:02d}", now - 60 * _DAY),
        )
    _versions(layout, link, dice, now)
    for number in range(AUDIT_ROWS):
        at = now - 3_600 - (AUDIT_ROWS - number) * 400.0
        link.execute(
            "insert into audit_log (tenant_id, actor, action, resource_type, resource_id, occurred_at)"
            " values (1, ?, ?, 'package', ?, ?)",
            (dice.choice(("ci", "kim", "sam")), "package.downloaded", str(dice.randrange(PACKAGES) + 1), at),
        )
    for number in range(12):
        at = now - (12 - number) * 7_200.0
        link.execute(
            "insert into gc_runs (mode, started_at, finished_at) values ('sweep', ?, ?)", (at, at + 40)
        )
    link.execute(
        "insert into policy_evaluations (version_id, decision, evaluated_at) values (7, 'timeout', ?)",
        (now - 5 * 3_600,),
    )
    if layout.scenario.duplicate_versions:
        link.execute("update package_versions set version = '1.0.0' where package_id = 7 and id < 60")


def _versions(layout: Layout, link: sqlite3.Connection, dice: random.Random, now: float) -> None:
    for number in range(VERSIONS):
        at = now - 3_600 - (VERSIONS - number) * 9_000.0
        content = dice.randbytes(180)
        digest = objects.put(layout, content)
        package, version = number % PACKAGES + 1, f"1.{number // PACKAGES}.0"
        made = objects.publish(link, package, version, digest, len(content), at)
        link.execute(
            "insert into search_index_jobs (version_id, state, attempts, created_at, finished_at)"
            " values (?, 'completed', 1, ?, ?)",
            (made, at + 2, at + 3),
        )
    link.execute("update outbox_events set delivered_at = occurred_at + 2")
