"""Makes untrusted text printable, and takes secrets out of it before it is kept or shown.

Both functions take time in proportion to the text, whatever stands in it. Clean first, redact
second: a secret that was split by control characters is whole again after `printable`.
"""

import re
from unicodedata import category

from state.text.redaction import HIDDEN, redact

__all__ = ["HIDDEN", "is_secret_name", "printable", "redact"]

#: More combining marks than this on one character are dropped: no script needs them, and they
#: paint over the lines above and below.
_MARKS = 3

# Possessive quantifiers (`*+`) never give back what they took, so that no input makes a pattern
# try the same stretch twice. A string sequence (OSC, DCS, APC, PM, SOS) goes only as a whole:
# without its end on the same line the introducer goes and the rest is shown, so that a stray
# introducer cannot hide what follows.
_SEQUENCE = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x00-\x1f\x7f-\x9f]*+(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    r"|\x1b[ -/]*+[0-~]?"
)

# Categories Cc, Cf, Cs, Zl and Zp (newline apart), and the letters that are drawn as nothing.
_INVISIBLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160"
    "\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff]"
)


def printable(text: str, newlines: bool = False) -> str:
    """The text as a terminal may have it: nothing in it moves, colours, hides or turns anything.

    Escape sequences go, other invisible characters become marks (`^G`, `<U+202E>`), tabs become
    spaces, and after a carriage return only the last segment of the line stays, as on a screen.
    Newlines stay with `newlines`, and become `⏎` without.
    """
    text = _SEQUENCE.sub("", text.replace("\r\n", "\n"))
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    text = text.expandtabs(8) if newlines else text.replace("\t", " ").replace("\n", "⏎")
    text = _INVISIBLE.sub(_mark, text)
    return text if text.isascii() else _few_marks(text)


def _mark(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return "^" + chr(code + 0x40)
    return "^?" if code == 0x7F else f"<U+{code:04X}>"


def _few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        # No combining mark stands below U+0300; the test spares most text the look-up.
        marks = marks + 1 if character >= "\u0300" and category(character) in ("Mn", "Me") else 0
        if marks <= _MARKS:
            kept.append(character)
    return "".join(kept)


_SECRET_NAME = re.compile(
    r"PASSW|PASSPHRASE|(?:^|_)PASS(?:_|$)|_PWD$|SECRET|TOKEN|CREDENTIAL|WEBHOOK|API_?KEY|ACCESS_?KEY|_KEY$|_DSN$",
    re.IGNORECASE,
)


def is_secret_name(name: str) -> bool:
    """Whether a variable of this name is likely to hold a secret (PGPASSWORD, API_TOKEN, …)."""
    return name.upper() != "OLDPWD" and _SECRET_NAME.search(name) is not None
