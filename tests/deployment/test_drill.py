"""The figures of a restore drill: read from the report that a drill wrote, or not at all."""

from pathlib import Path

import pytest

from state.deployment import drill
from state.deployment.drill import Figures, read_figures
from state.rehearsal.drill_report import Drill, render

COUNTS = {"packages": 3}
RESULTS = """# Phase 6 RPO/RTO Drill Report

- RTO target (seconds): 900
- RPO target (seconds): 300

## Results

- backup duration (seconds): 2
- restore duration (seconds): 5
- total drill duration (seconds): 9
"""


@pytest.fixture
def report(tmp_path: Path) -> Path:
    return tmp_path / "drill.md"


def read(report: Path, text: str) -> Figures | None:
    report.write_text(text, encoding="utf-8")
    return read_figures(report)


def test_the_report_of_a_practice_drill_is_read_as_it_was_written(report: Path) -> None:
    done = Drill("source", "drill", Path("/b.sql"), 2, 5, 9, 900, 300, COUNTS, COUNTS, COUNTS)
    assert read(report, render(done)) == Figures(2.0, 5.0, 9.0)


@pytest.mark.parametrize(
    "text",
    [
        RESULTS,
        RESULTS.replace("- ", "* "),
        RESULTS.replace("backup duration", "**Backup Duration**"),
        RESULTS.replace("duration (seconds): ", "duration | "),
        RESULTS.replace("\n", "\r\n"),
    ],
    ids=["as it is", "stars", "bold", "a table", "lines of another system"],
)
def test_the_layout_may_differ(report: Path, text: str) -> None:
    assert read(report, text) == Figures(2.0, 5.0, 9.0)


def test_fractions(report: Path) -> None:
    assert read(report, RESULTS.replace("): 5", "): 5.25")) == Figures(2.0, 5.25, 9.0)


@pytest.mark.parametrize("name", ["backup", "restore", "total drill"])
def test_a_figure_that_is_missing_makes_it_no_report(report: Path, name: str) -> None:
    assert read(report, RESULTS.replace(f"{name} duration", "other duration")) is None
    for word in ("n/a", "", "-"):
        lines = [
            f"- {name} duration (seconds): {word}" if f"{name} duration" in line else line
            for line in RESULTS.splitlines()
        ]
        assert read(report, "\n".join(lines)) is None, word


@pytest.mark.parametrize("text", ["", "# Phase 6", "\0\0\0", "total drill duration"])
def test_what_is_no_report(report: Path, text: str) -> None:
    assert read(report, text) is None


def test_what_cannot_be_read(report: Path, tmp_path: Path) -> None:
    assert read_figures(report) is None
    assert read_figures(tmp_path) is None
    report.write_bytes(b"\xff\xfe" + RESULTS.encode())
    assert read_figures(report) == Figures(2.0, 5.0, 9.0)


def test_only_the_beginning_of_an_endless_report_is_read(
    report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert read(report, RESULTS + "x" * 300_000) == Figures(2.0, 5.0, 9.0)
    monkeypatch.setattr(drill, "_LARGEST", 100)
    assert read(report, RESULTS) is None
