"""The upload protocol of the practice API: begin, part, send, complete, commit, and download."""

import hashlib
import json
import secrets
import time
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from state.rehearsal import health, objects
from state.rehearsal.api import Answer, Call, Problem, authorised, reading, writing


def begin(call: Call, repo: str) -> Answer:
    """A session for a blob of known digest and length; `deduped` where the store has it already."""
    _require_storage(call)
    wanted = _json(call)
    digest, length = wanted.get("ExpectedDigest"), wanted.get("ExpectedLength")
    if not isinstance(digest, str) or len(digest) != 64 or not isinstance(length, int):
        raise Problem(400, "bad_request", "ExpectedDigest (64 hex digits) and ExpectedLength are required.")
    with writing(call) as link:
        authorised(call, link, "write", repo)
        _require_repository(link, repo)
        known = link.execute("select 1 from blobs where digest = ?", (digest,)).fetchone()
        upload, state = secrets.token_hex(16), "committed" if known else "initiated"
        link.execute(
            "insert into upload_sessions values (?, ?, ?, ?, ?, ?)",
            (upload, repo, digest, length, state, time.time()),
        )
    body = {"uploadId": upload, "state": state}
    return Answer(200, body | {"deduped": True}) if known else Answer(201, body)


def part(call: Call, repo: str, upload: str) -> Answer:
    """Where to send the one part."""
    with writing(call) as link:
        authorised(call, link, "write", repo)
        _advance(link, upload, "initiated", "parts_uploading")
    url = f"{call.layout.url(call.server)}/objects/uploads/{upload}"
    return Answer(200, {"uploadUrl": url, "state": "parts_uploading"})


def receive(call: Call, upload: str) -> Answer:
    """The part itself; its address is the permission."""
    _require_storage(call)
    with reading(call) as link:
        _session(link, upload, "parts_uploading")
    _staged(call, upload).write_bytes(call.body)
    return Answer(200, {}, {"ETag": f'"{hashlib.sha256(call.body).hexdigest()[:32]}"'})


def complete(call: Call, repo: str, upload: str) -> Answer:
    """All parts are there."""
    with writing(call) as link:
        authorised(call, link, "write", repo)
        _advance(link, upload, "parts_uploading", "pending_commit")
    return Answer(200, {"uploadId": upload, "state": "pending_commit"})


def commit(call: Call, repo: str, upload: str) -> Answer:
    """Check digest and length, then keep the blob; 409 when they differ."""
    _require_storage(call)
    with writing(call) as link:
        caller = authorised(call, link, "write", repo)
        digest, length = _session(link, upload, "pending_commit")
        content = _staged(call, upload).read_bytes() if _staged(call, upload).exists() else b""
        if (hashlib.sha256(content).hexdigest(), len(content)) != (digest, length):
            raise Problem(
                409, "conflict", "The uploaded content does not have the expected digest and length."
            )
        objects.put(call.layout, content)
        _staged(call, upload).unlink()
        link.execute("insert or ignore into blobs values (?, ?, ?)", (digest, length, time.time()))
        link.execute("update upload_sessions set state = 'committed' where upload_id = ?", (upload,))
        objects.announce(link, "blob.committed", digest, time.time())
        objects.audit(link, caller.subject, "upload.committed", "upload", upload)
    return Answer(200, {"state": "committed", "digest": digest, "length": length})


def download(call: Call, repo: str, digest: str) -> Answer:
    """The bytes of a blob."""
    _require_storage(call)
    with reading(call) as link:
        authorised(call, link, "read", repo)
        _require_repository(link, repo)
        known = link.execute("select 1 from blobs where digest = ?", (digest,)).fetchone()
    path = call.layout.objects / digest
    if known is None or not path.exists():
        raise Problem(404, "not_found", "Blob was not found.")
    return Answer(200, path.read_bytes())


def _json(call: Call) -> dict[str, Any]:
    try:
        body = json.loads(call.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Problem(400, "bad_request", "The body must be a JSON object.")
    return body


def _require_storage(call: Call) -> None:
    trouble = health.storage_trouble(call.layout, call.release)
    if trouble is not None:
        raise Problem(503, "service_unavailable", trouble)


def _require_repository(link: Connection, repo: str) -> None:
    if link.execute("select 1 from repos where repo_key = ?", (repo,)).fetchone() is None:
        raise Problem(404, "not_found", "Repository was not found.")


def _session(link: Connection, upload: str, state: str) -> tuple[str, int]:
    row = link.execute(
        "select expected_digest, expected_length, state from upload_sessions where upload_id = ?", (upload,)
    ).fetchone()
    if row is None:
        raise Problem(404, "not_found", "Upload session was not found.")
    if row[2] != state:
        raise Problem(409, "conflict", f"The upload session is {row[2]}, not {state}.")
    return row[0], row[1]


def _advance(link: Connection, upload: str, old: str, new: str) -> None:
    _session(link, upload, old)
    link.execute("update upload_sessions set state = ? where upload_id = ?", (new, upload))


def _staged(call: Call, upload: str) -> Path:
    return call.layout.objects / f".staged-{upload}"
