"""Blobs, the versions that refer to them, and how the database and the object store agree."""

import hashlib
import json
import sqlite3
import time
from typing import Any

from state.rehearsal.health import timestamp
from state.rehearsal.layout import Layout


def put(layout: Layout, content: bytes) -> str:
    """Store a blob under its SHA-256 digest; storing it again changes nothing."""
    digest = hashlib.sha256(content).hexdigest()
    path = layout.objects / digest
    if not path.exists():
        fresh = layout.objects / f".{digest}.{time.monotonic_ns()}"
        fresh.write_bytes(content)
        fresh.replace(path)
    return digest


def audit(link: sqlite3.Connection, actor: str, action: str, kind: str, resource: str) -> None:
    """One row of the audit log, now."""
    link.execute(
        "insert into audit_log (tenant_id, actor, action, resource_type, resource_id, occurred_at)"
        " values (1, ?, ?, ?, ?, ?)",
        (actor, action, kind, resource, time.time()),
    )


def publish(link: sqlite3.Connection, package: int, version: str, digest: str, length: int, at: float) -> int:
    """A version with its blob, entry, manifest, and the outbox event that announces it."""
    link.execute("insert or ignore into blobs values (?, ?, ?)", (digest, length, at))
    made = link.execute(
        "insert into package_versions (package_id, version, published_at) values (?, ?, ?)",
        (package, version, at),
    )
    link.execute(
        "insert into artifact_entries (version_id, path, blob_digest) values (?, ?, ?)",
        (made.lastrowid, f"{version}/package.tgz", digest),
    )
    manifest = {
        "schemaVersion": 2,
        "version": version,
        "layers": [{"digest": f"sha256:{digest}", "size": length}],
        "annotations": {f"build.step.{step}": digest[step : step + 24] for step in range(12)},
    }
    link.execute(
        "insert into manifests (version_id, blob_digest, body) values (?, ?, ?)",
        (made.lastrowid, digest, json.dumps(manifest)),
    )
    announce(link, "version.published", str(made.lastrowid), at)
    return made.lastrowid or 0


def announce(link: sqlite3.Connection, event: str, aggregate: str, at: float) -> None:
    """One pending outbox event, due at once."""
    link.execute(
        "insert into outbox_events (event_type, aggregate_id, occurred_at, available_at) values (?, ?, ?, ?)",
        (event, aggregate, at, at),
    )


def reconcile(layout: Layout, link: sqlite3.Connection, limit: int) -> dict[str, Any]:
    """Which blobs the database refers to but the store lacks, and the other way round."""
    entries = {digest for (digest,) in link.execute("select blob_digest from artifact_entries")}
    manifests = {digest for (digest,) in link.execute("select blob_digest from manifests")}
    blobs = {digest for (digest,) in link.execute("select digest from blobs")}
    # After the references: a blob is stored before anything refers to it, and may come meanwhile.
    stored = {path.name for path in layout.objects.iterdir() if not path.name.startswith(".")}
    gone, unlisted = sorted(entries - stored), sorted(manifests - stored)
    orphans = sorted(stored - entries - manifests - blobs)
    return {
        "checkedAtUtc": timestamp(time.time()),
        "missingArtifactBlobRefs": len(gone),
        "missingManifestBlobRefs": len(unlisted),
        "orphanBlobCount": len(orphans),
        "missingArtifactBlobSamples": gone[:limit],
        "missingManifestBlobSamples": unlisted[:limit],
        "orphanBlobSamples": orphans[:limit],
    }
