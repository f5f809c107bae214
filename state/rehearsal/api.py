"""The read-only endpoints of the practice API: health, ops summary, audit, repositories."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from sqlite3 import Connection
from typing import Any

from msgspec import Struct, field

from state.rehearsal import access, health, objects
from state.rehearsal.access import Principal
from state.rehearsal.database import DatabaseUnavailable, connection, transaction
from state.rehearsal.layout import Layout
from state.rehearsal.releases import Line, Release

#: The most audit rows in one answer. The real API gives 500; a rehearsal in a hurry writes more than
#: that between its backup and its restore, and shall see them counted.
_AUDIT_ROWS = 1000


class Call(Struct, frozen=True):
    """One request as it came in."""

    layout: Layout
    release: Release
    server: str
    method: str
    path: str
    query: Mapping[str, str]
    authorization: str
    body: bytes


class Answer(Struct, frozen=True):
    """What goes out: JSON, or the bytes of a blob."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


class Problem(Exception):
    """An answer that is an error; `error` is its code, the message is for people."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error = status, error


@contextmanager
def reading(call: Call) -> Iterator[Connection]:
    """A connection for reading; 503 when there is none to be had."""
    try:
        with connection(call.layout.database(), wait=2.0) as link:
            yield link
    except DatabaseUnavailable as error:
        raise Problem(503, "service_unavailable", str(error)) from error


@contextmanager
def writing(call: Call) -> Iterator[Connection]:
    """One write transaction; 503 when it cannot be had."""
    try:
        with transaction(call.layout.database(), wait=2.0) as link:
            yield link
    except DatabaseUnavailable as error:
        raise Problem(503, "service_unavailable", str(error)) from error


def authenticated(call: Call, link: Connection) -> Principal:
    """Whose call this is; 401 without a valid token."""
    scheme, _, token = call.authorization.partition(" ")
    caller = access.principal(link, token.strip()) if scheme.lower() == "bearer" else None
    if caller is None:
        raise Problem(401, "unauthorized", "Missing or invalid bearer token.")
    return caller


def authorised(call: Call, link: Connection, role: str, repo: str = "*") -> Principal:
    """Whose call this is; 401 without a valid token, 403 without the role."""
    caller = authenticated(call, link)
    if not caller.may(role, repo):
        raise Problem(403, "forbidden", f"Caller does not have the required {role} role on {repo}.")
    return caller


def live(call: Call) -> Answer:
    """Says only that the process answers."""
    return Answer(200, {"status": "ok"})


def ready(call: Call) -> Answer:
    """200 when ready, 503 with the same body when not."""
    is_ready, body = health.readiness(call.layout, call.release)
    return Answer(200 if is_ready else 503, body)


def ops_summary(call: Call) -> Answer:
    """The seven metrics; writes one audit row, and is 503 where that fails."""
    with writing(call) as link:
        caller = authorised(call, link, "admin")
        body = health.ops_summary(link)
        objects.audit(link, caller.subject, "ops.summary.read", "tenant", str(caller.tenant))
    if call.release.line is Line.CURRENT:
        _, readiness = health.readiness(call.layout, call.release)
        body["readiness"] = {key: readiness[key] for key in ("status", "dependencies")}
        body["trustMaterial"] = health.trust_material()
    return Answer(200, body)


def whoami(call: Call) -> Answer:
    """Whose token this is."""
    with reading(call) as link:
        caller = authenticated(call, link)
    body = {"subject": caller.subject, "scopes": list(caller.scopes), "authSource": "pat"}
    return Answer(200, body)


def reconcile(call: Call) -> Answer:
    """Database against object store, with up to `limit` samples of each kind."""
    with reading(call) as link:
        authorised(call, link, "admin")
        return Answer(200, objects.reconcile(call.layout, link, _limit(call, 20)))


def audit(call: Call) -> Answer:
    """The newest audit rows, newest first."""
    with reading(call) as link:
        authorised(call, link, "admin")
        rows = link.execute(
            "select id, tenant_id, actor, action, resource_type, resource_id, occurred_at, details"
            " from audit_log order by occurred_at desc, id desc limit ?",
            (_limit(call, 100, most=_AUDIT_ROWS),),
        ).fetchall()
    keys = ("auditId", "tenantId", "actor", "action", "resourceType", "resourceId")
    return Answer(
        200,
        [
            {
                **dict(zip(keys, row, strict=False)),
                "occurredAtUtc": health.timestamp(row[6]),
                "details": json.loads(row[7]),
            }
            for row in rows
        ],
    )


def repositories(call: Call) -> Answer:
    """The repositories that the token may read, by key."""
    with reading(call) as link:
        caller = authenticated(call, link)
        rows = link.execute("select repo_key, repo_type from repos order by repo_key").fetchall()
    return Answer(200, [{"repoKey": key, "repoType": kind} for key, kind in rows if caller.may("read", key)])


def _limit(call: Call, usual: int, most: int = 500) -> int:
    text = call.query.get("limit", "")
    return min(int(text), most) if text.isdigit() and int(text) > 0 else usual
