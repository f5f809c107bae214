"""The API of the site, in the shape of GA, over its PostgreSQL: `api.py SITE PORT`.

What the worker does in a real deployment, draining the queues, a thread does here.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from service import lock_file

#: Seconds within which nobody only looks at the lock.
_LOOKED_AT = 1.0
_SWEEP_EVERY = 1.0  # seconds

_PREVIOUS = "2025.12"
# The previous release knows a failed job by a column that the new one retires: once that migration
# is applied, the old binaries cannot read their queue any more.
_FAILED = {_PREVIOUS: "failed_at is not null"}

_METRICS = """
  'pendingOutboxEvents', (select count(*) from outbox_events where delivered_at is null),
  'availableOutboxEvents',
    (select count(*) from outbox_events where delivered_at is null and available_at <= now()),
  'oldestPendingOutboxAgeSeconds',
    (select coalesce(max(greatest(0, floor(extract(epoch from now() - occurred_at)))), 0)::int
     from outbox_events where delivered_at is null),
  'failedSearchJobs', (select count(*) from search_index_jobs where {failed}),
  'pendingSearchJobs', (select count(*) from search_index_jobs where state = 'pending'),
  'incompleteGcRuns', (select count(*) from gc_runs where completed_at is null),
  'recentPolicyTimeouts24h',
    (select count(*) from audit_log
     where action = 'policy.timeout' and occurred_at > now() - interval '24 hours')
"""

_WHOAMI = """
select json_build_object('subject', subject, 'scopes', scopes, 'authSource', 'pat')
from personal_access_tokens where token_digest = :'digest';
"""

_SUMMARY = """
with written as (
  insert into audit_log (actor, action, resource) values (:'subject', 'ops.summary.read', 'tenant')
  returning 1
)
select json_build_object({metrics}) from written;
"""

_AUDIT = """
select coalesce(json_agg(row_to_json(newest)), '[]') from (
  select audit_id as "auditId", actor, action, resource as "resourceId", occurred_at as "occurredAtUtc"
  from audit_log order by occurred_at desc, audit_id desc limit 500
) as newest;
"""

# The site has no blobs of its own: nothing refers to one that could be missing.
_RECONCILED = {
    "missingArtifactBlobRefs": 0,
    "missingManifestBlobRefs": 0,
    "orphanBlobCount": 0,
    "missingArtifactBlobSamples": [],
    "missingManifestBlobSamples": [],
    "orphanBlobSamples": [],
}

_SWEEP = """
update outbox_events set delivered_at = now() where event_id in (
  select event_id from outbox_events where delivered_at is null and available_at <= now()
  order by occurred_at limit 100 for update skip locked
);
update search_index_jobs set state = 'done' where job_id in (
  select job_id from search_index_jobs where state = 'pending' order by job_id limit 100
);
"""


class DatabaseError(Exception):
    """The database did not do it; the message is the line in which psql says why."""


class Problem(Exception):
    """An answer that is an error; `error` is its code, the message is for people."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status, self.error = status, error


