"""The rules of who decides: handing over, keeping, taking, and who sits at the keyboard."""

from msgspec import Struct

from state.events import DriveHandedOver, DriveKept, OperatorSwitched
from state.intents import HandOver, KeepDrive, Refusal, SwitchOperator
from state.rules.table import Decision, on
from state.window import Window

#: Seconds in which the driver answers a question for the drive; after that it may be taken.
ANSWER_WITHIN = 60.0
#: Seconds for which a drive that was handed over is kept for the one it was handed to.
KEPT_FOR = 10.0
GONE, SILENT = "gone", "silent"


@on(SwitchOperator)
def _(window: Window, intent: SwitchOperator, now: float) -> Decision:
    if not intent.name.strip():
        return Refusal("Give the name of whoever sits at the keyboard now.", "name")
    before = window.driver.actor.operator if window.driver else ""
    if intent.name == before:
        return Refusal(f"{before} sits at the keyboard already.", "name")
    return (OperatorSwitched(before),)


@on(HandOver)
def _(window: Window, intent: HandOver, now: float) -> Decision:
    person = window.observers.get(intent.observer)
    if person is None:
        return Refusal("That console does not look at this window any more. Choose one that does.")
    return (DriveHandedOver(intent.observer, person),)


@on(KeepDrive)
def _(window: Window, intent: KeepDrive, now: float) -> Decision:
    if all(ask.id != intent.ask or ask.kept for ask in window.asks.values()):
        return Refusal("Nobody asks for the drive any more.")
    return (DriveKept(intent.ask),)


class Taking(Struct, frozen=True):
    """A console that wants the drive: its id, its OS login, and the name that was typed.

    `asked_at` is when it asked the driver (None: never), `ask` the id of that question.
    """

    console: str
    login: str
    asked_at: float | None = None
    ask: str = ""
    typed: str = ""


def may_take(window: Window, taking: Taking, is_held: bool, now: float) -> str | Refusal:
    """Why the drive may be taken now: empty where it simply is free, else GONE or SILENT; or why not.

    `is_held` says whether a process holds the driver's lock, alive or frozen.
    """
    driver = window.driver
    if driver is None:
        return ""
    name = driver.actor.operator
    if is_held:
        return _from_living(window, taking, name, now)
    if (
        window.handed_to
        and window.handed_to != taking.console
        and 0 <= now - (driver.left_at or 0) < KEPT_FOR
    ):
        return Refusal("The drive has just been handed to somebody else. Wait a moment.")
    if driver.left_at is not None or driver.actor.login == taking.login:
        return ""
    if taking.typed != name:
        return Refusal(
            f"{driver.actor.seat} drove, and is gone without a word. Type exactly: {name}", "typed"
        )
    return GONE


def _from_living(window: Window, taking: Taking, name: str, now: float) -> str | Refusal:
    if taking.asked_at is None:
        return Refusal(f"{name} drives. Ask for the drive first.")
    ask = window.asks.get(taking.console)
    if ask is not None and ask.id == taking.ask and ask.kept:
        return Refusal(f"{name} keeps the drive.")
    left = taking.asked_at + ANSWER_WITHIN - now
    if left > 0:
        return Refusal(f"{name} has {left:.0f} s left to answer.")
    if taking.typed != name:
        return Refusal(
            f"{name} has not answered. To take the drive all the same, type exactly: {name}", "typed"
        )
    return SILENT
