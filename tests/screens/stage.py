"""A window that is always the same, at a moment that is always the same, for pictures of every screen."""

import asyncio
import json
import math
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console as RichConsole
from textual.pilot import Pilot
from textual.screen import Screen

import tui.app
from state.console.opening import policy_of
from state.console.session import Session
from state.events import PolicyTaken, TriggerTripped
from state.journal.directory import JOURNAL, READINGS, RUNS
from state.journal.events import JournalWriter
from state.journal.readings_writer import ReadingsWriter
from state.readings import METRICS, Ask, Reading, ReadingClass
from state.settings import Settings, load
from tui.app import Console
from tui.dialogs.dialog import Dialog
from tui.place import Place
from tui.screens.help import HelpScreen
from tui.screens.home import HomeScreen
from tui.screens.report import ReportScreen
from tui.screens.rollback import RollbackScreen
from tui.screens.timeline import TimelineScreen
from tui.screens.window import WindowScreen
from tui.widgets.line_panel import LinePanel
from tui.widgets.run_pane import RunPane

from ..unit.story import API, SAM, Story, listing

SIZES = ((80, 24), (120, 40))
THEMES = ("default", "high-contrast", "16-colours", "monochrome")
URLS = (API, "http://127.0.0.2:8086", "http://127.0.0.3:8086")
LOG = """\
Skipping 0007_phase3_manifest_persistence.sql (already applied).
Applying 0008_phase5_tombstones_gc_reconcile.sql...
CREATE TABLE
CREATE INDEX
"""
SETTINGS = """\
environment = "production"
state = "state"
[api]
urls = {urls}
[make]
directory = "/srv/artifortress"
backup_directory = "/var/backups/artifortress"
[steps.deploy]
command = ["make", "deploy"]
[screen]
theme = "{theme}"
"""


class Stage(Console):
    """The console with its clock stopped: nothing is looked at again, so nothing changes by itself."""

    CSS_PATH = Path(tui.app.__file__).parent / Console.CSS_PATH

    def _tick(self) -> None:
        return


@dataclass(frozen=True, slots=True)
class Scene:
    """A story, the keys that lead on from the window, and when the screen is there as a whole."""

    story: Callable[[], Story]
    keys: tuple[str, ...]
    is_there: Callable[[Screen[object]], bool]
    opens: bool = True


def _migrating() -> Story:
    story = _told().until("migrate")
    story.request("migrate")
    return story


def _tripped() -> Story:
    story = _told().until("smoke")
    story.tell(
        TriggerTripped("readiness", "not ready for 05:10 of 05:00 on 127.0.0.2:8086", ("127.0.0.2:8086",))
    )
    return story


def _failed() -> Story:
    story = _told().until("migrate")
    why = "psql:<stdin>:12: ERROR: UNIQUE constraint failed: package_versions.package_id"
    line = f"{why} · make: *** [Makefile:15: db-migrate] Error 3"
    story.run("migrate", 2, lambda run: listing(run, "0007.sql", "0008.sql", complete=False), line=line)
    story.tell(TriggerTripped("correctness", f"db-migrate failed: {line}", ("migrations",)))
    return story


def _told() -> Story:
    story = Story(closes_at=1_770_007_200.0)
    story.tell(PolicyTaken(policy_of(_settings("default")).as_json()))
    return story


def _filled(*panels: str) -> Callable[[Screen[object]], bool]:
    return lambda screen: all(
        bool(screen.query(f"#{name}")) and bool(screen.query_one(f"#{name}", LinePanel).words)
        for name in panels
    )


def _window(screen: Screen[object]) -> bool:
    filled = _filled("checklist", "health", "backlog", "foot")(screen)
    # Where the panels stand behind tabs, the output is not drawn.
    is_read = screen.has_class("-narrow") or "CREATE INDEX" in _output(screen)
    return isinstance(screen, WindowScreen) and filled and is_read


def _output(screen: Screen[object]) -> str:
    return " ".join(screen.query_one(RunPane).view.words)


def _timeline(screen: Screen[object]) -> bool:
    return isinstance(screen, TimelineScreen) and _filled("events", "event", "as-of", "foot")(screen)


def _report(screen: Screen[object]) -> bool:
    is_made = isinstance(screen, ReportScreen) and _filled("report", "foot")(screen)
    return is_made and len(screen.query_one("#report", LinePanel).words) > 1


SCENES = {
    "home": Scene(_migrating, (), lambda s: isinstance(s, HomeScreen) and _filled("windows")(s), opens=False),
    "window": Scene(_migrating, (), _window),
    "tripped": Scene(_tripped, (), _window),
    "failed": Scene(_failed, (), _window),
    "run": Scene(_migrating, ("4",), lambda s: isinstance(s, WindowScreen) and "CREATE INDEX" in _output(s)),
    "doing": Scene(
        lambda: _told().until("deploy"),
        ("enter",),
        lambda s: isinstance(s, Dialog) and _filled("dialog-lines")(s) and s.focused is not None,
    ),
    "rollback": Scene(
        _tripped,
        ("b",),
        lambda s: isinstance(s, RollbackScreen) and _filled("why", "how-far", "confirm", "triggers")(s),
    ),
    "timeline": Scene(_tripped, ("t", "home", *["j"] * 12), _timeline),
    "report": Scene(_tripped, ("t", "r"), _report),
    "help": Scene(
        _migrating, ("question_mark",), lambda s: isinstance(s, HelpScreen) and _filled("help-lines")(s)
    ),
}


