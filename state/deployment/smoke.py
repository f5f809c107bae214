"""Tries the core actions of a deployment as a client would; an upload leaves one small blob behind."""

import time
from collections.abc import Callable

from state.deployment.action import ActionFailed, Do, json_of, within
from state.deployment.api import Api
from state.deployment.bodies import BodyError, Repositories, parse_rows
from state.deployment.failures import failure
from state.deployment.upload import Upload
from state.readings import Ask, Reading, ReadingClass


async def core_actions(
    api: Api,
    repository: str | None,
    accept_degraded: bool = False,
    *,
    wall: Callable[[], float] = time.time,
    mono: Callable[[], float] = time.monotonic,
) -> Reading:
    """Live and ready on every replica, whoami, the repositories; with `repository` an upload as well.

    One reading whose values hold every action, also where some failed: its class and reason are
    then those of the first that did. Nothing ends the list: an action that needs one that failed
    is not tried, and says so. Never raises.
    """
    began = mono()
    tried = _Trial(api, mono)
    for replica in api.replicas:
        await tried.act(f"live {replica}", _probing(api, Ask.LIVE, replica))
        await tried.act(f"ready {replica}", _probing(api, Ask.READY, replica, accept_degraded))
    await tried.act("whoami", _probing(api, Ask.WHOAMI, api.replicas[0]))
    await tried.act("list repositories", lambda: _repositories(api, repository))
    if repository is not None:
        await tried.chain(Upload(api, repository).actions())
    ended = mono()
    return Reading(
        ask=Ask.SMOKE,
        replica=api.replicas[0],
        at=wall(),
        reading_class=tried.reading_class,
        monotonic=ended,
        latency_ms=(ended - began) * 1000,
        values={"actions": tried.actions},
        reason=tried.reason,
    )


class _Trial:
    """Does actions one after another, and keeps what came of each."""

    def __init__(self, api: Api, mono: Callable[[], float]) -> None:
        self._line = api.interpreter.line
        self._mono = mono
        self.actions: list[dict[str, object]] = []
        self.reading_class = ReadingClass.OK
        self.reason = ""

    async def act(self, name: str, do: Do) -> bool:
        """Whether the action came out right; it is given its deadlines by whoever made it."""
        began = self._mono()
        try:
            words, reading_class = await do(), ReadingClass.OK
        except ActionFailed as error:
            words, reading_class = str(error), error.reading_class
        except BodyError as error:
            words, reading_class = str(error), ReadingClass.BAD_BODY
        except Exception as error:
            # What kept the answer from coming is a word about the action, whatever it was.
            reading_class, words = failure(error)
        self._keep(name, reading_class, words, self._mono() - began)
        return reading_class is ReadingClass.OK

    async def chain(self, actions: list[tuple[str, Do]]) -> None:
        """Does actions of which each needs the one before it."""
        missing = ""
        for name, do in actions:
            if missing:
                self.actions.append(_action(name, False, f"not tried: it needs {missing}", 0.0))
            elif not await self.act(name, do):
                missing = name

    def _keep(self, name: str, reading_class: ReadingClass, words: str, took: float) -> None:
        good, words = reading_class is ReadingClass.OK, self._line(words)
        self.actions.append(_action(name, good, words, took * 1000))
        if not good and self.reading_class is ReadingClass.OK:
            self.reading_class, self.reason = reading_class, self._line(f"{name}: {words}")


def _action(name: str, good: bool, words: str, ms: float) -> dict[str, object]:
    return {"name": name, "ok": good, "words": words, "ms": ms}


def _probing(api: Api, ask: Ask, replica: str, accept_degraded: bool = False) -> Do:
    async def do() -> str:
        reading = await api.probe(ask, replica)
        values = reading.values or {}
        if reading.reading_class is ReadingClass.DEGRADED and accept_degraded:
            return f"degraded, which is accepted: {reading.reason}"
        if reading.reading_class is not ReadingClass.OK:
            raise ActionFailed(reading.reading_class, reading.reason)
        return str(values.get("subject") or values.get("status") or "answers")

    return do


async def _repositories(api: Api, repository: str | None) -> str:
    answer = await within(api.wire.get(f"{api.replicas[0]}/v1/repos", with_token=True))
    keys = [row.key.lower() for row in parse_rows(Repositories, json_of(api, answer)).rows]
    if repository is not None and repository.lower() not in keys:
        raise ActionFailed(
            ReadingClass.BAD_BODY, f"{repository} is not among the {len(keys)} that the token may read"
        )
    return f"{len(keys)} that the token may read"
