"""The others at a window: who looks, what they ask of the driver by letter, and what is asked of them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from state.console.operator_text import cleaned
from state.events import ApprovalRefused, DriveAsked, Event, ObserverJoined, ObserverLeft
from state.host.locks import is_held
from state.intents import LOGIN, GiveApproval, Refusal
from state.journal import mail, presence
from state.journal.directory import DRIVER_LOCK, MAIL
from state.journal.presence import Present
from state.rules import decide
from state.window import COUNTS_FOR, Window

DRIVER = "driver"
ASK, APPROVE = "ask", "approve"
#: So many letters are answered in one go: each costs a write to the disk, and the keyboard waits.
_AT_ONCE = 20
#: Seconds within which a console that asks is in the journal, if it looks at all.
_EARLY = 5.0


class Question(Struct, frozen=True):
    """What this console asked of the driver: the id of its letter, and when (seconds since the epoch)."""

    id: str
    at: float


class Company:
    """Reads the mailbox of a window for one console."""

    def __init__(self, directory: Path, console: str) -> None:
        """`console` is this one's own id, which is none of the others."""
        self._directory = directory
        self._mailbox = directory / MAIL
        self._console = console
        self.observers: tuple[Present, ...] = ()
        self.question: Question | None = None
        #: Whether a process holds the drive, alive or frozen.
        self.is_driven = False

    def refresh(self) -> bool:
        """Looks who is there; whether that has changed."""
        before = (self.observers, self.is_driven)
        self.observers = presence.present(self._mailbox)
        self.is_driven = is_held(self._directory / DRIVER_LOCK)
        return before != (self.observers, self.is_driven)

    def come_and_gone(self, window: Window) -> tuple[Event, ...]:
        """Who looks now and is not in the journal, and who is there and looks no more."""
        now = {one.console: one.person for one in self.observers if one.console != self._console}
        left = tuple(ObserverLeft(console) for console in window.observers if console not in now)
        if left:
            presence.clear_away(self._mailbox)
        known = window.observers
        joined = tuple(ObserverJoined(c, p) for c, p in now.items() if known.get(c) != p)
        return (*left, *joined)

    def ask(self, now: float) -> None:
        """Asks the driver for the drive; raises MailError."""
        name = mail.send(self._mailbox, DRIVER, ASK, {"observer": self._console})
        self.question = Question(name, now)

    def hear(
        self,
        window: Callable[[], Window],
        epoch: int,
        now: float,
        record: Callable[[Sequence[Event]], None],
    ) -> None:
        """Takes in the letters to the driver; each is thrown away once what it led to is on disk.

        `window` gives the window as it stands after what the letter before led to.
        """
        for letter in mail.collect(self._mailbox, DRIVER)[:_AT_ONCE]:
            if letter.kind == ASK and self._is_early(letter, window(), now):
                continue
            events = self._asked(letter) if letter.kind == ASK else _approved(window(), letter, epoch, now)
            if events:
                record(events)
            letter.discard()

    @staticmethod
    def _is_early(letter: mail.Letter, window: Window, now: float) -> bool:
        """Whether a question came so fast that who asks is not in the journal yet: the next look has them."""
        console = letter.body.get("observer")
        known = isinstance(console, str) and console in window.observers
        return not known and 0 <= now - letter.at < _EARLY

    def _asked(self, letter: mail.Letter) -> tuple[Event, ...]:
        console = letter.body.get("observer")
        for one in self.observers:
            # The letter of somebody else would ask in another's name.
            if one.console == console and one.person.uid == letter.owner:
                return (DriveAsked(letter.name, one.console, one.person),)
        return ()


def _approved(window: Window, letter: mail.Letter, epoch: int, now: float) -> tuple[Event, ...]:
    person = presence.vouched(letter.body.get("person"), letter.owner)
    request, phrase = letter.body.get("request"), letter.body.get("phrase")
    if (
        letter.kind != APPROVE
        or person is None
        or not isinstance(request, int)
        or not isinstance(phrase, str)
    ):
        return ()
    intent = cleaned(GiveApproval(request, person, phrase, LOGIN, letter.name))
    decision = decide(window, intent, now, epoch)
    if now - letter.at > COUNTS_FOR:
        # Left behind by somebody who has long stopped waiting for what comes of it.
        decision = Refusal("That word is older than 10 minutes. Give it again with `drawbridge approve`.")
    if isinstance(decision, Refusal):
        return (ApprovalRefused(request, intent.person, decision.reason, letter.name),)
    return decision
