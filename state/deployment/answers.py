"""Makes a reading's class, values and reason of an HTTP answer."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any

from msgspec import Struct

from state.deployment.bodies import (
    Audit,
    BodyError,
    Dependency,
    Live,
    Problem,
    Readiness,
    Reconciliation,
    Summary,
    Whoami,
    clock,
    parse,
    parse_rows,
)
from state.readings import Ask, ReadingClass
from state.text import printable, redact

#: The largest body that is read, in bytes.
LARGEST = 1024 * 1024

#: How much of a text from outside is looked at; what is kept of it is far less.
_LOOKED_AT = 8192
_REASON, _DETAIL, _NAME, _SCOPES, _ACTIONS = 200, 300, 100, 50, 100

#: Under this name the audit rows of all further actions are counted.
_OTHER = "other"


class Answer(Struct, frozen=True):
    """What came over the wire; `body` has at most LARGEST bytes, `too_large` says that there was more.

    `etag` is the header of that name, empty where there is none.
    """

    code: int
    content_type: str
    encoding: str
    location: str
    body: bytes
    too_large: bool
    etag: str = ""


class Meaning(Struct, frozen=True):
    """What an answer says. `server_clock` is `checkedAtUtc` in seconds since the epoch."""

    reading_class: ReadingClass
    reason: str = ""
    values: Mapping[str, Any] | None = None
    server_clock: float | None = None


class Interpreter:
    """Reads answers; whatever text they hold is made printable, and the token is taken out."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets

    def line(self, text: str, length: int = _REASON) -> str:
        """One printable line without secrets, of at most `length` characters."""
        if not text:
            return ""
        clean = redact(printable(text[:_LOOKED_AT].strip()), self._secrets)
        return clean if len(clean) <= length else clean[: length - 1] + "…"

    def meaning(self, ask: Ask, answer: Answer) -> Meaning:
        """What the answer says to a probe: to live, ready, ops, whoami or reconcile."""
        read = {
            Ask.LIVE: self._live,
            Ask.READY: self._ready,
            Ask.OPS: self._ops,
            Ask.WHOAMI: self._whoami,
            Ask.RECONCILE: self._reconcile,
        }[ask]
        if answer.code == 503 and ask is Ask.READY:
            return self._not_ready(answer)
        return self.refusal(answer) or self._parsed(answer, read)

    def audit(self, answer: Answer, since: float) -> Meaning:
        """What the answer says about the audit rows younger than `since`, in seconds since the epoch."""
        return self.refusal(answer) or self._parsed(answer, lambda body: self._audit(body, since))

    def refusal(self, answer: Answer, accepted: Collection[int] = (200,)) -> Meaning | None:
        """What an answer says that is no success; None where its code is one of `accepted`."""
        if answer.code in accepted:
            return None
        if answer.code == 401:
            refused = "the token is not accepted" if self._secrets else "there is no token"
            return self._bad(ReadingClass.UNAUTHORIZED, f"401: {refused}{self._problem(answer)}")
        if answer.code == 403:
            return self._bad(ReadingClass.FORBIDDEN, f"403: the token may not do this{self._problem(answer)}")
        if 300 <= answer.code < 400:
            target = self.line(answer.location, _NAME) or "nowhere"
            return self._bad(ReadingClass.BAD_BODY, f"redirects to {target}: a login page or proxy?")
        if answer.code >= 500:
            return self._bad(ReadingClass.SERVER_ERROR, f"{answer.code}{self._problem(answer)}")
        return self._bad(
            ReadingClass.BAD_BODY,
            f"{answer.code} is not an answer of Artifortress{self._problem(answer)}",
        )

    def _parsed(self, answer: Answer, read: Callable[[bytes], Meaning]) -> Meaning:
        if answer.too_large:
            return self._bad(ReadingClass.TOO_LARGE, "the body is larger than 1 MiB")
        try:
            check_kind(answer)
            return read(answer.body)
        except BodyError as error:
            return self._bad(ReadingClass.BAD_BODY, str(error))

    def _not_ready(self, answer: Answer) -> Meaning:
        """A 503 is either readiness itself that says no, or something in front of it that failed."""
        meaning = self._parsed(answer, self._ready)
        if meaning.reading_class is ReadingClass.NOT_READY:
            return meaning
        why = meaning.reason if meaning.values is None else "but the body does not say not_ready"
        return self._bad(ReadingClass.SERVER_ERROR, f"503{self._problem(answer) or f': {why}'}")

    def _live(self, body: bytes) -> Meaning:
        parse(Live, body)
        return Meaning(ReadingClass.OK, values={})

    def _ready(self, body: bytes) -> Meaning:
        read = parse(Readiness, body)
        dependencies = [self._dependency(dependency) for dependency in read.dependencies]
        wrong = [
            f"{each['name']} {each['state']}{': ' + each['detail'] if each['detail'] else ''}"
            for each in dependencies
            if each["state"] in ("not_ready", "degraded")
        ]
        reading_class = ReadingClass.OK if read.status == "ready" else ReadingClass(read.status)
        reason = "" if reading_class is ReadingClass.OK else self.line(", ".join(wrong) or read.status)
        values = {"status": read.status, "dependencies": dependencies}
        return Meaning(reading_class, reason, values, clock(read.checked_at))

    def _dependency(self, dependency: Dependency) -> dict[str, str]:
        return {
            "name": self.line(dependency.name, _NAME),
            "state": dependency.state,
            "detail": self.line(dependency.detail or "", _DETAIL),
        }

    def _ops(self, body: bytes) -> Meaning:
        read = parse(Summary, body)
        values = read.model_dump(exclude_none=True)
        if not values:
            raise BodyError("none of the seven metrics is in the body")
        return Meaning(ReadingClass.OK, values=values, server_clock=clock(read.checked_at))

    def _whoami(self, body: bytes) -> Meaning:
        read = parse(Whoami, body)
        values = {
            "subject": self.line(read.subject, _NAME),
            "scopes": [self.line(scope, _NAME) for scope in read.scopes[:_SCOPES]],
            "source": self.line(read.source or "", _NAME),
        }
        return Meaning(ReadingClass.OK, values=values)

    def _reconcile(self, body: bytes) -> Meaning:
        read = parse(Reconciliation, body)
        return Meaning(ReadingClass.OK, values=read.model_dump(), server_clock=clock(read.checked_at))

    def _audit(self, body: bytes, since: float) -> Meaning:
        read = [(row.at, row.action) for row in parse_rows(Audit, body).rows]
        counted = Counter(self.line(action, _NAME) for at, action in read if at > since)
        actions = dict(counted.most_common(_ACTIONS))
        if others := counted.total() - sum(actions.values()):
            actions[_OTHER] = actions.get(_OTHER, 0) + others
        # A short list proves nothing: Artifortress cuts the limit down to its own without a word.
        # Only rows that reach back, newest first, show that none is left out.
        reaches = not read or read[-1][0] <= min(since, read[0][0])
        values = {"since": since, "count": counted.total(), "complete": reaches, "actions": actions}
        return Meaning(ReadingClass.OK, values=values)

    def _problem(self, answer: Answer) -> str:
        """`: error: message` where the body of an error says so, or what else it seems to be."""
        try:
            check_kind(answer)
            problem = parse(Problem, answer.body)
        except BodyError as error:
            return f" with {error}" if "HTML" in str(error) else ""
        return "".join(f": {part}" for part in (problem.error, problem.message) if part)

    def _bad(self, reading_class: ReadingClass, reason: str) -> Meaning:
        return Meaning(reading_class, self.line(reason))


def check_kind(answer: Answer) -> None:
    """Raises BodyError where the answer is no JSON, by its own account or by the look of it."""
    if answer.encoding not in ("", "identity"):
        raise BodyError(f"compressed body ({answer.encoding}), which was not asked for")
    kind = answer.content_type.partition(";")[0].strip().lower()
    if "html" in kind or answer.body[:200].lstrip()[:1] == b"<":
        raise BodyError(f"HTML instead of JSON ({kind or 'no content type'}, {answer.code})")
    if kind != "application/json" and not kind.endswith("+json"):
        raise BodyError(f"no JSON ({kind or 'no content type'}, {answer.code})")
