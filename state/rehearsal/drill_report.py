"""The Markdown report of `phase6-drill`, and whether the drill passed."""

import time
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct


class Drill(Struct, frozen=True):
    """One drill. Durations and targets in seconds; row counts per table.

    The source goes on living while it is dumped, so its counts are taken before and after: a
    restored count between the two is right.
    """

    source: str
    target: str
    backup: Path
    backup_seconds: int
    restore_seconds: int
    total_seconds: int
    rto_target: int
    rpo_target: int
    before: Mapping[str, int]
    restored: Mapping[str, int]
    after: Mapping[str, int]

    @property
    def mismatches(self) -> list[str]:
        """One line for each table whose count is wrong."""
        return [
            f"count mismatch on {table}: source={count}, drill={self.restored.get(table, 0)}"
            for table, count in self.before.items()
            if not count <= self.restored.get(table, -1) <= self.after.get(table, count)
        ]

    @property
    def passed(self) -> bool:
        """All counts are right and both targets were kept."""
        return (
            not self.mismatches
            and self.total_seconds <= self.rto_target
            and self.backup_seconds <= self.rpo_target
        )


def render(drill: Drill) -> str:
    """The report, with the figures in the lines that the real one has."""
    notes = drill.mismatches or ["all required table counts matched between source and drill databases."]
    lines = [
        "# Phase 6 RPO/RTO Drill Report",
        "",
        f"Generated at: {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}",
        "",
        "## Inputs",
        "",
        f"- source DB: `{drill.source}`",
        f"- drill DB: `{drill.target}`",
        f"- backup file: `{drill.backup}`",
        f"- RTO target (seconds): {drill.rto_target}",
        f"- RPO target (seconds): {drill.rpo_target}",
        "",
        "## Results",
        "",
        f"- backup duration (seconds): {drill.backup_seconds}",
        f"- restore duration (seconds): {drill.restore_seconds}",
        f"- total drill duration (seconds): {drill.total_seconds}",
        f"- RPO status: {_word(drill.backup_seconds <= drill.rpo_target)}",
        f"- RTO status: {_word(drill.total_seconds <= drill.rto_target)}",
        f"- data verification: {_word(not drill.mismatches)}",
        "",
        "## Verification Notes",
        "",
        *(f"- {note}" for note in notes),
    ]
    return "\n".join(lines) + "\n"


def _word(passed: bool) -> str:
    return "PASS" if passed else "FAIL"
