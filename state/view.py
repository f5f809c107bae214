"""A window as anybody may see it: its journal folded, its readings judged. Writes nothing."""

import math
from pathlib import Path

from state.events import UnknownEvent
from state.fold import fold
from state.journal.directory import JOURNAL, READINGS
from state.journal.events import JournalError, JournalReader
from state.journal.readings import ReadingsError, ReadingsReader
from state.judgement.advice import (
    Advice,
    advise,
    last_safe_decision,
    losses,
    rows_lost,
    time_lost,
    time_to_roll_back,
)
from state.judgement.baseline import warnings
from state.judgement.series import stale_after
from state.judgement.triggers import Trigger, judge_triggers
from state.judgement.verdicts import Verdicts, judge
from state.readings import Ask, Observed, Reading, ReadingClass
from state.window import RESTORE, Window

_NOTHING = Observed()
#: Seconds after a restore for which its after-effects are explained.
_EXPLAINED_FOR = 1800.0


class View:
    """One window directory, read again whenever `refresh` is called."""

    def __init__(self, directory: Path, window: Window | None = None) -> None:
        """Opens the files read-only; raises JournalError with a sentence.

        `window` is what its journal came to up to some event, where somebody has folded that already.
        """
        self.directory = directory
        self.journal = JournalReader(directory / JOURNAL)
        self.readings = ReadingsReader(directory / READINGS)
        self.window = window or Window()
        self._take_in()
        self.observed: Observed = Observed()
        #: Why nothing can be read of what the deployment said; empty when it can.
        self.problem = ""
        self.triggers: tuple[Trigger, ...] = ()
        #: Seconds that the last measured restore of this environment took; whoever knows sets it.
        self.restore_seconds: float | None = None
        self._judged: tuple[int, int, int] | None = None
        self._verdicts: Verdicts | None = None

    def refresh(self, now: float) -> bool:
        """Takes in new events and readings; whether anything may look different now.

        Verdicts depend on the time as well: they are made anew at most once a second.
        """
        self._take_in()
        self._read(self.window.closed_at or now)
        judged = (self.window.seq, id(self.observed), math.floor(now))
        if judged == self._judged:
            return False
        self._judged = judged
        self._verdicts = verdicts(self.window, self.observed, now)
        self.triggers = self._board(self.window.closed_at or now)
        return True

    def _take_in(self) -> None:
        try:
            self.window = fold(self.journal.after(self.window.seq), self.window)
        except UnknownEvent as error:
            raise JournalError(
                self.journal.problem()
                or f"{self.directory.name} knows something that this version does not ({error}). "
                "Open it with the Drawbridge that wrote it."
            ) from error

    def _read(self, now: float) -> None:
        """Readings that cannot be read are no readings: what is in the journal goes on without them."""
        try:
            self.observed, self.problem = self.readings.look(now), ""
        except ReadingsError as error:
            self.problem = str(error)
            self.observed = _NOTHING

    @property
    def verdicts(self) -> Verdicts:
        """What judgement says of what was last taken in; `refresh` comes first."""
        if self._verdicts is None:
            raise RuntimeError("refresh comes before verdicts")
        return self._verdicts

    def _board(self, now: float) -> tuple[Trigger, ...]:
        window = self.window
        return judge_triggers(
            ready_spans=self.observed.ready_spans,
            rows=self.verdicts.rows,
            planned=window.planned,
            migration_problem=window.migration_problem,
            missing_blobs=self.missing_blobs,
            correctness_note=window.correctness.text if window.correctness else "",
            incident=window.incident.ticket if window.incident else "",
            tripped=frozenset(window.triggers),
            policy=window.policy,
            now=now,
        )

    @property
    def missing_blobs(self) -> tuple[int | None, int | None]:
        """Missing blob references at the baseline and as last read; None where nobody could tell."""
        before = self.window.baseline.missing_blobs if self.window.baseline else None
        return before, missing_blobs(self.window, self.observed, self.verdicts.at)

    def after_restore(self, now: float) -> tuple[str, ...]:
        """What looks wrong after a restore and is not, in sentences; empty when that is over."""
        restored = self.window.restored_at
        if restored is None or now - restored > _EXPLAINED_FOR:
            return ()
        said = ["Restored: events that were pending then look as old as the backup until they are drained."]
        ops = self.observed.latest.get((Ask.OPS, self.window.policy.replicas[0]))
        if ops is not None and ops.reading_class is ReadingClass.UNAUTHORIZED and ops.at > restored:
            said.append("The token was issued after the backup and is gone: ctrl+p, Give another token.")
        return tuple(said)

    def advice(self, migration_class: str) -> Advice:
        """Binaries only or restore; `migration_class` is A, B, C, or empty where nobody knows."""
        window = self.window
        return advise(
            applied=window.applied,
            migration_class=migration_class,
            correctness="correctness" in window.triggers,
            backup=window.backup,
        )

    def losses(self, now: float) -> str:
        """What a restore would lose, in words; empty where there is nothing to restore."""
        if self.window.backup is None:
            return ""
        captured_at = self.window.backup.captured_at
        # Counted rows are better than an earlier count of the audit log, and two numbers are none.
        if exactly := rows_lost(self.window.backup, self.window.safety_backup):
            return f"{time_lost(captured_at, now)}. {exactly}"
        audit = self.observed.latest.get((Ask.AUDIT, self.window.policy.replicas[0]))
        return losses(captured_at, now, audit)

    def time_to_roll_back(self, depth: str) -> float | None:
        """Seconds that a rollback takes, as far as it was ever measured."""
        took = self.window.durations
        # What installs the new release takes about as long as what installs the previous one.
        install = took.get("redeploy-previous", took.get("deploy"))
        others = {} if install is None else {"redeploy-previous": install}
        return time_to_roll_back(depth, self.restore_seconds, others, self.window.policy.ready_for)

    @property
    def safe_until(self) -> float | None:
        """The last moment at which a rollback with restore still ends within the window."""
        return last_safe_decision(self.window.closes_at, self.time_to_roll_back(RESTORE))

    def baseline_warnings(self, now: float) -> tuple[str, ...]:
        """What speaks against the baseline as a measure, in words; empty without one."""
        snapshot = self.window.baseline
        if snapshot is None:
            return ()
        base = self.window.policy.replicas[0]
        whoami = self.observed.latest.get((Ask.WHOAMI, base))
        subject = str((whoami.values or {}).get("subject", "")) if whoami else ""
        return warnings(snapshot, subject, base, self.window.policy, now)

    def close(self) -> None:
        """Lets go of the files."""
        self.journal.close()
        self.readings.close()


