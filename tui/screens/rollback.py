"""The rollback screen: why, how far, confirm, with health, backlog and triggers still in sight."""

from collections.abc import Callable

from msgspec import Struct
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Select, Static

from state.console import approvals
from state.console.session import Session
from state.intents import BeginRollback
from state.judgement.advice import Advice
from state.window import BINARIES, RESTORE
from tui.dialogs.question import Question, wrong
from tui.passing import Passing
from tui.present import backlog, health, people, rollback, triggers
from tui.present.header import header
from tui.present.line import Line
from tui.screens.desk import Severity
from tui.screens.people import People, around
from tui.widgets.line_panel import LinePanel
from tui.widgets.phrase_input import NOT_BY_HAND, PhraseInput

#: The fields by what they are of the intent.
_FIELDS = {"why": "why-words", "migration_class": "class", "restore_phrase": "restore-phrase"}
#: Columns from which on what is measured stands beside the questions.
_BESIDE = 100


class Draft(Struct):
    """What was said in an earlier look at these questions: one `tab` too few must not cost it."""

    why: str = ""
    migration_class: str = ""
    depth: str = BINARIES


class RollbackScreen(Question):
    """Asks for the direction to turn. Nothing is done before both phrases stand there as they must."""

    def __init__(self, session: Session, clock: Callable[[], float], draft: Draft) -> None:
        """`clock` gives seconds since the epoch; `draft` is shown, and keeps what is typed over it."""
        super().__init__()
        self._session = session
        self._draft = draft
        self._people = People(session, self)
        self._clock = clock
        self._passing = Passing(lambda: self.app)
        #: Between mount and dismissal: a tick may come while only half of the widgets are there.
        self._complete = False

    def compose(self) -> ComposeResult:
        """The questions on the left, what is measured on the right."""
        yield LinePanel("header", focusable=False)
        yield LinePanel("banner", focusable=False)
        yield LinePanel("glance", focusable=False)
        with Horizontal(id="rollback"):
            with Vertical(id="questions") as questions:
                questions.border_subtitle = "tab: the next field · escape: back, words are kept"
                with VerticalScroll(id="asked", can_focus=False):
                    yield LinePanel("why", focusable=False)
                    yield Static(Content("Why, in your own words"), classes="label")
                    yield Input(self._draft.why, id="why-words", compact=True, select_on_focus=False)
                    yield wrong("why-words")
                    yield LinePanel("how-far", focusable=False)
                    yield Static(Content("Class of the migrations: A, B, C, or empty"), classes="label")
                    yield Input(self._draft.migration_class, id="class", compact=True, max_length=1)
                    yield wrong("class")
                    yield LinePanel("classes", focusable=False)
                    yield Static(Content("How far back"), classes="label")
                    options = [(rollback.DEPTHS[depth], depth) for depth in (BINARIES, RESTORE)]
                    yield Select(
                        options, value=self._draft.depth, allow_blank=False, id="depth", compact=True
                    )
                    yield LinePanel("confirm", focusable=False)
                    yield PhraseInput("phrase")
                    yield wrong("phrase")
                    yield LinePanel("confirm-restore", focusable=False)
                    yield PhraseInput("restore-phrase")
                    yield wrong("restore-phrase")
                yield Static("", id="dialog-problem")
                with Horizontal(id="dialog-answers"):
                    yield Button(Content("Not now"), id="no", compact=True)
                    yield Button(Content("Roll back"), id="begin", classes="danger", compact=True)
            with Vertical(id="seen"):
                yield LinePanel("triggers", "Rollback triggers", focusable=False)
                yield LinePanel("health", "Health", focusable=False)
                yield LinePanel("backlog", "Backlog", focusable=False)

    def on_mount(self) -> None:
        """Opens on the first words, which decide nothing, and asks what a restore would lose."""
        backup = self._session.window.backup
        if backup is not None:
            self._session.observation.audit_since(backup.captured_at)
        self.query_one("#why-words").focus()
        self.watch(self.query_one("#asked"), "virtual_size", self._grown, init=False)
        self._complete = True
        self.look()

    def on_unmount(self) -> None:
        """Nothing is drawn any more."""
        self._complete = False

    @on(events.Resize)
    def _arrange(self, event: events.Resize) -> None:
        self.set_class(event.size.width < _BESIDE, "-narrow")
        self.call_after_refresh(self.look)

    @property
    def depth(self) -> str:
        """How far: binaries or restore, as chosen."""
        return str(self.query_one("#depth", Select).value)

    def look(self) -> None:
        """Draws what is different."""
        if not self._complete or not self.is_attached:
            return
        self._passing.look()
        session, now = self._session, self._clock()
        window, view = session.window, session.view
        cells = self.app.size.width
        self._show("header", (header(window, view.verdicts, view.safe_until, now, cells),))
        alarms = (
            *triggers.banner(window, cells, decides=False),
            *people.notices(window, around(session), now, cells),
        )
        self._show("banner", alarms)
        self.query_one("#banner").display = bool(alarms)
        self._show("glance", (triggers.glance(view.verdicts, window, cells),))
        self._show("why", rollback.why(window, self._width("why")))
        advice = self._advice()
        needed = view.time_to_roll_back(self.depth)
        loses = view.losses(now)
        self._show(
            "how-far",
            rollback.how_far(window, advice, loses, needed, view.safe_until, self._width("how-far")),
        )
        self._show("classes", rollback.classes(self._width("classes")))
        turn, restore = rollback.confirm(window, self.depth)
        self._show("confirm", turn)
        self._show("confirm-restore", restore)
        for name in ("confirm-restore", "restore-phrase"):
            self.query_one(f"#{name}").display = bool(restore)
        self._show("triggers", triggers.board(view.triggers, window, self._width("triggers"), why=False))
        seen = health.health(view.verdicts, view.observed, view.missing_blobs, now, self._width("health"))
        self._show("health", seen)
        warnings = view.baseline_warnings(now)
        rows = backlog.backlog(view.verdicts, view.observed, warnings, self._width("backlog"))
        self._show("backlog", rows)

    def _grown(self) -> None:
        # Words above that grow by a line must not push a field away under the hand that types there.
        self.call_after_refresh(self.keep_in_sight)

    def _advice(self) -> Advice:
        return self._session.view.advice(self.query_one("#class", Input).value.strip().upper())

    def _show(self, name: str, lines: tuple[Line, ...]) -> None:
        self.query_one(f"#{name}", LinePanel).show(lines)

    def _width(self, name: str) -> int:
        return self.query_one(f"#{name}", LinePanel).scrollable_content_region.width or 50

    @on(Select.Changed)
    @on(Input.Changed)
    def _chosen(self) -> None:
        if not self._complete:
            return
        draft, value = self._draft, {one.id: one.value for one in self.query(Input)}
        draft.why, draft.migration_class, draft.depth = value["why-words"], value["class"], self.depth
        self.look()

    @on(Input.Submitted)
    def _next(self, event: Input.Submitted) -> None:
        """Enter goes on to the next question; only the button decides, and it is never reached by enter."""
        event.stop()
        if event.input.id == "restore-phrase" or (event.input.id == "phrase" and self.depth == BINARIES):
            self.query_one("#no").focus()
        else:
            self.focus_next()

    def answer(self, answer: str) -> None:
        """Turns back, unless a phrase was not typed by hand or a second operator is waited for."""
        for phrase in self.query(PhraseInput):
            if phrase.display and phrase.value and not phrase.by_hand:
                phrase.clear()
                self.refuse(str(phrase.id), NOT_BY_HAND)
                return
        wanted = self._intent()
        if approvals.waits(self._session.window, wanted, self._clock()) is not None:
            self._people.second_for_rollback(wanted)
            return
        refusal = self._session.do(wanted)
        self.finish(refusal)

    def field_of(self, about: str) -> str:
        """The fields here have names of their own."""
        return _FIELDS.get(about, about)

    def _intent(self) -> BeginRollback:
        value = {name: self.query_one(f"#{name}", Input).value for name in ("why-words", "class", "phrase")}
        return BeginRollback(
            depth=self.depth,
            why=value["why-words"],
            migration_class=value["class"].strip().upper(),
            phrase=value["phrase"],
            restore_phrase=self.query_one("#restore-phrase", Input).value,
            loses=self._session.view.losses(self._clock()) if self.depth == RESTORE else "",
        )

    # The desk: what People asks for

    def ask(self, dialog: ModalScreen[None]) -> None:
        """Puts the second operator's dialog before these questions, which stay as they are."""
        self.app.push_screen(dialog)

    def ask_next(self, then: Callable[[], None]) -> None:
        """Another dialog, once the present one has gone."""
        self.call_later(then)

    def say(
        self, words: str, severity: Severity = "information", holds: Callable[[], bool] | None = None
    ) -> None:
        """A word in passing, as long as it `holds`: by default until the window goes on."""
        said_at = self._session.window.seq
        self._passing.say(words, severity, holds or (lambda: self._session.window.seq == said_at))