def ask(sql: str, **variables: str) -> str:
    """What psql answers; `variables` stand in the SQL as :'name'."""
    database = os.environ.get("POSTGRES_DB", "artifortress")
    settings = [f"--set={name}={value}" for name, value in variables.items()]
    try:
        result = subprocess.run(
            ["psql", "-XAtq", "--set=ON_ERROR_STOP=1", *settings, f"--dbname={database}"],
            env=os.environ | {"PGCONNECT_TIMEOUT": "3", "PGOPTIONS": "-c statement_timeout=3000"},
            input=sql,
            capture_output=True,
            text=True,
            timeout=6,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise DatabaseError(f"psql: {error}") from error
    if result.returncode:
        said = result.stderr.strip().splitlines() or [f"psql ended with {result.returncode}"]
        raise DatabaseError(next((line for line in said if "ERROR" in line or "FATAL" in line), said[-1]))
    return result.stdout.strip()


class Api:
    """The endpoints of one site, each giving a status and a body."""

    def __init__(self, site: Path) -> None:
        self.site = site
        release = (site / "release").read_text(encoding="utf-8").strip()
        self._metrics = _METRICS.format(failed=_FAILED.get(release, "state = 'failed'"))

    def answer(self, path: str, authorization: str) -> tuple[int, Any]:
        """The answer to a GET."""
        try:
            if path == "/health/live":
                return 200, {"status": "ok"}
            if path == "/health/ready":
                return self._ready()
            if path == "/v1/auth/whoami":
                return 200, self._caller(authorization)
            if path == "/v1/admin/ops/summary":
                return 200, self._summary(authorization)
            if path == "/v1/admin/reconcile/blobs":
                self._admin(authorization)
                return 200, {"checkedAtUtc": _timestamp(), **_RECONCILED}
            if path == "/v1/audit":
                self._admin(authorization)
                return 200, json.loads(ask(_AUDIT))
            if path == "/v1/repos":
                self._caller(authorization)
                return 200, [{"repoKey": "packages", "repoType": "local"}]
            raise Problem(404, "not_found", f"There is no {path}.")
        except DatabaseError as error:
            return 503, {"error": "service_unavailable", "message": str(error)}
        except Problem as problem:
            return problem.status, {"error": problem.error, "message": str(problem)}

    def _ready(self) -> tuple[int, dict[str, Any]]:
        troubles: dict[str, str | None] = {"postgres": None, "object_storage": None}
        try:
            ask(f"select json_build_object({self._metrics});")
        except DatabaseError as error:
            troubles["postgres"] = str(error)
        if not (self.site / "objects").is_dir():
            troubles["object_storage"] = "the bucket does not exist"
        ready = not any(troubles.values())
        return 200 if ready else 503, {
            "status": "ready" if ready else "not_ready",
            "checkedAtUtc": _timestamp(),
            "dependencies": [
                {"name": name, "healthy": trouble is None, "detail": trouble}
                for name, trouble in troubles.items()
            ],
        }

    def _caller(self, authorization: str) -> dict[str, Any]:
        scheme, _, token = authorization.partition(" ")
        found = ""
        if scheme.lower() == "bearer":
            found = ask(_WHOAMI, digest=hashlib.sha256(token.strip().encode()).hexdigest())
        if not found:
            raise Problem(401, "unauthorized", "Missing or invalid bearer token.")
        return dict(json.loads(found))

    def _admin(self, authorization: str) -> dict[str, Any]:
        caller = self._caller(authorization)
        if "repo:*:admin" not in caller["scopes"]:
            raise Problem(403, "forbidden", "The caller does not have the admin role.")
        return caller

    def _summary(self, authorization: str) -> dict[str, Any]:
        caller = self._admin(authorization)
        counts = ask(_SUMMARY.format(metrics=self._metrics), subject=caller["subject"])
        return {"checkedAtUtc": _timestamp(), **json.loads(counts)}


class Handler(BaseHTTPRequestHandler):
    """Turns HTTP into a path and a header, and an answer into HTTP."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    api: ClassVar[Api]

    def do_GET(self) -> None:
        status, answer = self.api.answer(self.path.partition("?")[0], self.headers.get("Authorization", ""))
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Polling twice a second would only fill the log."""


class Server(ThreadingHTTPServer):
    """Ends once the cluster's directory is gone, so that a killed test leaves nothing behind."""

    def service_actions(self) -> None:
        if not Path(os.environ["PGHOST"]).is_dir():
            print("the database's host is gone: ending", flush=True)
            os._exit(0)


def _timestamp() -> str:
    """UTC in the API's own form, with seven decimals."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}0+00:00"


def _sweep() -> None:
    """Drains the queues for as long as the process lives."""
    trouble = ""
    while True:
        try:
            ask(_SWEEP)
            trouble = ""
        except DatabaseError as error:
            # The same trouble each second is one line in the log, not many.
            if str(error) != trouble:
                trouble = str(error)
                print(f"sweep: {trouble}", flush=True)
        time.sleep(_SWEEP_EVERY)


def _taken(lock: int) -> bool:
    """Whoever asks whether an API runs holds the lock for an instant: that is no other API."""
    deadline = time.monotonic() + _LOOKED_AT
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)


def main(site: Path, port: int) -> None:
    """Serves until ended, and holds the site's lock meanwhile."""
    lock = os.open(lock_file(site), os.O_CREAT | os.O_RDWR, 0o600)
    if not _taken(lock):
        sys.exit("an API of this site runs already")
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)
    Handler.api = Api(site)
    with Server(("127.0.0.1", port), Handler) as server:
        threading.Thread(target=_sweep, daemon=True).start()
        server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
