"""What an operator can want of a window, and the answer when it may not be.

Intents are plain values: the screen makes them, `rules.decide` answers them with events.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

from state.events import Actor

SUCCESS = "success"
ABANDONED = "abandoned"

#: How a message goes to the channel.
COPIED = "copied"
POSTED = "posted"

#: How a second operator confirms: from a login of their own, or at the driver's keyboard.
LOGIN = "login"
SCREEN = "screen"

#: What a command of the restore step is run for beside the restore itself.
SAFETY_BACKUP = "safety-backup"
REHEARSAL = "rehearsal"
#: A rehearsal may only ever touch a database whose name ends like this.
REHEARSAL_SUFFIX = "_rehearsal"


class Refusal(Struct, frozen=True):
    """Why not, and what would make it possible: one sentence or two, for the operator.

    `about` is the attribute of the intent that was not taken, as `phrase`; of one among several it has
    the key behind a hyphen, as `reasons-backlog`. Empty where it lies in none of them.
    """

    reason: str
    about: str = ""


class Intent(Struct, frozen=True):
    """The root of what an operator can want of an open window."""


class AttestStep(Intent, frozen=True):
    step: str
    who: str
    reference: str
    link: str = ""


class BeginStep(Intent, frozen=True):
    step: str


class SkipStep(Intent, frozen=True):
    step: str
    reason: str


class AddNote(Intent, frozen=True):
    """`step` empty: a note on the window."""

    step: str
    text: str


class Check(Struct, frozen=True):
    """One check before a restore. `at` in seconds since the epoch; `mend` says what would make it pass."""

    id: str
    passed: bool
    words: str
    mend: str
    at: float


class StartRun(Intent, frozen=True):
    """`variables` as shown, secrets hidden; the real ones never come near the journal.

    For a restore: `phrase` as typed, the `checks` as they came out, a reason for each of those
    that did not pass and is passed over, by id, and what it `loses` in the words of its confirmation.
    """

    step: str
    argv: tuple[str, ...]
    directory: str
    variables: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""
    phrase: str = ""
    checks: tuple[Check, ...] = ()
    overrides: Mapping[str, str] = field(default_factory=dict)
    loses: str = ""


class StopRun(Intent, frozen=True):
    run: int


class TakeSamples(Intent, frozen=True):
    step: str
    wanted: int


class Declare(Intent, frozen=True):
    """`gates` are the verdicts on the screen: mappings with id, title, state and reason.

    `reasons` holds one for each gate that is not PASS, by gate id; `shown` the states for which they
    were given.
    """

    outcome: str
    gates: tuple[Mapping[str, Any], ...]
    reasons: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    shown: Mapping[str, str] = field(default_factory=dict)


class RaiseIncident(Intent, frozen=True):
    ticket: str
    note: str


class ResolveIncident(Intent, frozen=True):
    note: str


class RaiseCorrectness(Intent, frozen=True):
    note: str


class ResolveCorrectness(Intent, frozen=True):
    note: str


class WaveOff(Intent, frozen=True):
    trigger: str
    reason: str


class BeginRollback(Intent, frozen=True):
    """`phrase` and, for a restore, `restore_phrase` as typed; `loses` the words that were on the screen."""

    depth: str
    why: str
    migration_class: str
    phrase: str
    restore_phrase: str = ""
    loses: str = ""


class SendMessage(Intent, frozen=True):
    """`how` is posted, or copied: it stands in the channel already, sent by hand."""

    text: str
    how: str


class SwitchOperator(Intent, frozen=True):
    """Somebody else sits at the driver's keyboard from now on."""

    name: str


class HandOver(Intent, frozen=True):
    """The drive goes to this observer, named by the id of its console."""

    observer: str


class KeepDrive(Intent, frozen=True):
    """No to the question with this id."""

    ask: str


class RequestApproval(Intent, frozen=True):
    """Asks for a second operator before `wanted` is done; `words` are the lines that they will read."""

    wanted: "StartRun | BeginRollback"
    words: tuple[str, ...]


class GiveApproval(Intent, frozen=True):
    """A second operator's word for the request with this number.

    `how` is LOGIN, where the operating system vouches for `person.uid`, or SCREEN, where a name was
    typed at the driver's own keyboard; `letter` names the letter that brought it.
    """

    request: int
    person: Actor
    phrase: str
    how: str
    letter: str = ""


class WithdrawApproval(Intent, frozen=True):
    request: int


class OpenWindow(Struct, frozen=True):
    """What a new window is about; `closes_at` in seconds since the epoch."""

    environment: str
    release: str
    previous_release: str
    closes_at: float | None = None
    practice: bool = False
    after_rollback: bool = False
