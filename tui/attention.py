"""Calls an operator who looks elsewhere: the bell, and the sequences with which terminals notify."""

import os
from collections.abc import Mapping
from typing import Any

from textual.app import App

from state.settings.desk import Notify
from state.text import printable

#: Longer ones are cut off by one terminal or the other.
_LONGEST = 160


def sequence(how: Notify, words: str, env: Mapping[str, str]) -> str:
    """What is sent to the terminal, through tmux or screen where one of them is in between."""
    if how == "off":
        return ""
    said = printable(words).replace(";", ",")[:_LONGEST]
    notice = {"osc9": f"\x1b]9;{said}\x07", "osc777": f"\x1b]777;notify;Drawbridge;{said}\x07"}.get(how, "")
    if notice and env.get("TMUX"):
        # tmux passes it on only with `allow-passthrough on`; every escape inside is doubled.
        notice = "\x1bPtmux;" + notice.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    elif notice and env.get("STY"):
        notice = f"\x1bP{notice}\x1b\\"
    return notice + "\x07"


def call(app: App[Any], how: Notify, words: str) -> None:
    """Sends it; nothing on a screen that is none (tests, a terminal that is gone)."""
    sent = sequence(how, words, os.environ)
    if sent and app._driver is not None:
        app._driver.write(sent)
        app._driver.flush()
