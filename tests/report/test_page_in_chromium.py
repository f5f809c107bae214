"""A rehearsed rollback as HTML, opened in real headless Chromium: charts, events, widths, paper."""

import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from state.events import (
    Actor,
    ApprovalRequested,
    ExceptionGranted,
    IncidentRaised,
    MessageSent,
    NoteAdded,
    ObserverJoined,
    Recorded,
    StepAttested,
    TriggerTripped,
    TriggerWavedOff,
)
from state.journal.directory import JOURNAL
from state.journal.events import JournalReader
from state.readings import METRICS
from state.rehearsal import practice
from state.report import forms
from state.report.evidence import gather
from state.report.writing import write
from state.window import RESTORE, ROLLED_BACK

from ..pty.headless import PACE, begin, end_windows
from .browser import Browser, needs_chromium
from .told import rolled_back, written

pytestmark = needs_chromium


class Read(HTMLParser):
    """The rows of the timeline, and the charts with the events that they mark."""

    def __init__(self, dom: str) -> None:
        super().__init__()
        self.rows: dict[int, str] = {}
        self.charts: dict[str, set[int]] = {}
        self.drawn: dict[str, int] = {}
        self.bars: list[str] = []
        self._row = self._chart = ""
        self.feed(dom)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "tr":
            self._row = values.get("data-event", "")
            if self._row:
                self.rows[int(self._row)] = ""
        if tag == "figure":
            self._chart = values.get("data-chart", "")
            self.charts[self._chart] = set()
        if "data-events" in values:
            self.charts[self._chart] |= set(map(int, values["data-events"].split()))
        if tag == "path" and values.get("class") == "line":
            self.drawn[self._chart] = len(re.findall(r"[ML]", values["d"]))
        if tag == "rect" and values.get("class", "").startswith("bar "):
            self.bars.append(values["class"].removeprefix("bar "))

    def handle_data(self, data: str) -> None:
        if self._row:
            self.rows[int(self._row)] += data


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A window that was rehearsed: a bad release, a rollback with a restore, and what follows up."""
    root = tmp_path_factory.mktemp("rehearsed") / "practice"
    made = practice.create(root, "bad-release", pace=PACE)
    try:
        hand = begin(made.config, ("v1.5.0", "v1.4.2"))
        hand.upgrade()
        hand.until(lambda: "readiness" in hand.window.triggers, "readiness does not trip")
        hand.turn(RESTORE, "C")
        hand.stop_release()
        hand.safety_backup()
        hand.restore()
        hand.run("migrate-baseline")
        hand.run("start-previous")
        hand.validate()
        hand.declare(ROLLED_BACK)
        hand.session.leave()
        yield hand.session.directory
    finally:
        end_windows(made.state)
        practice.remove(made)


@pytest.fixture(scope="module")
def page(window: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    evidence = gather(window, time.time())
    assert evidence.complaints == ()
    write(path, forms.render(evidence, forms.Form.HTML))
    return path


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    return Browser(tmp_path)


def journal(window: Path) -> list[Recorded]:
    reader = JournalReader(window / JOURNAL)
    try:
        return reader.after(0)
    finally:
        reader.close()


def test_every_event_of_the_journal_stands_in_the_timeline_and_in_every_chart(
    window: Path, page: Path, browser: Browser
) -> None:
    read = Read(browser.read(page))
    records = journal(window)
    numbers = {recorded.seq for recorded in records}
    assert len(numbers) > 50
    assert set(read.rows) == numbers
    assert set(read.charts) == {"readiness", *(metric.key for metric in METRICS)}
    for name, marked in read.charts.items():
        assert marked == numbers, name
    for metric in METRICS:
        assert read.drawn[metric.key] > 5, metric.key
    assert {"ready", "not_ready", "unreachable"} <= set(read.bars)
    told = {recorded.event.kind(): read.rows[recorded.seq] for recorded in records}
    assert "readiness TRIPPED: " in told["TriggerTripped"]
    assert "ROLLBACK begun, with a restore: it is not well" in told["RollbackBegun"]
    assert "declared: rolled back" in told["WindowDeclared"]


WIDTHS = (1200, 800, 400)


@pytest.mark.parametrize("width", WIDTHS)
def test_words_without_an_end_make_nothing_wider(tmp_path: Path, browser: Browser, width: int) -> None:
    endless, name = "x" * 300, "n" * 60
    somebody = Actor(name, name, "h" * 60, "pts/" + endless, endless)
    story = rolled_back()
    story.tell(
        NoteAdded("", endless),
        ExceptionGranted(endless, endless),
        StepAttested("communicate", endless, endless, endless),
        TriggerTripped("readiness", endless),
        TriggerWavedOff("readiness", endless),
        ObserverJoined("c", somebody),
        ApprovalRequested("restore", "digest", (endless,)),
        IncidentRaised(endless, endless),
        MessageSent(endless, "copied"),
        actor=somebody,
    )
    story.run("stop-release", 2, line=endless)
    page = tmp_path / "endless.html"
    evidence = gather(written(tmp_path / "w", story.records), story.at)
    write(page, forms.render(evidence, forms.Form.HTML))
    said = browser.measured(page, width)
    assert (said["scroll"], said["wide"]) == (width, [])


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_page_and_nothing_is_asked_for(
    page: Path, browser: Browser, width: int
) -> None:
    said = browser.measured(page, width)
    assert said["width"] == width
    assert said["scroll"] <= width and said["wide"] == []
    assert said["requests"] == []
    # The charts take the room that there is.
    assert said["field"] > 0.7 * min(width, 1180)
    for _, drawn, height in said["sizes"]:
        assert drawn > 0.5 * said["field"]
        assert height <= 90


def test_it_is_light_or_dark_as_the_reader_wants_it(page: Path, browser: Browser) -> None:
    def brightness(colour: str) -> float:
        return sum(map(int, re.findall(r"\d+", colour)[:3])) / 3

    light, dark = browser.measured(page, 1200), browser.measured(page, 1200, dark=True)
    assert brightness(light["background"]) > 200 > 100 > brightness(light["color"])
    assert brightness(dark["background"]) < 60 < 180 < brightness(dark["color"])


def test_it_can_be_printed(page: Path, browser: Browser) -> None:
    printed = browser.printed(page)
    assert printed.startswith(b"%PDF-")
    pages = len(re.findall(rb"/Type\s*/Page\b", printed))
    assert 4 <= pages <= 25
