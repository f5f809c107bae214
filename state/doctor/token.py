"""Examines the admin token: can it be read, is it accepted, may it read the ops summary."""

import asyncio
from collections.abc import Iterator, Mapping

from pydantic import SecretStr

from state.deployment.api import Api
from state.deployment.token import TokenError, read_token
from state.doctor.check import Check, fail, ok, warn
from state.judgement.phrases import line
from state.readings import METRICS, UNREACHABLE, Ask, Reading, ReadingClass
from state.settings import Api as ApiSettings

_MENDS = {
    ReadingClass.UNAUTHORIZED: "issue a new admin token and put it where [api] takes it from",
    ReadingClass.FORBIDDEN: "issue a token with the admin scope and put it where [api] takes it from",
}
_UNANSWERED = "look at the API first"


def examine(api: ApiSettings, env: Mapping[str, str]) -> Iterator[Check]:
    """The token against the first replica, which also answers the ops summary."""
    try:
        token = read_token(api, env)
    except TokenError as error:
        yield fail("token", str(error))
        return
    whoami = _ask(api, token, Ask.WHOAMI)
    yield _token(whoami)
    if whoami.reading_class in _MENDS or whoami.reading_class in UNREACHABLE:
        yield warn("ops summary", "not asked: first the token must be accepted")
        return
    yield _summary(_ask(api, token, Ask.OPS))


def _ask(api: ApiSettings, token: SecretStr, ask: Ask) -> Reading:
    async def once() -> Reading:
        client = Api(api.urls, token, api.trust_proxy)
        try:
            return await client.probe(ask, client.replicas[0])
        finally:
            await client.aclose()

    return asyncio.run(once())


def _token(whoami: Reading) -> Check:
    if whoami.reading_class is ReadingClass.OK:
        values = whoami.values or {}
        return ok("token", f"accepted as {values['subject']} ({', '.join(values['scopes']) or 'no scopes'})")
    if mend := _MENDS.get(whoami.reading_class):
        return fail("token", line(whoami), mend)
    return warn("token", f"nobody could say whose it is: {line(whoami)}", _UNANSWERED)


def _summary(ops: Reading) -> Check:
    if ops.reading_class is not ReadingClass.OK:
        return fail("ops summary", line(ops), _MENDS.get(ops.reading_class, _UNANSWERED))
    known = len(ops.values or {})
    if known < len(METRICS):
        absent = ", ".join(metric.key for metric in METRICS if metric.key not in (ops.values or {}))
        return warn("ops summary", f"read, but without {absent}", "their backlog cannot be compared")
    return ok("ops summary", f"read, {known} metrics (this wrote one row to the audit log)")
