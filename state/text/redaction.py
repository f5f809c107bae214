"""Takes secrets out of text before it is kept or shown: out of a whole one, or out of one that streams by.

It takes time in proportion to the text, whatever stands in it, and in a stream memory of a fixed size.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

#: What stands in the place of a secret.
HIDDEN = "***"

#: No secret is longer, in characters: what goes on beyond that stays.
LONGEST = 16 * 1024

Span = tuple[int, int]


class _Look(NamedTuple):
    """How a secret looks: the group `secret` of `pattern`; without one of the `words` there is none.

    The words are casefolded, and cheap to look for: most text has none of them.
    """

    words: tuple[str, ...]
    pattern: re.Pattern[str]


_NAMES = r"pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|(?:api|access|private|signing)[_-]?key"
_NAME_WORDS = ("pass", "pwd", "secret", "token", "credential", "key")
_GITHUB = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_")


@cache
def _looks(longest: int) -> tuple[_Look, ...]:
    """All that have a look of their own, each at most about twice `longest` characters long.

    Made when they are first needed: a status line needs none of them.
    """
    # Possessive quantifiers (`*+`) never give back what they took, so that no input makes a pattern
    # try the same stretch twice. The look-behinds let a pattern begin only where a word does: each
    # word is read once. No look has more than one character behind it.
    some, short = rf"{{1,{longest}}}+", min(longest, 1024)
    value = (
        rf"""(?P<secret>"(?:[^"\\\n]|\\.){{0,{longest}}}+"?|'[^'\n]{{0,{longest}}}+'?"""
        rf"""|[^\s"'&,;<>(){{}}\[\]\x1b]{some})"""
    )
    patterns = {
        # A log of containers has a name and a bar before each line.
        r"(?P<secret>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY-----"
        rf"(?:[\w\s+/=:,.\\|]|-(?!----)){{0,{longest}}}+"
        r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY-----)?)": ("private key-----",),
        r"(?i)\b(?:(?:proxy-)?authorization|x-api-key|set-cookie|cookie)"
        rf"""["']?\s{{0,4}}[:=]\s{{0,4}}["']?(?P<secret>[^\r\n"'\x1b]{some})""": (
            "authorization",
            "x-api-key",
            "cookie",
        ),
        rf"(?i)\b(?:bearer|basic)\s{{1,4}}(?P<secret>[\w.~+/=-]{{8,{longest}}}+)": ("bearer", "basic"),
        rf"://[^\s/:@]{{0,{short // 4}}}+:(?P<secret>[^\s/]{{1,{short}}})@": ("://",),
        rf"(?i)(?:{_NAMES})[\w-]{{0,32}}+[\"']?\s{{0,4}}+[=:]\s{{0,4}}+{value}": _NAME_WORDS,
        rf"(?i)--?(?:{_NAMES})\s{{1,4}}+(?!-){value}": _NAME_WORDS,
        r"\b(?P<secret>(?:AKIA|ASIA)[0-9A-Z]{16})\b": ("akia", "asia"),
        rf"(?<![\w-])(?P<secret>eyJ[\w-]{{5,{longest}}}+\.[\w-]{{5,{longest}}}+(?:\.[\w-]{{0,{short}}}+)?)": (
            "eyj",
        ),
        rf"(?<!\w)(?P<secret>(?:gh[pousr]_|github_pat_)\w{{16,{short}}}+)": _GITHUB,
    }
    return tuple(_Look(words, re.compile(pattern)) for pattern, words in patterns.items())


#: No look reaches further from where it begins, in characters.
_REACH = 2 * LONGEST + 4096
#: So many characters of a stream are gathered before they are looked at.
_WINDOW = 4 * _REACH

#: What colours a text or moves the cursor, and may stand in the middle of a secret.
_ESCAPE = re.compile(r"(?:\x1b\[|\x9b)[0-?]{0,64}+[ -/]{0,16}+[@-~]?|\x1b[ -/]{0,16}+[0-~]?")
_IN_LINE = re.compile(r"[^\r\n]+")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without secrets: the values given, and whatever has the look of one.

    Known looks: Authorization and cookie headers, `Bearer …`, passwords in addresses,
    `password=`, `token:` and their like (also PGPASSWORD), AWS key ids, JSON web tokens, GitHub
    tokens, private keys in PEM form. It hides rather too much than too little, sees through the
    colours of a terminal, and keeps lines: of a key with 20 lines, 20 hidden ones are left.
    """
    known = tuple(secrets)
    # Most text has nothing to hide, and a report has a hundred thousand pieces of it.
    if not known and "\x1b" not in text and "\x9b" not in text and not _words().search(text.casefold()):
        return text
    return Redactor(known).finish(text)


@cache
def _words() -> re.Pattern[str]:
    """Without one of these there is nothing that has the look of a secret."""
    words = sorted({word for look in _looks(LONGEST) for word in look.words})
    return re.compile("|".join(map(re.escape, words)))


class Redactor:
    """Redacts a text that comes in pieces, just as `redact` does the whole of it."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret for secret in secrets if secret.strip("\r\n") and len(secret) <= LONGEST}
        looks = (*(_Look((one.casefold(),), _literally(one)) for one in known), *_looks(LONGEST))
        # Twice: what looks like a sequence may be the beginning of a secret.
        self._passes = (_Pass(looks, sees_through=True), _Pass(looks, sees_through=False))

    def feed(self, text: str) -> str:
        """Takes the next piece, and gives what is decided by now."""
        for one in self._passes:
            text = one.feed(text)
        return text

    def finish(self, text: str = "") -> str:
        """Takes the last piece, and gives all the rest."""
        for one in self._passes:
            text = one.finish(text)
        return text


