"""A restore that would be let through, and the ways in which it would not, for the tests of its rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from state.intents import Check, Intent, StartRun

from .story import OWN_BACKUP, Story

#: The backup of a story was captured five seconds before T0 = 2026-02-02 02:40:00 UTC.
PHRASE, RESTORE_PHRASE = "roll back production", "restore production from 02:39"
LOADED = {"RESTORE_PATH": OWN_BACKUP}


def checks(at: float, **failed: str) -> tuple[Check, ...]:
    return tuple(
        Check(one, one not in failed, failed.get(one, "good"), "Mend it.", at)
        for one in ("backup", "disk", "stopped")
    )


def restoring(**changes: Any) -> Callable[[Story], StartRun]:
    """A restore that would be let through, but for the changes; a callable is given the time."""

    def intent(story: Story) -> StartRun:
        made = {k: v(story.at) if callable(v) else v for k, v in changes.items()}
        right = {"phrase": RESTORE_PHRASE, "checks": checks(story.at), "variables": LOADED}
        return replace(StartRun("restore", ("make", "db-restore"), "/srv/site"), **{**right, **made})

    return intent


def at_restore() -> Story:
    return Story().back_to("restore")


@dataclass(frozen=True)
class Case:
    """An intent, or what makes one for a story, and words of its refusal."""

    story: Callable[[], Story]
    intent: Intent | Callable[[Story], Intent]
    words: str

    def reason(self) -> str:
        story = self.story()
        return story.refused(self.intent if isinstance(self.intent, Intent) else self.intent(story))
