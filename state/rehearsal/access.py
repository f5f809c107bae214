"""Bearer tokens of the practice deployment: issuing, checking, and replacing one that has expired."""

import hashlib
import json
import secrets
import sqlite3
import time

from msgspec import Struct

from state.rehearsal.database import connection, transaction
from state.rehearsal.layout import Layout, replace_file

ADMIN_SCOPES = ("repo:*:admin",)
_RANKS = {"read": 0, "write": 1, "promote": 2, "admin": 3}


class Principal(Struct, frozen=True):
    """Whom a valid token belongs to."""

    subject: str
    scopes: tuple[str, ...]
    tenant: int

    def may(self, role: str, repo: str = "*") -> bool:
        """Whether any scope grants `role` on `repo`; `*` asks for all repositories."""
        for scope in self.scopes:
            _, key, granted = scope.split(":")
            if key in ("*", repo) and _RANKS[granted] >= _RANKS[role]:
                return True
        return False


def issue(
    link: sqlite3.Connection, subject: str, scopes: tuple[str, ...], expires_at: float | None = None
) -> str:
    """A new token; the database keeps only its digest."""
    token = secrets.token_urlsafe(24)
    link.execute(
        "insert into personal_access_tokens (tenant_id, subject, token_digest, scopes, issued_at, expires_at)"
        " values (1, ?, ?, ?, ?, ?)",
        (subject, _digest(token), json.dumps(scopes), time.time(), expires_at),
    )
    return token


def principal(link: sqlite3.Connection, token: str) -> Principal | None:
    """Whose token this is; None when it is unknown or has expired."""
    row = link.execute(
        "select subject, scopes, tenant_id from personal_access_tokens"
        " where token_digest = ? and (expires_at is null or expires_at > ?)",
        (_digest(token), time.time()),
    ).fetchone()
    return None if row is None else Principal(row[0], tuple(json.loads(row[1])), row[2])


def replace_expired(layout: Layout) -> None:
    """Put a new token into the token file once the one there is no longer accepted."""
    with connection(layout.database()) as link:
        if principal(link, layout.token.read_text(encoding="utf-8").strip()) is not None:
            return
    with transaction(layout.database()) as link:
        token = issue(link, "ops@practice", ADMIN_SCOPES)
    replace_file(layout.token, token + "\n")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
