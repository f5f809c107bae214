"""The panels of the window screen, and what of the session stands in each."""

from typing import Literal

from textual.app import ComposeResult
from textual.containers import Container, Horizontal, Vertical
from textual.widget import Widget

from state.console.session import Session
from state.runbook import Step
from state.view import samples_taken
from state.window import RunState
from tui.commands import STEPS, applicable, with_keys
from tui.present import backlog, checklist, foot, gates, health, people, triggers, words
from tui.present.header import header
from tui.present.line import Line
from tui.present.sizes import LEAST, TABS, divide, failed_rows
from tui.screens.people import around
from tui.widgets.line_panel import CursorPanel, LinePanel
from tui.widgets.run_pane import RunPane, RunTab

#: The forms of triggers and gates, the fullest first: whether a trigger says why it has tripped, and
#: how many rows the reason of a gate may take.
_FORMS: tuple[tuple[bool, int | None], ...] = (
    (True, None),
    (False, None),
    (False, 2),
    (False, 1),
    (False, 0),
)


class Together(Vertical):
    """Panels that are zoomed together: what one of them leaves out is in the other's room."""

    ALLOW_MAXIMIZE = True


class Panels(Container):
    """All panels once; the stylesheet places them by the class of the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._listed: tuple[Line, ...] = ()

    def compose(self) -> ComposeResult:
        """Lines around, panels between."""
        yield LinePanel("too-small", focusable=False)
        yield LinePanel("header", focusable=False)
        yield LinePanel("banner", focusable=False)
        yield LinePanel("tabs", focusable=False)
        with Container(id="panels"):
            with Horizontal(id="upper"):
                with Together(id="steps"):
                    yield CursorPanel("checklist", "Checklist")
                    yield LinePanel("step", "Step", whole="1 z")
                with Vertical(id="measured"):
                    yield LinePanel("health", "Health", whole="2 z")
                    yield LinePanel("backlog", "Backlog", whole="3 z")
            with Horizontal(id="lower"):
                yield RunPane(id="runs")
                with Together(id="judged"):
                    yield LinePanel("triggers", "Rollback triggers", whole="5 z")
                    yield LinePanel("gates", "Gates", whole="5 z")
        yield LinePanel("problem", focusable=False)
        yield LinePanel("foot", focusable=False)

    def show(self, session: Session, selected: Step, tab: int, problem: str, now: float) -> None:
        """Draws what is different from what is on the screen."""
        window, verdicts, observed = session.window, session.view.verdicts, session.view.observed
        cells = self.app.size.width
        self._panel("too-small").show(foot.too_small(window, LEAST))
        people_here = around(session)
        head = header(window, verdicts, session.view.safe_until, now, cells, session.drives)
        self._panel("header").show((head,))
        alarms = (
            *triggers.banner(window, cells, session.drives),
            *people.notices(window, people_here, now, cells),
        )
        self._panel("banner").show(alarms)
        self._panel("banner").display = bool(alarms)
        self.show_steps(session, selected, tab, now)
        self._show_judged(session)
        panel = self._panel("health")
        blobs = session.view.missing_blobs
        panel.show(health.health(verdicts, observed, blobs, now, _width(panel)))
        # A window that is closed is not watched: what it shows does not grow older, it is of then.
        then = f"as it closed, {words.clock(window.closed_at)} UTC" if window.closed_at else ""
        panel.set_titles("Health", then or health.title(verdicts))
        panel = self._panel("backlog")
        warnings = (*session.view.after_restore(now), *session.view.baseline_warnings(now))
        panel.show(backlog.backlog(verdicts, observed, warnings, _width(panel)))
        panel.set_titles(backlog.title(window), then or backlog.age(verdicts))
        self.query_one(RunPane).show(run_tabs(session, now))
        said = problem or session.view.problem or session.observation.problem or session.seat.problem
        self._panel("problem").show(foot.problem(said, cells))
        self._panel("problem").display = bool(said)
        commands = applicable(window, session.drives, with_keys(session.settings.keys))
        if tab != TABS.index("steps") and self.screen.has_class("-narrow"):
            commands = (STEPS, *commands)
        self._panel("foot").show((foot.foot(window, people_here, commands, cells),))

    def _show_judged(self, session: Session) -> None:
        """Triggers and gates, and how the rows are divided between them and what stands above."""
        window, gated = session.window, session.view.verdicts.gates
        board, judged, below = self._panel("triggers"), self._panel("gates"), self._panel("step")
        forms = [
            (
                triggers.board(session.view.triggers, window, _width(board), why),
                gates.gate_lines(gated, _width(judged), rows),
            )
            for why, rows in _FORMS
        ]
        failed = checklist.failed_lines(window, _width(below))
        rows, wide = self.query_one("#panels").size.height, self.screen.has_class("-wide")
        share = divide(rows, list(map(_framed_rows, forms)), len(self._listed), failed)
        zoomed = self.screen.maximized is not None
        for panel, lines in zip(
            (board, judged), forms[share.form if wide and not zoomed else 0], strict=True
        ):
            panel.show(lines)
        # Before the first layout there is no width to wrap at, and no height that would follow from it.
        is_laid_out = bool(board.size.width and judged.size.width) or zoomed
        _allot(self.query_one("#lower"), "height", share.lower if wide and is_laid_out else None)
        _allot(self.query_one(CursorPanel), "max_height", share.checklist if wide and not zoomed else None)
        _allot(below, "height", None if wide or zoomed else failed_rows(rows, failed))

    def show_steps(self, session: Session, selected: Step, tab: int, now: float) -> None:
        """The checklist, the step under the cursor, and its short form beside the tabs."""
        panel = self.query_one(CursorPanel)
        self._listed, at = checklist.checklist(session.window, progress(session), now, _width(panel))
        panel.show_rows(self._listed, at)
        self.show_step(session, selected, tab, now)

    def show_step(self, session: Session, selected: Step, tab: int, now: float) -> None:
        """What depends on where the cursor is, and nothing else: this is drawn at every key."""
        below, tabs = self._panel("step"), self._panel("tabs")
        said = checklist.step_detail(session.window, selected, _width(below))
        # As many lines as there is room for: where their number stays, nothing is laid out anew.
        below.show((*said, *[()] * (below.scrollable_content_region.height - len(said))))
        if tabs.display:
            short = checklist.in_short(session.window, selected, progress(session), now)
            tabs.show((foot.tabs(TABS, tab, short, self.app.size.width),))

    def _panel(self, name: str) -> LinePanel:
        return self.query_one(f"#{name}", LinePanel)


def progress(session: Session) -> checklist.Progress:
    """What is known of steps that wait."""
    taken = samples_taken(session.window, session.view.observed)
    return checklist.Progress(len(taken), session.view.verdicts.readiness.ready_for)


def _framed_rows(shown: tuple[tuple[Line, ...], ...]) -> int:
    """Rows of panels that stand one above the other, each with a frame."""
    return sum(len(lines) + 2 for lines in shown)


def _allot(panel: Widget, rule: Literal["height", "max_height"], rows: int | None) -> None:
    """So many rows instead of what the stylesheet says; None leaves it to that. Equal moves nothing."""
    own = panel.styles.inline
    if rows is None:
        if own.has_rule(rule):
            own.clear_rule(rule)
    elif not own.has_rule(rule) or getattr(own, rule).value != rows:
        setattr(own, rule, rows)


def _width(panel: LinePanel) -> int:
    # Before the first layout there is no width; the next look, a moment later, has it.
    return panel.scrollable_content_region.width or 40


def run_tabs(session: Session, now: float) -> tuple[RunTab, ...]:
    """The runs of the window, as the run pane shows them."""
    tabs = []
    for run in session.window.runs.values():
        begun = run.started_at or run.requested_at
        elapsed = words.duration((run.ended_at or now) - begun)
        glyph, state = _run_words(run.state, run.exit_code)
        log = session.run_directory(run.id) / "log"
        tabs.append(RunTab(run.id, run.title, state, glyph, elapsed, log, session.secrets))
    return tuple(tabs)


def _run_words(state: RunState, exit_code: int | None) -> tuple[str, str]:
    match state:
        case RunState.ENDED:
            return ("✓", "done") if exit_code == 0 else ("✗", f"exit {exit_code}")
        case RunState.LOST:
            return "?", "lost"
        case RunState.NOT_STARTED:
            return "✗", "not started"
    return "▶", "running"
