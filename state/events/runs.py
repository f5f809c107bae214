"""What has happened to runs and what they made; a run's id is the sequence number of its RunRequested."""

from collections.abc import Mapping

from msgspec import field

from state.events.event import Event, Moment


class RunRequested(Event, frozen=True):
    """A command is about to start. `variables` as shown: secrets are already hidden.

    `purpose` is empty for the step's own command, else what it is run for beside it: a safety
    backup, a rehearsal. `confirmed` is the phrase that the operator typed for this run and no other.
    """

    step: str
    argv: tuple[str, ...]
    directory: str
    variables: Mapping[str, str] = field(default_factory=dict)
    purpose: str = ""
    confirmed: str = ""


class RunStarted(Event, frozen=True):
    run: int


class RunNotStarted(Event, frozen=True):
    """It is certain that nothing of the run ever ran."""

    run: int
    reason: str


class RunEnded(Event, frozen=True):
    """`ended_at` in seconds since the epoch; `last_line` names make's own error where it gave one."""

    run: int
    exit_code: int
    ended_at: Moment
    last_line: str = ""
    left_running: bool = False


class RunLost(Event, frozen=True):
    """It ran and its exit status is unknown: nobody guesses."""

    run: int
    reason: str


class RunSignalled(Event, frozen=True):
    """An operator asked to stop the run, or the console went on to the next harder signal."""

    run: int
    signal: str


class LogSealed(Event, frozen=True):
    """The log of a run that is over was rewritten without secrets: `size` in bytes, as it is from now on."""

    run: int
    size: int
    sha256: str


class MigrationsListed(Event, frozen=True):
    """What a `db-migrate` said of itself. `interrupted` names the migration it stopped in."""

    run: int
    applied: tuple[str, ...]
    skipped: int
    complete: bool
    interrupted: str = ""


class BackupExamined(Event, frozen=True):
    """One look at a backup file. `captured_at` and `age` in seconds; `problem` empty when whole.

    `rows` counts those of each table in the dump.
    """

    step: str
    path: str
    size: int
    sha256: str
    captured_at: Moment
    age: float
    problem: str
    run: int = 0
    rows: Mapping[str, int] = field(default_factory=dict)
