"""The audit rows since a moment: counted by action, and never called complete on the word of a short list."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr

from state.deployment.api import Api
from state.readings import Ask, Reading, ReadingClass

from .conftest import always, http, serving

TOKEN = "tok-0123456789-secret"
SINCE = 1_770_818_400.0


def row(after: float, action: str = "upload.committed", key: str = "occurredAtUtc") -> dict[str, Any]:
    """A row that was written so many seconds after SINCE."""
    moment = datetime.fromtimestamp(SINCE + after, UTC)
    return {"auditId": 1, "actor": "ci", "action": action, key: f"{moment:%Y-%m-%dT%H:%M:%S.%f}0+00:00"}


async def audited(body: object, status: str = "200 OK") -> Reading:
    async with serving(always(http(status, json.dumps(body)))) as url:
        api = Api([url, "http://127.0.0.1:1"], SecretStr(TOKEN))
        try:
            return await api.audit(SINCE)
        finally:
            await api.aclose()


async def counted(body: object) -> dict[str, Any]:
    reading = await audited(body)
    assert (reading.ask, reading.reading_class, reading.reason) == (Ask.AUDIT, ReadingClass.OK, "")
    return dict(reading.values or {})


ROWS = [row(30), row(20, "ops.summary.read"), row(10, "ops.summary.read"), row(0), row(-5)]


async def test_rows_after_the_moment_are_counted_by_action() -> None:
    assert await counted(ROWS) == {
        "since": SINCE,
        "count": 3,
        "complete": True,
        "actions": {"ops.summary.read": 2, "upload.committed": 1},
    }


@pytest.mark.parametrize("envelope", ["items", "entries", "audit"])
@pytest.mark.parametrize("key", ["occurredAtUtc", "occurredAt", "occurred_at"])
async def test_envelopes_and_keys_that_are_known(envelope: str, key: str) -> None:
    values = await counted({envelope: [row(1, key=key), row(-1, key=key)], "total": 2})
    assert (values["count"], values["complete"]) == (1, True)


async def test_a_time_without_zone_is_utc() -> None:
    values = await counted([{"action": "a", "occurredAtUtc": "2026-02-11T14:00:01"}, row(-1)])
    assert values["count"] == 1


async def test_only_rows_that_reach_back_make_it_complete() -> None:
    full = [row(500 - number) for number in range(500)]
    # Artifortress gives 500 whatever the limit: shorter than what was asked for, and not all.
    assert (await counted(full))["complete"] is False
    assert (await counted([*full, row(-1)]))["complete"] is True
    assert (await counted([row(2), row(1)]))["complete"] is False
    assert await counted([]) == {"since": SINCE, "count": 0, "complete": True, "actions": {}}


async def test_oldest_first_is_not_complete() -> None:
    assert (await counted([row(-5), row(-4), row(3)]))["complete"] is False
    assert (await counted([row(-5), row(-4)]))["complete"] is False


async def test_actions_are_made_printable_and_few() -> None:
    hostile = [row(1, f"say \x1b]52;c;x\x07{TOKEN}"), row(-1)]
    assert (await counted(hostile))["actions"] == {"say ***": 1}
    many = [row(1, f"action-{number}") for number in range(150)] + [row(1, "often"), row(1, "often"), row(-1)]
    actions = (await counted(many))["actions"]
    assert (len(actions), actions["often"], actions["other"]) == (101, 2, 51)
    assert sum(actions.values()) == 152


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"rows_": []}, "Field required"),
        ("x", "Input should be"),
        ([1], "rows.0: "),
        ([{"action": "a"}], "rows.0.occurredAtUtc: Field required"),
        ([{"action": 5, "occurredAtUtc": "2026-02-11T14:00:00Z"}], "rows.0.action: "),
        ([{"action": "a", "occurredAtUtc": 1770818400}], "rows.0.occurredAtUtc: "),
        ([{"action": "a", "occurredAtUtc": "lately"}], "an audit row does not say when"),
    ],
)
async def test_rows_that_are_none_are_a_bad_body(body: object, reason: str) -> None:
    reading = await audited(body)
    assert (reading.reading_class, reading.values) == (ReadingClass.BAD_BODY, None)
    assert reason in reading.reason


async def test_a_refused_token_is_no_zero() -> None:
    reading = await audited({"error": "unauthorized"}, "401 No")
    assert (reading.reading_class, reading.values) == (ReadingClass.UNAUTHORIZED, None)
