"""Hides what may be the beginning of a secret at the end of a text that is still being written."""

import re
from collections.abc import Iterable

from state.text.redaction import HIDDEN

#: Characters of a known value that are not shown when they are the last ones: fewer tell nothing.
_LEAST = 3

#: The last word, where the rest of it would make a secret of it. What is whole already is hidden before.
_BEGINNING = re.compile(
    r"""(?:://[^\s/:@]{0,256}+:|(?i:\b(?:bearer|basic)\s{1,4}))(?P<secret>[^\s/@*]{1,1024}+)\Z"""
    r"""|(?<![\w-])(?P<token>(?:gh[pousr]_|github_pat_|eyJ|AKIA|ASIA)[\w.-]{0,1024}+)\Z"""
)


def hide_beginning(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without what may be half a secret at its end: of a known value, or of one by its look.

    For the last line of a log whose target has not come to its end: it writes in blocks, and may stop
    in the middle of a word.
    """
    for secret in secrets:
        for length in range(min(len(secret), len(text)), _LEAST - 1, -1):
            if text.endswith(secret[:length]):
                return text[:-length] + HIDDEN
    found = _BEGINNING.search(text, max(0, len(text) - 2048))
    if found is None:
        return text
    start = found.start("secret") if found["secret"] is not None else found.start("token")
    return text[:start] + HIDDEN
