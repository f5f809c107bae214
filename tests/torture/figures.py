"""What a torment came to: how often it was tried, and everything that must not happen and did."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

#: What is counted. lost: an acknowledged decision, a reading or an end that is not on disk. doubled: done
#: twice, or without having been decided. cut: ended by the death of something else. torn: half of
#: something, or two records that contradict one another. leaked: a secret where it must not be. stuck:
#: neither ended nor recovered, kept a core busy, or grew. tracebacks: Python's own words before an operator.
COLUMNS = ("lost", "doubled", "cut", "torn", "leaked", "stuck", "tracebacks")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that must not happen, in words, with the seed that shows it again."""

    column: str
    words: str
    seed: int


@dataclass(slots=True)
class Figures:
    """One row of the table. `blows` counts what was done, by its name; `skipped` says why nothing was."""

    name: str
    trials: int = 0
    seconds: float = 0.0
    seeds: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    blows: Counter[str] = field(default_factory=Counter)
    skipped: str = ""

    def found(self, column: str, words: str, seed: int) -> None:
        """Notes what must not happen."""
        assert column in COLUMNS, column
        self.findings.append(Finding(column, words, seed))

    def count(self, column: str) -> int:
        """How often it happened."""
        return sum(one.column == column for one in self.findings)

    def add(self, other: "Figures") -> None:
        """Takes in what other trials of the same torment came to."""
        self.trials += other.trials
        self.seeds = sorted({*self.seeds, *other.seeds})
        self.findings += other.findings
        self.blows.update(other.blows)

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Counts the seconds of the block as those of this row."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.seconds += time.monotonic() - began

    def as_json(self) -> dict[str, Any]:
        """The row for programs."""
        return {
            "name": self.name,
            "trials": self.trials,
            **{column: self.count(column) for column in COLUMNS},
            "seconds": round(self.seconds, 1),
            "seeds": self.seeds,
            "blows": dict(sorted(self.blows.items())),
            "findings": [{"what": f.column, "words": f.words, "seed": f.seed} for f in self.findings],
            "skipped": self.skipped,
        }


def document(rows: Sequence[Figures], command: str) -> str:
    """All rows as JSON, with the command that made them."""
    return json.dumps({"command": command, "rows": [row.as_json() for row in rows]}, indent=2) + "\n"


def table(rows: Iterable[Figures]) -> str:
    """All rows as plain text, with what was done and what was found under them."""
    head = ("torment", "trials", *COLUMNS, "seconds")
    lines = [head]
    below: list[str] = []
    for row in rows:
        counts = (str(row.count(column)) for column in COLUMNS)
        lines.append((row.name, str(row.trials), *counts, f"{row.seconds:.0f}"))
        below += _below(row)
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    text = [
        line[0].ljust(widths[0]) + "".join(f"  {cell:>{width}}" for cell, width in _cells(line, widths))
        for line in lines
    ]
    return "\n".join([*text, "", *below]).rstrip() + "\n"


def _cells(line: tuple[str, ...], widths: list[int]) -> Iterator[tuple[str, int]]:
    return zip(line[1:], widths[1:], strict=True)


def _below(row: Figures) -> list[str]:
    if row.skipped:
        return [f"{row.name}: skipped: {row.skipped}"]
    seeds = f"seeds {row.seeds[0]} to {row.seeds[-1]}" if row.seeds else "no seeds"
    blows = " · ".join(f"{name} {count}" for name, count in sorted(row.blows.items()))
    said = [f"{row.name}: {seeds} · {blows}"]
    return said + [f"  {one.column} (seed {one.seed}): {one.words}" for one in row.findings]
