"""Where a window stands: one frozen value, made from its events and from nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from state.events import (
    Actor,
    BackupExamined,
    MigrationsListed,
    SnapshotRecorded,
    StepAttested,
)
from state.policy import Policy
from state.runbook import Phase, Runbook, Step, shipped


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


@dataclass(frozen=True, slots=True)
class Note:
    """What an operator wrote down. `at` in seconds since the epoch."""

    at: float
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class StepRecord:
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


@dataclass(frozen=True, slots=True)
class Run:
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

    @property
    def title(self) -> str:
        """The command as an operator would type it."""
        return " ".join(self.argv)


@dataclass(frozen=True, slots=True)
class Granted:
    """An exception: what was passed over, why, and who owns it."""

    subject: str
    reason: str
    owner: str
    at: float


@dataclass(frozen=True, slots=True)
class Sampling:
    """A series of ops summaries being taken since `since`, until `wanted` good ones are there."""

    step: str
    wanted: int
    since: float


@dataclass(frozen=True, slots=True)
class Driver:
    """The console that decides, or the last one that did. `left_at` is None while it has not left."""

    actor: Actor
    pid: int
    epoch: int
    attached_at: float
    left_at: float | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The fold of a window's events. Times in seconds since the epoch.

    `planned` are the intervals in which not being ready was expected (`end` None: still going);
    `changed_at` is when the last step that changes the deployment ended.
    """

    id: str = ""
    environment: str = ""
    release: str = ""
    previous_release: str = ""
    opened_at: float = 0.0
    opened_by: str = ""
    closes_at: float | None = None
    practice: bool = False
    policy: Policy = field(default_factory=Policy)
    steps: Mapping[str, StepRecord] = field(default_factory=dict)
    runs: Mapping[int, Run] = field(default_factory=dict)
    sampling: Sampling | None = None
    backup: BackupExamined | None = None
    baseline: SnapshotRecorded | None = None
    compared: SnapshotRecorded | None = None
    planned: tuple[tuple[float, float | None], ...] = ()
    changed_at: float = 0.0
    exceptions: tuple[Granted, ...] = ()
    notes: tuple[Note, ...] = ()
    outcome: str = ""
    closed_at: float | None = None
    driver: Driver | None = None
    seq: int = 0
    last_at: float = 0.0
    runbook: Runbook = field(default_factory=shipped)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that are part of this window as it stands."""
        return tuple(self.runbook.phase(phase) for phase in ("preconditions", "upgrade"))

    def steps_of(self, phase: Phase) -> tuple[Step, ...]:
        """The steps of a phase that apply to this window."""
        return tuple(step for step in phase.steps if not step.only_after_rollback)

    @property
    def checklist(self) -> tuple[Step, ...]:
        """All steps that apply, in the order in which they are done."""
        return tuple(step for phase in self.phases for step in self.steps_of(phase))

    def record(self, step_id: str) -> StepRecord:
        """What is known of a step; a step of which nothing happened is TODO."""
        return self.steps.get(step_id, StepRecord())

    @property
    def current(self) -> Step | None:
        """The first step that is neither done nor skipped; None when all are."""
        return next((s for s in self.checklist if self.record(s.id).state not in SETTLED), None)

    @property
    def phase(self) -> str:
        """preconditions, upgrade or closed."""
        if self.outcome:
            return "closed"
        current = self.current
        return current.phase if current else self.phases[-1].id

    @property
    def change_begun(self) -> bool:
        """Whether a step that changes the deployment has ever been begun in this window."""
        return any(s.changes and self.record(s.id).state is not StepState.TODO for s in self.checklist)

    @property
    def applied(self) -> tuple[str, ...]:
        """The migrations that runs of this window applied, in order; a retried one stands once."""
        listed = (run.migrations.applied for run in self.runs.values() if run.migrations is not None)
        return tuple(dict.fromkeys(name for names in listed for name in names))

    @property
    def open_run(self) -> Run | None:
        """The run that has been asked for and has no end yet; there is at most one."""
        return next((run for run in reversed(tuple(self.runs.values())) if run.state in OPEN_RUN), None)

    @property
    def is_open(self) -> bool:
        """Whether decisions can still be taken."""
        return bool(self.id) and not self.outcome
