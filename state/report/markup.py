"""Text that is no markup in Markdown, whatever stands in it."""

import re

#: Characters of one text in a table, and of one that stands alone: the whole is in the other forms.
_LONGEST, ALONE = 160, 2000
_MARKUP = re.compile(r"([\\`*_{}\[\]|~^!#$])")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str, longest: int = _LONGEST) -> str:
    """The text as itself, in a table or after other words: no markup, no link, no mention, no picture."""
    if len(text) > longest:
        text = text[: longest - 1].rstrip() + "…"
    text = _MARKUP.sub(r"\\\1", text)
    text = re.sub("[&<>]", lambda match: _ENTITIES[match[0]], text)
    # Addresses become links by themselves, and names behind an @ get a mail.
    text = re.sub(r":(?=//)|(?<=[wW])\.", lambda match: "\\" + match[0], text)
    return re.sub(r"(?<![\w.])@(?=\w)", "`@`", text)
