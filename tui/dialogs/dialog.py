"""The one shape of every dialog: what will happen, the fields, the answers; `escape` is always no."""

from collections.abc import Callable, Mapping
from typing import ClassVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from tui.dialogs.question import Problem, Question, wrong
from tui.present.line import Line, text
from tui.widgets.line_panel import LinePanel
from tui.widgets.phrase_input import NOT_BY_HAND, PhraseInput

Values = Mapping[str, str]
#: Gets the answer's id and the fields; what it returns is shown in the dialog, which then stays.
Submit = Callable[[str, Values], Problem]


class Field(Struct, frozen=True):
    """One line of input. A `phrase` is typed by hand, or it does not confirm."""

    id: str
    label: str
    value: str = ""
    placeholder: str = ""
    password: bool = False
    phrase: bool = False


class Answer(Struct, frozen=True):
    """A button. `danger` colours it and is never what the dialog opens on."""

    id: str
    label: str
    danger: bool = False


class Dialog(ModalScreen[None], Question):
    """What will happen, what is asked, and the answers; nothing happens without one of them."""

    BINDINGS: ClassVar = [
        Binding("left", "app.focus_previous", show=False),
        Binding("right", "app.focus_next", show=False),
    ]

    def __init__(
        self,
        title: str,
        body: tuple[Line, ...],
        submit: Submit,
        answers: tuple[Answer, ...],
        fields: tuple[Field, ...] = (),
        opens_on: str = "",
        no: str = "Not now",
    ) -> None:
        """`no` is the label of the harmless answer, which comes first and closes the dialog.

        `opens_on` is the id of what has the focus at first; by default the first field that is no
        phrase, else the harmless answer.
        """
        super().__init__()
        self._title = title
        self._body = body
        self._submit = submit
        self._answers = answers
        self._fields = fields
        self._opens_on = opens_on
        self._no = no

    def compose(self) -> ComposeResult:
        """Frame, body, fields, the line for what was wrong, answers."""
        with Vertical(id="dialog") as frame:
            frame.border_title = self._title.replace("[", "\\[")
            if self._fields and self._fields[-1].phrase:
                # Where it opens on the harmless answer, what is typed there goes nowhere.
                frame.border_subtitle = "shift+tab: back to the phrase · escape: no"
            with VerticalScroll(id="dialog-body", can_focus=False):
                yield LinePanel("dialog-lines", focusable=False)
                for field in self._fields:
                    yield Static(Content(field.label), classes="label")
                    yield _input(field)
                    yield wrong(field.id)
            with Vertical(id="dialog-foot"):
                yield Static("", id="dialog-problem")
                with Horizontal(id="dialog-answers"):
                    yield Button(Content(self._no), id="no", compact=True)
                    for answer in self._answers:
                        classes = "danger" if answer.danger else "go"
                        yield Button(Content(answer.label), id=answer.id, classes=classes, compact=True)

    def on_mount(self) -> None:
        """Focus goes to where no harm is done."""
        self.query_one("#dialog-lines", LinePanel).show(self._body)
        # A phrase is never where a dialog opens: its first focus is the harmless answer.
        asked = self._fields[0].id if self._fields and not self._fields[0].phrase else ""
        first = self._opens_on or asked or "no"
        self.query_one(f"#{first}").focus()

    @on(Input.Submitted)
    def _next_field(self, event: Input.Submitted) -> None:
        """Enter in a field goes on to what comes next; only a button decides."""
        event.stop()
        if event.input is not self.focused:
            return  # keys that came faster than the focus moved
        self.focus_next()
        # The harmless answer stands before the others, and nobody who filled in fields wants it next;
        # but a phrase confirms what destroys, and enter that is held down must not be the answer to it.
        if self.focused is not None and self.focused.id == "no" and not isinstance(event.input, PhraseInput):
            self.focus_next()

    def answer(self, answer: str) -> None:
        """Hands the fields over, unless a phrase was not typed by hand."""
        for phrase in self.query(PhraseInput):
            if phrase.value and not phrase.by_hand:
                phrase.clear()
                self.refuse(str(phrase.id), NOT_BY_HAND)
                return
        values = {field.id: self.query_one(f"#{field.id}", Input).value for field in self._fields}
        self.finish(self._submit(answer, values))

    @property
    def words(self) -> str:
        """The body without its tones."""
        return "\n".join(text(line) for line in self._body)


def _input(field: Field) -> Input:
    if field.phrase:
        return PhraseInput(field.id, field.placeholder)
    return Input(
        field.value,
        placeholder=field.placeholder,
        password=field.password,
        id=field.id,
        compact=True,
        select_on_focus=False,
    )
