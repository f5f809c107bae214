"""What was done: steps, runs, backups, the way back, drills."""

from pydantic import Field

from state.report.document.part import Part, Text


class StepEvidence(Part):
    """One step of the checklist as it stands, in the states of `status --json`."""

    id: Text
    phase: Text
    title: Text
    state: Text = Field(
        description="todo, begun, running, checking, done, failed, unknown, skipped; ended, lost or "
        "not_started where its run is over and no console has seen that; not_done where the window turned "
        "back or closed before its turn came"
    )
    by: Text
    at: str | None
    evidence: Text
    problem: Text
    run: int | None
    notes: tuple[Text, ...]


class RunEvidence(Part):
    """One execution of a command. The digest is that of the log as sealed, without secrets."""

    id: int
    step: Text
    purpose: Text
    command: Text
    directory: Text
    variables: dict[Text, Text]
    by: Text
    state: Text
    in_journal: bool = Field(description="false where the run's directory alone knows how it ended")
    exit_status: int | None
    requested: str
    started: str | None
    ended: str | None
    seconds: float | None
    confirmed: Text = Field(description="the phrase that was typed for this run")
    signals: tuple[Text, ...]
    last_line: Text
    left_running: bool
    migrations: tuple[Text, ...] | None
    log_bytes: int | None
    log_sha256: Text | None


class Backup(Part):
    """One look at a backup file."""

    event: int
    step: Text
    path: Text
    bytes: int
    sha256: Text
    captured: str
    problem: Text
    tables: int
    rows: int


class Drill(Part):
    """The figures of a restore drill, in seconds."""

    run: int
    backup: float
    restore: float
    total: float
    passed: bool
    report: Text


class RollbackEvidence(Part):
    """One turn of the direction; going further than before is another one."""

    event: int
    at: str
    by: Text
    depth: Text
    why: Text
    migration_class: Text
    triggers: tuple[Text, ...]
    phrase: Text
    loses: Text = Field(description="what the operator was told that a restore loses")


class Loss(Part):
    """What a restore lost. `rows` is counted against the safety backup; empty where there was none."""

    restored: str
    captured: str
    seconds: float
    rows: Text
    told: Text = Field(description="what the operator who confirmed the restore was told that it loses")
