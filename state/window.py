"""Where a window stands: one frozen value, made from its events and from nothing else."""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct, field

from state.events import (
    Actor,
    BackupExamined,
    DrillRecorded,
    MessageSent,
    SnapshotRecorded,
)
from state.policy import Policy
from state.records import (
    ACTIVE,
    BINARIES,
    COUNTS_FOR,
    OPEN_RUN,
    RESTORE,
    ROLLED_BACK,
    SETTLED,
    Approval,
    Ask,
    Driver,
    Granted,
    Incident,
    Note,
    Posting,
    Rollback,
    Run,
    RunState,
    Sampling,
    StepRecord,
    StepState,
    TriggerRecord,
)
from state.runbook import Phase, Runbook, Step, shipped

__all__ = [
    "ACTIVE",
    "BINARIES",
    "COUNTS_FOR",
    "OPEN_RUN",
    "RESTORE",
    "ROLLED_BACK",
    "SETTLED",
    "Approval",
    "Ask",
    "Driver",
    "Granted",
    "Incident",
    "Note",
    "Posting",
    "Rollback",
    "Run",
    "RunState",
    "Sampling",
    "StepRecord",
    "StepState",
    "TriggerRecord",
    "Window",
]


class Window(Struct, frozen=True):
    """The fold of a window's events. Times in seconds since the epoch.

    `snapshots` by step id; `triggers` those that have tripped and not cleared, by id.
    `operators` are the names of all who decided anything, in order; `observers` the consoles that
    look and `asks` their questions for the drive, by console id; `handed_to` the one that may take it.
    `planned` are the intervals in which not being ready was expected (`end` None: still going),
    `disrupted_by` the title of the step that began the last of them, and once it is over of the one that
    ended it;
    `changed_at` is when the last step that changes the deployment ended, `change_begun` whether one
    ever really began.
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
    rollback: Rollback | None = None
    triggers: Mapping[str, TriggerRecord] = field(default_factory=dict)
    incident: Incident | None = None
    correctness: Note | None = None
    safety_backup: BackupExamined | None = None
    restored_at: float | None = None
    drills: tuple[DrillRecorded, ...] = ()
    messages: tuple[MessageSent, ...] = ()
    posting: Posting | None = None
    after_rollback: bool = False
    sampling: Sampling | None = None
    backup: BackupExamined | None = None
    snapshots: Mapping[str, SnapshotRecorded] = field(default_factory=dict)
    planned: tuple[tuple[float, float | None], ...] = ()
    disrupted_by: str = ""
    changed_at: float = 0.0
    change_begun: bool = False
    exceptions: tuple[Granted, ...] = ()
    notes: tuple[Note, ...] = ()
    outcome: str = ""
    closed_at: float | None = None
    driver: Driver | None = None
    operators: tuple[str, ...] = ()
    observers: Mapping[str, Actor] = field(default_factory=dict)
    asks: Mapping[str, Ask] = field(default_factory=dict)
    handed_to: str = ""
    approval: Approval | None = None
    seq: int = 0
    last_at: float = 0.0
    runbook: Runbook = field(default_factory=shipped)

    @property
    def baseline(self) -> SnapshotRecorded | None:
        """The snapshot from before anything changed."""
        return self.snapshots.get("baseline")

    @property
    def compared(self) -> SnapshotRecorded | None:
        """The snapshot from after the upgrade, or the way back, as long as nothing has changed since."""
        return self.snapshots.get("compare" if self.rollback is None else "validate-backlog")

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The phases that are part of this window as it stands."""
        names = ["preconditions", "upgrade"]
        if self.rollback is not None:
            names.append("rollback")
        if self.outcome == ROLLED_BACK:
            names.append("follow_up")
        return tuple(self.runbook.phase(phase) for phase in names)

    def steps_of(self, phase: Phase) -> tuple[Step, ...]:
        """The steps of a phase that apply to this window."""
        restores = self.rollback is not None and self.rollback.restores
        return tuple(
            step
            for step in phase.steps
            if (self.after_rollback or not step.only_after_rollback)
            and (restores or not step.only_with_restore)
        )

    @property
    def direction(self) -> tuple[Step, ...]:
        """The steps that can be done now, in order: forwards, backwards, or what follows up."""
        if self.outcome == ROLLED_BACK:
            return self.steps_of(self.runbook.phase("follow_up"))
        if self.rollback is not None:
            return self.steps_of(self.runbook.phase("rollback"))
        return self.checklist

    @property
    def checklist(self) -> tuple[Step, ...]:
        """All steps that apply, in the order in which they are done."""
        return tuple(step for phase in self.phases for step in self.steps_of(phase))

    def record(self, step_id: str) -> StepRecord:
        """What is known of a step; a step of which nothing happened is TODO."""
        return self.steps.get(step_id, StepRecord())

    @property
    def current(self) -> Step | None:
        """The first step of the direction that is neither done nor skipped; None when all are."""
        return next((s for s in self.direction if self.record(s.id).state not in SETTLED), None)

    @property
    def phase(self) -> str:
        """preconditions, upgrade, rollback, follow_up or closed."""
        current = self.current
        if self.outcome and (self.outcome != ROLLED_BACK or current is None):
            return "closed"
        return current.phase if current else self.phases[-1].id

    @property
    def migration_problem(self) -> str:
        """Why the migrations cannot be trusted: a run of them failed or was lost, and nothing undid it."""
        record = self.record("migrate")
        undone = self.restored_at is not None and self.restored_at > record.at
        if record.state not in {StepState.FAILED, StepState.UNKNOWN} or undone:
            return ""
        return f"db-migrate {'failed' if record.state is StepState.FAILED else 'was lost'}: {record.problem}"

    @property
    def durations(self) -> Mapping[str, float]:
        """Seconds that the newest good run of each step took, by step id."""
        return {
            run.step: run.ended_at - run.started_at
            for run in self.runs.values()
            if run.exit_code == 0 and not run.purpose and run.ended_at and run.started_at
        }

    @property
    def rollback_phrase(self) -> str:
        """What is typed to turn back."""
        return f"roll back {self.environment}"

    @property
    def restore_phrase(self) -> str:
        """What is typed to restore: environment and time (UTC) of the backup; empty without one."""
        if self.backup is None:
            return ""
        captured = datetime.fromtimestamp(self.backup.captured_at, UTC)
        return f"restore {self.environment} from {captured:%H:%M}"

    @property
    def approval_phrase(self) -> str:
        """What a second operator types; empty while nothing waits for one."""
        return f"approve {self.approval.subject} {self.environment}" if self.approval else ""

    @property
    def restore_run(self) -> Run | None:
        """The newest run that dropped, or may have dropped, the database to load the backup."""
        runs = (r for r in reversed(tuple(self.runs.values())) if r.step == "restore" and not r.purpose)
        return next((r for r in runs if r.state is not RunState.NOT_STARTED), None)

    @property
    def may_be_empty(self) -> bool:
        """Whether the database may be empty or half: a restore began and none has ended well since."""
        run = self.restore_run
        if run is None or (run.state is RunState.ENDED and run.exit_code == 0):
            return False
        # Somebody put it right outside, and vouches for it by name.
        return self.record("restore").attested is None

    @property
    def starts_service(self) -> str:
        """The rollback step after which the service is expected to be up again."""
        return "start-previous" if self.rollback and self.rollback.restores else "redeploy-previous"

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
        """Whether the outcome is still to come."""
        return bool(self.id) and not self.outcome

    @property
    def takes_decisions(self) -> bool:
        """Whether anything can still be decided: an open window, or one whose follow-up is not done."""
        return self.is_open or self.phase == "follow_up"
