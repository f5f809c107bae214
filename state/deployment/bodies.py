"""The bodies that Artifortress answers with, GA and current, checked strictly: no body is guessed at."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StrictInt, ValidationError
from pydantic_core import from_json

#: The largest count that every reader of JSON and SQLite keeps exactly.
_LARGEST = 2**53

_STATES = ("ready", "degraded", "not_ready", "not_configured")


class BodyError(Exception):
    """The body is not what the address answers with: one line, never with the body itself."""


class _Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Live(_Body):
    """`GET /health/live`."""

    status: Literal["ok"]


class Dependency(_Body):
    """One dependency: GA says `healthy`, current also `status`, which then counts."""

    name: str
    healthy: bool | None = None
    status: str | None = None
    detail: str | None = None

    @property
    def state(self) -> str:
        """ready, degraded, not_ready or not_configured; raises BodyError where nothing tells."""
        if self.status in _STATES:
            return self.status
        if self.healthy is None:
            raise BodyError("a dependency says neither healthy nor a known status")
        return "ready" if self.healthy else "not_ready"


class Readiness(_Body):
    """`GET /health/ready`, with 200 as with 503."""

    status: Literal["ready", "degraded", "not_ready"]
    checked_at: Any = Field(default=None, alias="checkedAtUtc")
    dependencies: Annotated[list[Dependency], Field(max_length=100)]


_Known = Annotated[StrictInt, Field(ge=0, le=_LARGEST)]
_Count = _Known | None


class Summary(_Body):
    """`GET /v1/admin/ops/summary`: the seven counts; one that is not there is not known."""

    checked_at: Any = Field(default=None, alias="checkedAtUtc", exclude=True)
    pendingOutboxEvents: _Count = None
    availableOutboxEvents: _Count = None
    oldestPendingOutboxAgeSeconds: _Count = None
    failedSearchJobs: _Count = None
    pendingSearchJobs: _Count = None
    incompleteGcRuns: _Count = None
    recentPolicyTimeouts24h: _Count = None


class Whoami(_Body):
    """`GET /v1/auth/whoami`."""

    subject: str
    scopes: Annotated[list[str], Field(max_length=1000)]
    source: str | None = Field(default=None, alias="authSource")


class Reconciliation(_Body):
    """`GET /v1/admin/reconcile/blobs`: how the database and the object store agree."""

    checked_at: Any = Field(default=None, alias="checkedAtUtc", exclude=True)
    missingArtifactBlobRefs: _Known
    missingManifestBlobRefs: _Known
    orphanBlobCount: _Known


class AuditRow(_Body):
    """One row of `GET /v1/audit`."""

    action: str
    occurred_at: str = Field(validation_alias=AliasChoices("occurredAtUtc", "occurredAt", "occurred_at"))

    @property
    def at(self) -> float:
        """When, in seconds since the epoch; raises BodyError where it says no moment."""
        at = clock(self.occurred_at)
        if at is None:
            raise BodyError("an audit row does not say when it was written")
        return at


class Audit(_Body):
    """`GET /v1/audit`: the newest rows, newest first."""

    rows: Annotated[
        list[AuditRow],
        Field(max_length=100_000, validation_alias=AliasChoices("rows", "items", "entries", "audit")),
    ]


class Repository(_Body):
    """One of `GET /v1/repos`."""

    key: str = Field(alias="repoKey")


class Repositories(_Body):
    """`GET /v1/repos`: those that the token may read."""

    rows: Annotated[
        list[Repository],
        Field(max_length=100_000, validation_alias=AliasChoices("rows", "items", "repos")),
    ]


class UploadSession(_Body):
    """What every step of an upload but the sending answers; `digest` once it is committed."""

    state: str
    id: Annotated[str, Field(pattern=r"\A[\w-]{1,100}\z")] | None = Field(default=None, alias="uploadId")
    url: str | None = Field(default=None, alias="uploadUrl", repr=False)
    digest: str | None = None


class Problem(_Body):
    """What Artifortress answers when it refuses or fails."""

    error: str | None = None
    message: str | None = None


_B = TypeVar("_B", bound=_Body)


def parse(model: type[_B], body: bytes) -> _B:
    """The body as this model; raises BodyError, whose line has the place but not the content."""
    return _validated(model, body, bare=False)


def parse_rows(model: type[_B], body: bytes) -> _B:
    """As `parse`, for a model with `rows`, which may also come without an envelope."""
    return _validated(model, body, bare=True)


def _validated(model: type[_B], body: bytes, bare: bool) -> _B:
    try:
        content = from_json(body, allow_inf_nan=False)
        return model.model_validate({"rows": content} if bare and isinstance(content, list) else content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BodyError(f"{place}: {first['msg']}" if place else first["msg"]) from None
    except ValueError as error:
        raise BodyError(f"not JSON: {error}") from None


def clock(checked_at: Any) -> float | None:
    """`checkedAtUtc` in seconds since the epoch, None where it says no moment."""
    try:
        moment = datetime.fromisoformat(checked_at)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
