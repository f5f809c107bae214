"""The one shape of every dialog: what will happen, the fields, the answers; `escape` is always no."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from tui.present.line import Line, text
from tui.widgets.line_panel import LinePanel

Values = Mapping[str, str]
#: Gets the answer's id and the fields; what it returns is shown in the dialog, which then stays.
Submit = Callable[[str, Values], str | None]


@dataclass(frozen=True, slots=True)
class Field:
    """One line of input."""

    id: str
    label: str
    value: str = ""
    placeholder: str = ""
    password: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A button. `danger` colours it and is never what the dialog opens on."""

    id: str
    label: str
    danger: bool = False


class Dialog(ModalScreen[None]):
    """Opens on its first field, or else on the answer named by `focus`."""

    #: The first button would have the focus for a moment, and a key that comes then would move from there.
    AUTO_FOCUS: ClassVar[str | None] = ""
    BINDINGS: ClassVar = [
        Binding("escape", "no", "No"),
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
        focus: str = "",
        no: str = "Not now",
    ) -> None:
        """`no` is the label of the harmless answer, which comes first and closes the dialog."""
        super().__init__()
        self._title = title
        self._body = body
        self._submit = submit
        self._answers = answers
        self._fields = fields
        self._focus = focus
        self._no = no

    def compose(self) -> ComposeResult:
        """Frame, body, fields, the line for what was wrong, answers."""
        with Vertical(id="dialog") as frame:
            frame.border_title = self._title.replace("[", "\\[")
            with VerticalScroll(id="dialog-body", can_focus=False):
                yield LinePanel("dialog-lines", focusable=False)
                for field in self._fields:
                    yield Static(Content(field.label), classes="label")
                    yield Input(
                        field.value,
                        placeholder=field.placeholder,
                        password=field.password,
                        id=field.id,
                        compact=True,
                        select_on_focus=False,
                    )
            yield Static("", id="dialog-problem")
            with Horizontal(id="dialog-answers"):
                yield Button(Content(self._no), id="no", compact=True)
                for answer in self._answers:
                    classes = "danger" if answer.danger else "go"
                    yield Button(Content(answer.label), id=answer.id, classes=classes, compact=True)

    def on_mount(self) -> None:
        """Focus goes to where no harm is done."""
        self.query_one("#dialog-lines", LinePanel).show(self._body)
        first = self._fields[0].id if self._fields else self._focus or "no"
        self.query_one(f"#{first}").focus()

    def action_no(self) -> None:
        """Nothing happens."""
        self.dismiss()

    @on(Button.Pressed)
    def _answered(self, event: Button.Pressed) -> None:
        event.stop()
        if event.button.id == "no":
            self.action_no()
        elif event.button.id:
            self._try(event.button.id)

    @on(Input.Submitted)
    def _next_field(self, event: Input.Submitted) -> None:
        """Enter in a field goes on to what comes next; only a button decides."""
        event.stop()
        self.focus_next()
        # The harmless answer stands before the others, and nobody who filled in fields wants it next.
        if self.focused is not None and self.focused.id == "no":
            self.focus_next()

    def _try(self, answer: str) -> None:
        values = {field.id: self.query_one(f"#{field.id}", Input).value for field in self._fields}
        problem = self._submit(answer, values)
        if problem is None:
            self.dismiss()
        else:
            self.query_one("#dialog-problem", Static).update(Content(problem))

    @property
    def words(self) -> str:
        """The body without its tones."""
        return "\n".join(text(line) for line in self._body)
