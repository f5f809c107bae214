"""What an operator may want otherwise at their own desk: the look, what makes itself heard, the keys."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from state.settings.kinds import Seconds
from state.settings.table import Table

Theme = Literal["default", "high-contrast", "16-colours", "monochrome"]
#: OSC 9 and OSC 777 are the two sequences with which terminals raise a notification; each rings as well.
Notify = Literal["bell", "osc9", "osc777", "off"]

#: Keys that do something else wherever they are pressed, with what that is.
_TAKEN = {
    **dict.fromkeys(("ctrl+a", "ctrl+b"), "screen and tmux take it"),
    **dict.fromkeys(("ctrl+c", "ctrl+z", "ctrl+s", "ctrl+backslash"), "the terminal takes it"),
    **dict.fromkeys(("ctrl+h", "ctrl+i", "ctrl+j", "ctrl+m"), "to a terminal it is another key"),
    **dict.fromkeys(("ctrl+l", "ctrl+p", "ctrl+q"), "the console itself needs it"),
    **dict.fromkeys(("escape", "enter", "tab"), "dialogs need it"),
    **dict.fromkeys("12345", "it turns to a panel"),
    **dict.fromkeys("jkf/[]", "it moves in a panel"),
}
_KEY = re.compile(r"[!-+\--~]|f([1-9]|1[0-2])|ctrl\+[a-z]|enter|tab|escape", re.ASCII)


def _key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError('write one character, or a key such as "f5" or "ctrl+t"')
    return key


Key = Annotated[str, AfterValidator(_key)]


class Screen(Table):
    """The look, and how an operator is called: when a step has ended that took `notify_after` (seconds)."""

    theme: Theme = "default"
    notify: Notify = "bell"
    notify_after: Seconds = 30.0


class Keys(Table):
    """The key of each command, where it is to be another one; None: in the palette only."""

    do: Key = "enter"
    stop: Key = "x"
    wave_off: Key = "w"
    skip: Key = "s"
    note: Key = "n"
    incident: Key = "i"
    rollback: Key = "b"
    declare: Key = "d"
    operators: Key = "o"
    timeline: Key = "t"
    leave: Key = "q"
    message: Key = "m"
    correctness: Key = "c"
    read_now: Key = "r"
    next_panel: Key = "tab"
    zoom: Key = "z"
    copy_line: Key = "y"
    note_window: Key | None = None
    token: Key | None = None
    attest: Key | None = None
    report: Key | None = None
    next_theme: Key | None = None
    help: Key = "?"

    @model_validator(mode="after")
    def _one_each(self) -> "Keys":
        """No key twice, none that does something else; each mistake stands at the key that was written."""
        mistakes = []
        for command in sorted(self.model_fields_set):
            key = getattr(self, command)
            usual = type(self).model_fields[command].default
            others = [
                name for name in type(self).model_fields if name != command and getattr(self, name) == key
            ]
            if key is None:
                continue
            if key != usual and key in _TAKEN:
                mistakes.append(_mistake(command, key, f'take another key than "{key}": {_TAKEN[key]}'))
            elif others:
                said = f'take another key than "{key}", which is that of {" and ".join(others)}'
                mistakes.append(_mistake(command, key, said))
        if mistakes:
            raise ValidationError.from_exception_data("Keys", mistakes)
        return self


def _mistake(command: str, key: str, words: str) -> InitErrorDetails:
    # The words are no template: a key may be a brace.
    problem = PydanticCustomError("key", "{words}", {"words": words})
    return InitErrorDetails(type=problem, loc=(command,), input=key)
