"""A window told event by event, ten seconds apart, for the tests of fold, rules and present."""

from collections.abc import Callable

from state.events import (
    Actor,
    BackupExamined,
    ConsoleAttached,
    Event,
    MetricSummary,
    MigrationsListed,
    PolicyTaken,
    Recorded,
    RollbackBegun,
    RunEnded,
    RunRequested,
    RunStarted,
    SamplingBegun,
    SnapshotRecorded,
    StepAttested,
    StepBegun,
    StepPassed,
    WindowDeclared,
    WindowOpened,
)
from state.fold import evolve
from state.intents import Intent, Refusal
from state.policy import Policy
from state.rules import decide
from state.window import RESTORE, StepState, Window

T0 = 1_770_000_000.0
SAM = Actor("sam", "sam", "bastion", "pts/1")
API = "http://127.0.0.1:8086"
OLD_BACKUP, OWN_BACKUP = "/backups/old.sql", "/backups/own.sql"

#: The steps of a window without a rollback before it, in order.
STEPS = (
    "window-approved",
    "backup-available",
    "ci-green",
    "rollback-owner",
    "backup",
    "baseline",
    "deploy",
    "migrate",
    "health",
    "smoke",
    "compare",
    "declare",
)
#: The steps back with a restore, in order; `RESTORING` are those that binaries only has not.
BACK = (
    "stop-release",
    "redeploy-previous",
    "restore",
    "migrate-baseline",
    "start-previous",
    "validate-health",
    "validate-smoke",
    "validate-backlog",
    "communicate",
)
RESTORING = frozenset({"restore", "migrate-baseline", "start-previous"})


class Story:
    """Every event goes through `evolve` at once; `records` is what a journal would hold."""

    def __init__(self, closes_at: float | None = None, second_operator: str = "never") -> None:
        self.window = Window()
        self.records: list[Recorded] = []
        self.at = T0 - 10.0
        self.epoch = 1
        opened = WindowOpened("2026-02-02-024000-production", "production", "2.0", "1.9", closes_at)
        policy = Policy(second_operator=second_operator)
        self.tell(opened, ConsoleAttached(4711), PolicyTaken(policy.as_json()))

    def take_over(self) -> "Story":
        """The console died, and another one takes the drive."""
        self.epoch += 1
        self.tell(ConsoleAttached(4711 + self.epoch))
        return self

    def tell(self, *events: Event, actor: Actor = SAM, after: float = 10.0) -> Window:
        """Takes the events in, `after` seconds after those before."""
        self.at += after
        for event in events:
            recorded = Recorded(self.window.seq + 1, self.epoch, self.at, actor, event)
            self.records.append(recorded)
            self.window = evolve(self.window, recorded)
        return self.window

    def want(self, intent: Intent) -> Refusal | None:
        """Lets `decide` say what follows, and takes that in."""
        decision = decide(self.window, intent, self.at, self.epoch)
        if isinstance(decision, Refusal):
            return decision
        self.tell(*decision)
        return None

    def refused(self, intent: Intent) -> str:
        """The reason of a refusal that must come."""
        decision = decide(self.window, intent, self.at, self.epoch)
        assert isinstance(decision, Refusal), decision
        return decision.reason

    def request(self, step: str, *argv: str, **variables: str) -> int:
        """Asks for a run and starts it; answers its id."""
        if step == "backup":
            variables.setdefault("BACKUP_PATH", OWN_BACKUP)
        confirmed = self.window.restore_phrase if step == "restore" else ""
        self.tell(RunRequested(step, argv or ("make", step), "/srv/site", variables, "", confirmed))
        run = self.window.seq
        self.tell(RunStarted(run))
        return run

    def run(self, step: str, code: int = 0, *before: Callable[[int], Event], line: str = "") -> int:
        """A run from its request to its end; `before` are facts that come with the end."""
        run = self.request(step)
        self.tell(*(fact(run) for fact in before), RunEnded(run, code, self.at + 10.0, line))
        return run

    def done(self, step: str) -> "Story":
        """Does one step the usual way."""
        match step:
            case "backup-available":
                self.tell(StepBegun(step))
                self.tell(examined(step, OLD_BACKUP, age=3600.0))
            case "backup":
                run = self.run(step)
                self.tell(examined(step, OWN_BACKUP, run=run))
            case "baseline" | "compare" | "validate-backlog":
                self.tell(SamplingBegun(step, 5))
                self.tell(snapshot(step, self.at))
            case "deploy" | "restore":
                self.run(step)
            case "migrate":
                self.run(step, 0, lambda run: listing(run, "0008.sql"))
            case "migrate-baseline":
                self.run(step, 0, listing)
            case "health" | "validate-health" | "validate-smoke":
                self.tell(StepBegun(step))
                self.tell(StepPassed(step, "ready for 10:00"))
            case "declare":
                self.tell(WindowDeclared("success", "", ()))
            case _:
                self.tell(StepAttested(step, "kim", f"REF-{step}"))
        return self

    def until(self, step: str) -> "Story":
        """Does all steps before this one."""
        for earlier in STEPS[: STEPS.index(step)]:
            if self.window.record(earlier).state not in {StepState.DONE, StepState.SKIPPED}:
                self.done(earlier)
        return self

    def turned(self, depth: str = RESTORE) -> "Story":
        """Turned back, from the smoke checks unless a change has begun already."""
        if not self.window.change_begun:
            self.until("smoke")
        self.tell(RollbackBegun(depth, "errors", "B", (), "", self.window.rollback_phrase))
        return self

    def back_to(self, step: str, depth: str = RESTORE) -> "Story":
        """Turned back, with all steps of the way back before this one done; `end` does all."""
        if self.window.rollback is None:
            self.turned(depth)
        for earlier in self.window.direction:
            if earlier.id == step:
                break
            self.done(earlier.id)
        return self

    def state(self, step: str) -> StepState:
        return self.window.record(step).state


def examined(
    step: str, path: str, run: int = 0, problem: str = "", age: float = 5.0, size: int = 214_000_000
) -> BackupExamined:
    return BackupExamined(step, path, size, "ab" * 32, T0 - age, age, problem, run)


def listing(run: int, *applied: str, complete: bool = True) -> MigrationsListed:
    return MigrationsListed(run, applied, 7, complete, "" if complete or not applied else applied[-1])


def snapshot(step: str, at: float, samples: int = 5) -> SnapshotRecorded:
    metrics = {"pendingOutboxEvents": MetricSummary(3.0, 1.0, 5.0, 0.0, samples)}
    return SnapshotRecorded(step, at - 60.0, at, samples, metrics, API, "admin", "ready", 0.0)