class _Clear:
    """A text without escape sequences, and where its characters stand in the raw one."""

    def __init__(self, raw: str, sees_through: bool) -> None:
        self.text = raw
        self._clear, self._raw = [0], [0]
        if not sees_through or ("\x1b" not in raw and "\x9b" not in raw):
            return
        pieces: list[str] = []
        at = length = 0
        for escape in _ESCAPE.finditer(raw):
            if at < escape.start():
                pieces.append(raw[at : escape.start()])
                length += len(pieces[-1])
                self._clear.append(length)
                self._raw.append(0)
            self._raw[-1] = at = escape.end()
        self.text = "".join((*pieces, raw[at:]))

    def raw(self, offset: int) -> int:
        """Where the character at `offset` of the clear text stands in the raw one."""
        piece = bisect_right(self._clear, offset) - 1
        return self._raw[piece] + offset - self._clear[piece]


class _Pass:
    """Finds the secrets of a text that comes in pieces, with its escape sequences or through them."""

    def __init__(self, looks: Sequence[_Look], sees_through: bool) -> None:
        self._looks = looks
        self._sees_through = sees_through
        self._behind = ""
        self._raw = ""
        # These count in the clear text of what stands behind (one character at most) and the raw text.
        self._goes_on = [0] * len(looks)
        self._spans: list[Span] = []
        #: The last character that was given, where it was a hidden one.
        self._last = ""

    def feed(self, text: str) -> str:
        self._raw += text
        return self._decide(_REACH) if len(self._raw) >= _WINDOW else ""

    def finish(self, text: str) -> str:
        self._raw += text
        return self._decide(0)

    def _decide(self, reach: int) -> str:
        """Gives all but the last `reach` characters: what follows may still make secrets of those."""
        raw = self._behind + self._raw
        clear = _Clear(raw, self._sees_through)
        limit = len(clear.text) - reach
        if limit <= len(self._behind) and reach:
            # Hardly anything but escape sequences: memory is not kept for those without end.
            return self._decide(0) if len(raw) > 2 * _WINDOW else ""
        cut = clear.raw(limit - 1) + 1 if reach else len(raw)
        spans = self._found(clear.text, limit)
        given = self._veiled(raw[:cut], clear, [(s, min(e, limit)) for s, e in spans if s < limit])
        self._behind, self._raw = clear.text[max(0, limit - 1) : limit], raw[cut:]
        shift = limit - len(self._behind)
        self._goes_on = [at - shift for at in self._goes_on]
        self._spans = [(max(s, limit) - shift, e - shift) for s, e in spans if e > limit]
        return given

    def _found(self, text: str, limit: int) -> list[Span]:
        """The secrets whose look begins before `limit`, in order, none touching another."""
        found = self._spans
        folded = text.casefold()
        for number, look in enumerate(self._looks):
            end = self._goes_on[number]
            if any(word in folded for word in look.words):
                for match in look.pattern.finditer(text, end):
                    if match.start() >= limit:
                        break
                    end = match.end()
                    found.append(match.span("secret"))
            self._goes_on[number] = max(end, limit)
        merged: list[Span] = []
        for start, end in sorted(found):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def _veiled(self, raw: str, clear: _Clear, spans: list[Span]) -> str:
        """The raw text from what stands behind on, with the spans hidden, each line of them by itself."""
        at = len(self._behind)
        given: list[str] = []
        for start, end in spans:
            begin = clear.raw(start)
            if self._last and start == len(self._behind):
                # The secret before goes on: escape sequences in the middle of one go with it.
                begin = at
            given.append(raw[at:begin])
            at = clear.raw(end - 1) + 1
            veil = _IN_LINE.sub(HIDDEN, raw[begin:at])
            goes_on = begin == len(self._behind) and self._last not in ("", "\r", "\n")
            given.append(veil.removeprefix(HIDDEN) if goes_on else veil)
        given.append(raw[at:])
        self._last = raw[at - 1] if spans and at == len(raw) else ""
        return "".join(given)


def _literally(secret: str) -> re.Pattern[str]:
    return re.compile(f"(?P<secret>{re.escape(secret)})")
