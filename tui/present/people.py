"""Who drives, who looks, and what waits for somebody, in words."""

from collections.abc import Sequence

from msgspec import Struct

from state.events import Actor
from state.rules.drive import ANSWER_WITHIN
from state.window import COUNTS_FOR, Approval, Ask, Window
from tui.present import words
from tui.present.line import Line, Tone, wrapped


class Around(Struct, frozen=True):
    """What a console knows of the people at its window beside the journal.

    `console` is its own id; `others` sit at the consoles that look, this one not among them;
    `asked_at` is when this console asked for the drive (seconds since the epoch), None if it has not;
    it `waits` for the answer, and `may_insist` where none came in time. `only_looks` never drives.
    """

    console: str
    drives: bool
    is_driven: bool
    others: Sequence[Actor] = ()
    asked_at: float | None = None
    waits: bool = False
    may_insist: bool = False
    only_looks: bool = False


def who(window: Window, around: Around, cells: int) -> str:
    """Driver and observers for the line at the foot: `driver sam@bastion (kim watching)`."""
    driver = window.driver.actor if window.driver else None
    said = f"driver {driver.seat}" if driver and around.is_driven else "nobody drives"
    if not around.drives:
        said = f"you look · {said}"
    if not around.others:
        return said
    names = ", ".join(person.operator for person in around.others)
    count = f"{len(around.others)} watching"
    return f"{said} ({names} watching)" if len(names) <= cells else f"{said} ({count})"


def notices(window: Window, around: Around, now: float, cells: int) -> tuple[Line, ...]:
    """What waits for somebody: a second operator, an answer about the drive."""
    lines: list[Line] = []
    if window.approval is not None:
        said, tone = _approval(window, window.approval, now)
        lines += wrapped(said, cells, tone)
    if around.drives:
        for ask in window.asks.values():
            if not ask.kept and 0 <= now - ask.at <= ANSWER_WITHIN:
                until = words.clock(ask.at + ANSWER_WITHIN)
                asked = f"{ask.person.seat} asks for the drive: o answers, until {until}"
                lines += wrapped(asked, cells, Tone.WATCH)
    elif around.asked_at is not None:
        said, tone = _asked(window, window.asks.get(around.console), around.asked_at, now)
        lines += wrapped(said, cells, tone)
    elif not around.is_driven and window.takes_decisions:
        lines += wrapped("Nobody drives this window: o takes the drive.", cells, Tone.WATCH)
    return tuple(lines)


def _approval(window: Window, asked: Approval, now: float) -> tuple[str, Tone]:
    if asked.approved_by is None or asked.approved_at is None:
        way = "from another login" if window.policy.distinct_login else "or their name and phrase here"
        by = f"asked by {asked.requested_by.operator} at {words.clock(asked.requested_at)}"
        said = f"{asked.subject} WAITS for a second operator: `drawbridge approve` {way} ({by})"
        return said, Tone.WATCH
    until = asked.approved_at + COUNTS_FOR
    name = asked.approved_by.operator
    if now > until:
        return f"{name}'s approval of {asked.subject} has expired: ask for it again", Tone.WATCH
    return f"{asked.subject} APPROVED by {name} until {words.clock(until)}", Tone.GOOD


def _asked(window: Window, ask: Ask | None, asked_at: float, now: float) -> tuple[str, Tone]:
    name = window.driver.actor.operator if window.driver else "the driver"
    if ask is not None and ask.kept:
        return f"{name} keeps the drive", Tone.WATCH
    until = asked_at + ANSWER_WITHIN
    if now < until:
        return f"{name} was asked for the drive, and answers until {words.clock(until)}", Tone.DIM
    return f"{name} has not answered: o takes the drive", Tone.WATCH
