"""Every action of the window screen, once: key, words for footer, palette and help, when it applies."""

from collections.abc import Callable
from dataclasses import dataclass

from textual.binding import Binding

from state.window import Window


@dataclass(frozen=True, slots=True)
class Command:
    """`id` names the action of the window screen; without a key it is in the palette only.

    `footer` empty: not in the line at the foot.
    """

    id: str
    key: str
    footer: str
    title: str
    help: str
    applies: Callable[[Window], bool]


def _open(window: Window) -> bool:
    return window.is_open


def _always(window: Window) -> bool:
    return True


def _running(window: Window) -> bool:
    return window.is_open and window.open_run is not None


COMMANDS: tuple[Command, ...] = (
    Command("do", "enter", "do it", "Do the step", "shows what would happen, in full", _open),
    Command("skip", "s", "skip", "Skip the step", "passes it over, with a reason that is kept", _open),
    Command("note", "n", "note", "Note on the step", "keeps a note with the step", _open),
    Command("declare", "d", "declare", "Declare the outcome", "success, or abandoned", _open),
    Command("stop", "x", "stop", "Stop the run", "INT, TERM, KILL; asked twice", _running),
    Command("read_now", "r", "", "Read the summary now", "asks for an ops summary at once", _open),
    Command("next_panel", "tab", "", "Next panel", "moves the focus, or turns the tab", _always),
    Command("zoom", "z", "zoom", "Zoom the panel", "the panel takes the whole screen", _always),
    Command("note_window", "", "", "Note on the window", "keeps a note with the whole window", _open),
    Command("token", "", "", "Give another token", "the watch starts anew with it", _open),
    Command("attest", "", "", "Attest the step", "states that it is done, with evidence", _open),
    Command("help", "question_mark", "help", "Help", "this page", _always),
    Command("leave", "q", "leave", "Leave", "runs and watch go on", _always),
)


def bindings() -> list[Binding]:
    """The keys of the window screen."""
    return [
        Binding(command.key, command.id, command.footer or command.title, show=False)
        for command in COMMANDS
        if command.key
    ]


def applicable(window: Window) -> tuple[Command, ...]:
    """The commands that make sense in this window now; whether one may be done is for the rules."""
    return tuple(command for command in COMMANDS if command.applies(window))


def key_name(command: Command) -> str:
    """The key as operators read it."""
    return {"question_mark": "?"}.get(command.key, command.key)
