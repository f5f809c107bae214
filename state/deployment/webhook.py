"""Posts a message to the channel's webhook, whose address is a secret and stands in no answer."""

import asyncio
import time
from collections.abc import Callable

from pydantic import SecretStr

from state.deployment.failures import failure
from state.deployment.wire import Wire, limits
from state.policy import LARGEST_MESSAGE
from state.readings import Ask, Reading, ReadingClass

#: Seconds for the whole of a post.
DEADLINE = 10.0

_TIMEOUT = limits(read=8.0)

#: What went wrong, in words of our own: those of the failure itself may hold the address.
_WORDS = {
    ReadingClass.TIMEOUT: "no answer in time: look into the channel, it may have been posted",
    ReadingClass.RESET: "the connection broke: look into the channel, it may have been posted",
    ReadingClass.REFUSED: "connection refused: nothing listens at the webhook's address",
    ReadingClass.TLS: "TLS failed: the host's certificates do not fit the webhook's address",
    ReadingClass.DNS: "the webhook's address is not usable, or its host's name is not known",
}


async def post(
    wire: Wire,
    address: SecretStr | None,
    message_id: str,
    text: str,
    replica: str,
    *,
    wall: Callable[[], float] = time.time,
    mono: Callable[[], float] = time.monotonic,
) -> Reading:
    """Posts `{"text": text}` once, without the token; the reading says whether it was taken.

    Its values name the message whatever became of it, so that nobody takes the answer for that to
    another; `replica` only files it. Never raises.
    """
    began = mono()
    code, reading_class, reason = await _post(wire, address, text)
    ended = mono()
    return Reading(
        ask=Ask.POST,
        replica=replica,
        at=wall(),
        reading_class=reading_class,
        monotonic=ended,
        code=code,
        latency_ms=None if code is None else (ended - began) * 1000,
        values={"id": message_id},
        reason=reason,
    )


async def _post(wire: Wire, address: SecretStr | None, text: str) -> tuple[int | None, ReadingClass, str]:
    if address is None:
        return None, ReadingClass.DNS, "no webhook: set the variable that [comms] webhook_env names"
    if len(text.encode("utf-8", "surrogatepass")) > LARGEST_MESSAGE:
        return None, ReadingClass.TOO_LARGE, "the message is longer than 8 KiB: shorten it"
    try:
        async with asyncio.timeout(DEADLINE):
            answer = await wire.send(
                "POST",
                address.get_secret_value(),
                with_token=False,
                limits=_TIMEOUT,
                json={"text": text},
            )
    except Exception as error:
        reading_class, _ = failure(error)
        return None, reading_class, _WORDS[reading_class]
    if 200 <= answer.code < 300:
        return answer.code, ReadingClass.OK, ""
    # Without the body: a server that does not know an address likes to repeat it.
    return answer.code, *_REFUSALS.get(answer.code // 100, _REFUSED)


_REFUSED = (ReadingClass.BAD_BODY, "the webhook did not take the message: look at its address")
_REFUSALS = {5: (ReadingClass.SERVER_ERROR, "the webhook failed: try again, or copy the message")}
