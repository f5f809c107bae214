"""The values that make up a window: steps, runs, exceptions, triggers, and who drives."""

from collections.abc import Collection, Mapping
from enum import StrEnum

from msgspec import Struct

from state.events import Actor, BackupExamined, MigrationsListed, StepAttested

BINARIES = "binaries"
RESTORE = "restore"
ROLLED_BACK = "rolled back"


class StepState(StrEnum):
    """TODO nothing was done; BEGUN somebody does it, or the console waits; RUNNING a command runs;
    CHECKING the command ended well and the console looks at what it made; UNKNOWN the run was lost.
    """

    TODO = "todo"
    BEGUN = "begun"
    RUNNING = "running"
    CHECKING = "checking"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


SETTLED = frozenset({StepState.DONE, StepState.SKIPPED})
ACTIVE = frozenset({StepState.BEGUN, StepState.RUNNING, StepState.CHECKING})


class Note(Struct, frozen=True):
    """What an operator wrote down. `at` in seconds since the epoch."""

    at: float
    by: str
    text: str


class StepRecord(Struct, frozen=True):
    """One step's state and what led to it. `at` is when it came into that state."""

    state: StepState = StepState.TODO
    at: float = 0.0
    by: str = ""
    detail: str = ""
    problem: str = ""
    run: int = 0
    attested: StepAttested | None = None
    backup: BackupExamined | None = None
    notes: tuple[Note, ...] = ()


class RunState(StrEnum):
    """REQUESTED: on disk, and not known to have started. LOST: ran, and nobody knows how it ended."""

    REQUESTED = "requested"
    RUNNING = "running"
    ENDED = "ended"
    LOST = "lost"
    NOT_STARTED = "not_started"


OPEN_RUN = frozenset({RunState.REQUESTED, RunState.RUNNING})


class Run(Struct, frozen=True):
    """One execution of a command; `id` is the sequence number of its request."""

    id: int
    step: str
    argv: tuple[str, ...]
    directory: str
    variables: Mapping[str, str]
    requested_at: float
    by: str
    state: RunState = RunState.REQUESTED
    started_at: float | None = None
    ended_at: float | None = None
    exit_code: int | None = None
    last_line: str = ""
    left_running: bool = False
    signals: tuple[tuple[float, str], ...] = ()
    migrations: MigrationsListed | None = None
    purpose: str = ""
    sealed: bool = False

    @property
    def title(self) -> str:
        """The command as an operator would type it, and what for where it is not the step's own."""
        purpose = f" ({self.purpose.replace('-', ' ')})" if self.purpose else ""
        return " ".join(self.argv) + purpose


class Granted(Struct, frozen=True):
    """An exception: what was passed over, why, and who owns it."""

    subject: str
    reason: str
    owner: str
    at: float


class Rollback(Struct, frozen=True):
    """The direction back: how far, why, and since when. `depth` is binaries or restore.

    `loses` is what a restore loses, in the words that the operator was last told before it.
    """

    depth: str
    why: str
    migration_class: str
    loses: str
    begun_at: float
    by: str

    @property
    def restores(self) -> bool:
        """Whether the database goes back too."""
        return self.depth == RESTORE


class TriggerRecord(Struct, frozen=True):
    """A trigger that tripped. `waved` is the reason with which somebody let it pass, else empty.

    `causes` are all those that it has tripped for since it was last clear.
    """

    reason: str
    at: float
    waved: str = ""
    causes: frozenset[str] = frozenset()

    def trips_again(self, causes: Collection[str]) -> bool:
        """Whether it was waved off for less than there is now."""
        return bool(self.waved) and not self.causes.issuperset(causes)


class Incident(Struct, frozen=True):
    """An open P0."""

    ticket: str
    note: str
    by: str
    at: float


class Posting(Struct, frozen=True):
    """A message on its way to the webhook; `id` is the sequence number of its request."""

    id: int
    text: str


class Sampling(Struct, frozen=True):
    """A series of ops summaries being taken since `since`, until `wanted` good ones are there."""

    step: str
    wanted: int
    since: float


class Ask(Struct, frozen=True):
    """An observer's question for the drive, since `at`; `kept` once the driver has said no."""

    id: str
    observer: str
    person: Actor
    at: float
    kept: bool = False


#: Seconds for which a second operator's word counts.
COUNTS_FOR = 600.0


class Approval(Struct, frozen=True):
    """What waits for a second operator, or has been confirmed by one (`approved_by`, at `approved_at`).

    `request` is the sequence number of the request; `given_for` the digest of what it is for.
    """

    request: int
    subject: str
    given_for: str
    words: tuple[str, ...]
    requested_at: float
    requested_by: Actor
    approved_at: float | None = None
    approved_by: Actor | None = None
    how: str = ""


class Driver(Struct, frozen=True):
    """The console that decides, or the last one that did. `left_at` is None while it has not left."""

    actor: Actor
    pid: int
    epoch: int
    attached_at: float
    left_at: float | None = None
