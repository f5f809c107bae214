"""The dialogs of who sits here, who drives, and who confirms."""

from state.window import Window
from tui.dialogs.dialog import Answer, Dialog, Field, Submit
from tui.dialogs.steps import CELLS
from tui.present import words
from tui.present.line import Line, Span, Tone, line, wrapped
from tui.present.people import Around

SEATED, HAND_OVER, KEEP, ASK, TAKE = "seated", "hand-over", "keep", "ask", "take"
APPROVE, REQUEST, WITHDRAW = "approve", "request", "withdraw"


def operators(window: Window, around: Around, name: str, submit: Submit) -> Dialog:
    """Who drives and who looks; whoever sits at this keyboard now says so."""
    fields = (Field("name", "At this keyboard now", name),)
    answers = [Answer(SEATED, "That is me"), *_drive(window, around)]
    return Dialog("Operators", _people(window, around, name), submit, tuple(answers), fields, opens_on="no")


def _people(window: Window, around: Around, name: str) -> tuple[Line, ...]:
    lines: list[Line] = []
    driver = window.driver
    if driver is not None:
        gone = "drove, and is gone" if driver.left_at is None else "has left"
        state = "drives" if around.is_driven else gone
        seat = f"{driver.actor.seat}, login {driver.actor.login}, {driver.actor.terminal or 'no terminal'}"
        lines += wrapped(f"{state}: {seat}", CELLS, Tone.STRONG)
    for person in around.others:
        where = f"login {person.login}, {person.terminal or 'no terminal'}"
        lines += wrapped(f"looks: {person.seat}, {where}", CELLS)
    if not around.drives:
        lines += wrapped(f"you look, as {name}", CELLS, Tone.DIM)
    if window.operators:
        lines += wrapped(f"decided so far: {', '.join(window.operators)}", CELLS, Tone.DIM)
    return tuple(lines)


def _drive(window: Window, around: Around) -> tuple[Answer, ...]:
    if not window.takes_decisions:
        return ()
    if around.drives:
        asked = any(not ask.kept for ask in window.asks.values())
        keep = (Answer(KEEP, "Keep the drive"),) if asked else ()
        return (*keep, Answer(HAND_OVER, "Hand over…", danger=True)) if around.others else keep
    if around.only_looks:
        return ()
    if not around.is_driven or around.may_insist:
        return (Answer(TAKE, "Take the drive…", danger=True),)
    return () if around.waits else (Answer(ASK, "Ask for the drive"),)


def hand_over(window: Window, names: tuple[str, ...], first: str, submit: Submit) -> Dialog:
    """To whom the drive goes."""
    body = (
        *wrapped("Whoever has the drive decides. This console looks on.", CELLS),
        *wrapped(f"Looking now: {', '.join(names)}", CELLS),
    )
    fields = (Field("to", "To whom", first),)
    return Dialog("Hand over the drive", body, submit, (Answer(HAND_OVER, "Hand over", danger=True),), fields)


def take(window: Window, typed: bool, submit: Submit) -> Dialog:
    """Taking the drive; `typed` where the name of whoever had it must be typed."""
    driver = window.driver.actor if window.driver else None
    body: list[Line] = list(wrapped("This console decides from then on. The journal keeps it.", CELLS))
    fields: tuple[Field, ...] = ()
    if typed and driver is not None:
        body += wrapped(f"{driver.seat} had the drive and did not give it up.", CELLS, Tone.WATCH)
        body.append(line("type ", Span(driver.operator, Tone.STRONG)))
        fields = (Field("typed", "Name", phrase=True),)
    answers = (Answer(TAKE, "Take the drive", danger=True),)
    return Dialog("Take the drive", tuple(body), submit, answers, fields, opens_on="no")


def joining(window: Window, around: Around, name: str, submit: Submit) -> Dialog:
    """A console that looks begins: as whom, and what it can do."""
    driver = window.driver.actor if window.driver else None
    if around.is_driven and driver is not None:
        said = f"{driver.seat} drives this window. You look: no key here decides anything."
    elif driver is not None:
        said = f"{driver.seat} drove this window and is gone without a word. Nobody drives it now."
    else:
        said = "Nobody drives this window."
    way = "" if around.only_looks else "`o` asks for the drive, or takes it where nobody has it."
    body = (*wrapped(said, CELLS, Tone.STRONG), *wrapped(way, CELLS))
    fields = (Field("name", "Your name", name),)
    return Dialog("Look on", body, submit, (Answer(SEATED, "Look on"),), fields, no="Later")


def second_operator(
    window: Window, lines: tuple[str, ...], is_asked: bool, command: str, submit: Submit
) -> Dialog:
    """What waits for a second operator, in full, and how they confirm it.

    `command` is what they type in a terminal of their own.
    """
    distinct = window.policy.distinct_login
    body: list[Line] = [shown for said in lines for shown in wrapped(said, CELLS)]
    way = f"`{command}` from another login" if distinct else f"here, or `{command}` in another terminal"
    body += [(), *wrapped(f"A second operator confirms this: {way}. It counts for 10 minutes.", CELLS)]
    if is_asked and window.approval is not None:
        asked = window.approval
        by = f"Asked by {asked.requested_by.operator} at {words.clock(asked.requested_at)}"
        said = f"{by}; nobody has confirmed it yet."
        body += wrapped(said, CELLS, Tone.WATCH)
    fields: tuple[Field, ...] = ()
    answers = [Answer(WITHDRAW, "Withdraw") if is_asked else Answer(REQUEST, "Ask for it")]
    if is_asked and not distinct:
        body.append(line("the second operator types ", Span(window.approval_phrase, Tone.STRONG)))
        fields = (Field("person", "Second operator's name"), Field("phrase", "Phrase", phrase=True))
        answers.append(Answer(APPROVE, "Approve", danger=True))
    # What is typed for a name decides nothing; where there is none to give, it opens as ever.
    opens = "person" if fields else "no" if is_asked else REQUEST
    return Dialog("Second operator", tuple(body), submit, tuple(answers), fields, opens_on=opens)