def missing_blobs(window: Window, observed: Observed, now: float) -> int | None:
    """Missing blob references as read lately; None where nobody can tell."""
    reading = observed.latest.get((Ask.RECONCILE, window.policy.replicas[0]))
    if reading is None or reading.reading_class is not ReadingClass.OK or reading.values is None:
        return None
    if now - reading.at > stale_after(window.policy.reconcile_every):
        return None
    return int(reading.values["missingArtifactBlobRefs"]) + int(reading.values["missingManifestBlobRefs"])


def samples_taken(window: Window, observed: Observed) -> tuple[Reading, ...]:
    """The good ops readings since the series began, oldest first."""
    if window.sampling is None:
        return ()
    since = window.sampling.since
    return tuple(r for r in observed.ops if r.reading_class is ReadingClass.OK and r.at > since)


def verdicts(window: Window, observed: Observed, now: float) -> Verdicts:
    """Judgement on a window's readings, with what the window knows of plans and baseline."""
    return judge(
        observed,
        policy=window.policy,
        opened_at=window.opened_at,
        since=window.changed_at,
        planned=window.planned,
        disrupted_by=window.disrupted_by,
        baseline=window.baseline,
        compared=window.compared is not None,
        reset_at=window.restored_at,
        now=window.closed_at or now,
    )