def _settings(theme: str) -> Settings:
    path = Path("drawbridge.toml")
    path.write_text(SETTINGS.format(theme=theme, urls=json.dumps(URLS)))
    return load(path)


def _journal(story: Story) -> Path:
    """The window's directory, by a relative path: whatever stands on the screen is the same everywhere."""
    directory = Path("state", "windows", story.window.id)
    (directory / RUNS).mkdir(parents=True, mode=0o700)
    with closing(JournalWriter(directory / JOURNAL, SAM, story.records[0].at)) as journal:
        for record in story.records:
            journal.append([record.event], record.at)
    for run in story.window.runs:
        (directory / RUNS / str(run)).mkdir(mode=0o700)
        (directory / RUNS / str(run) / "log").write_text(LOG)
    with closing(ReadingsWriter(directory / READINGS, 2.0, 5.0)) as writer:
        writer.append(list(_readings(story.at + 12.0)))
    return directory


def _readings(now: float) -> Iterator[Reading]:
    """Ten minutes of a deployment that is well, but for one replica for a moment, and a growing backlog."""
    for back in range(600, 0, -2):
        at = now - back
        for number, url in enumerate(URLS):
            ready = ReadingClass.NOT_READY if number == 1 and 200 < back < 230 else ReadingClass.OK
            state = "not_ready" if ready is ReadingClass.NOT_READY else "ready"
            dependencies = [
                {"name": "postgres", "state": state, "detail": ""},
                {"name": "oidc_jwks", "state": "not_configured", "detail": ""},
            ]
            values = {"status": state, "dependencies": dependencies}
            yield Reading(Ask.LIVE, url, at, ReadingClass.OK, at, 200, 4.0 + number, 0.1, {})
            yield Reading(Ask.READY, url, at, ready, at, 200, 36.0 + number, 0.1, values)
        if back % 14 == 0:
            counts = {metric.key: 0 for metric in METRICS}
            counts["pendingOutboxEvents"] = 3 + round(4 * abs(math.sin(back)))
            counts["oldestPendingOutboxAgeSeconds"] = max(2, 120 - back)
            yield Reading(Ask.OPS, URLS[0], at, ReadingClass.OK, at, 200, 20.0, 0.1, counts)


@asynccontextmanager
async def on_stage(name: str, size: tuple[int, int], theme: str) -> AsyncIterator[Pilot[None]]:
    """The console on one of SCENES; to be called in an empty working directory."""
    scene = SCENES[name]
    story = scene.story()
    directory, settings = _journal(story), _settings(theme)
    now, policy = story.at + 12.0, policy_of(settings)
    place = Place(settings, policy, Path("state"), SAM)
    session = None
    if scene.opens:
        session = Session(directory, settings, policy, SAM, lambda: now)
        assert session.take_drive() is None
        session.company.refresh()
    app = Stage(place, session, lambda: now)
    async with app.run_test(size=size, notifications=True) as pilot:
        if scene.opens:
            await _until(pilot, lambda: isinstance(app.screen, Dialog) and app.screen.focused is not None)
            await pilot.press("escape")
            await _until(pilot, lambda: _filled("checklist", "foot")(app.screen))
        await pilot.press(*scene.keys)
        await _until(pilot, lambda: scene.is_there(app.screen))
        await _settled(pilot)
        yield pilot
    if session is not None:
        session.close()


async def _settled(pilot: Pilot[None]) -> None:
    """Until looking again changes nothing: a first look may come before the layout that it depends on."""
    same, shown = 0, ""
    while same < 3:
        for screen in pilot.app.screen_stack:
            if isinstance(screen, WindowScreen | RollbackScreen):
                screen.look()
        await pilot.pause(0.05)
        before, shown = shown, as_text(pilot)
        same = same + 1 if shown == before else 0


async def _until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():
            await pilot.pause(0.02)


def as_text(pilot: Pilot[None]) -> str:
    """What a terminal with all colours is sent for the screen, line by line; `cat` shows it."""
    # As the picture has them: rich keeps what a style was first rendered to.
    console = RichConsole(force_terminal=True, color_system="truecolor", legacy_windows=False)
    strips = pilot.app.screen._compositor.render_strips()
    return "".join(strip.simplify().render(console) + "\n" for strip in strips)


def as_picture(pilot: Pilot[None], name: str) -> str:
    """The screen as SVG."""
    return compact(self_contained(pilot.app.export_screenshot(title=f"drawbridge · {name}")))


def compact(svg: str) -> str:
    """The same picture in fewer bytes, and in the same bytes wherever it is drawn."""
    # A line holds what it is given: nothing has to be clipped but the terminal as a whole.
    svg = re.sub(r'<clipPath id="[\w-]+-line-\d+">.*?</clipPath>\s*', "", svg, flags=re.DOTALL)
    svg = re.sub(r' clip-path="url\(#[\w-]+-line-\d+\)"', "", svg)
    svg = re.sub(r"<text [^>]*>(?:&#160;)*</text>", "", svg)
    svg = re.sub(r"\d+\.\d{2,}", lambda number: f"{float(number[0]):.1f}", svg)
    svg = re.sub(r"terminal-\d+", "t", svg)
    return "\n".join(line.strip() for line in svg.splitlines() if line.strip()) + "\n"


def self_contained(svg: str) -> str:
    """A picture that fetches nothing: rich names a font that lies elsewhere."""
    without = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    return without.replace("Fira Code", "DejaVu Sans Mono")
