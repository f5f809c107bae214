"""Every action of a screen, once: key, words for footer, palette and help, when it applies."""

from collections.abc import Callable
from functools import lru_cache

from msgspec import Struct
from msgspec.structs import replace
from textual.binding import Binding

from state.settings.desk import Keys
from state.window import Window


class Command(Struct, frozen=True):
    """`id` names the action of its screen; without a key it is in the palette only.

    `footer` empty: not in the line at the foot. `looks`: also for a console that decides nothing.
    """

    id: str
    key: str
    footer: str
    title: str
    help: str
    applies: Callable[[Window], bool]
    looks: bool = False


def _open(window: Window) -> bool:
    return window.is_open


def _undecided(window: Window) -> bool:
    return window.takes_decisions


def _may_turn_back(window: Window) -> bool:
    can_go_further = window.rollback is None or not window.rollback.restores
    return window.is_open and window.change_begun and can_go_further


def _tripped(window: Window) -> bool:
    return window.is_open and any(not record.waved for record in window.triggers.values())


def _always(window: Window) -> bool:
    return True


def _running(window: Window) -> bool:
    return window.open_run is not None


#: In the order of the line at the foot, which drops the last ones first where there is no room.
COMMANDS: tuple[Command, ...] = (
    Command("do", "enter", "do it", "Do the step", "shows what would happen, in full", _undecided),
    Command("stop", "x", "stop", "Stop the run", "INT, TERM, KILL; asked twice", _running),
    Command("wave_off", "w", "wave off", "Wave the trigger off", "with a reason; armed again", _tripped),
    Command("skip", "s", "skip", "Skip the step", "passes it over, with a reason", _undecided),
    Command("note", "n", "note", "Note on the step", "keeps a note with the step", _undecided),
    Command("incident", "i", "incident", "Incident", "raises a P0 with its ticket, or resolves it", _open),
    Command("rollback", "b", "rollback", "Roll back", "why, how far, confirm", _may_turn_back),
    Command("declare", "d", "declare", "Declare the outcome", "success, or abandoned", _open),
    Command("operators", "o", "operators", "Operators", "who is here; the drive", _always, looks=True),
    Command(
        "timeline", "t", "timeline", "Timeline", "every event; the window as of each", _always, looks=True
    ),
    Command("leave", "q", "leave", "Leave", "runs and watch go on", _always, looks=True),
    Command("message", "m", "", "Message for the channel", "written, then copied or posted", _open),
    Command("correctness", "c", "", "Correctness problem", "raises wrong data, or takes it back", _open),
    Command("read_now", "r", "", "Read the summary now", "asks for an ops summary at once", _open),
    Command("next_panel", "tab", "", "Next panel", "moves the focus, or turns the tab", _always, looks=True),
    Command("zoom", "z", "", "Zoom the panel", "the panel takes the whole screen", _always, looks=True),
    Command("copy_line", "y", "", "Copy a line", "of the panel, or a path, or an id", _always, looks=True),
    Command("note_window", "", "", "Note on the window", "keeps a note with all of it", _undecided),
    Command("token", "", "", "Give another token", "the watch starts anew with it", _open),
    Command("attest", "", "", "Attest the step", "states that it is done, with evidence", _undecided),
    Command("report", "", "", "Report", "the evidence of the window, as of now", _always, looks=True),
    Command("next_theme", "", "", "Next theme", "another look, until you leave", _always, looks=True),
    Command("help", "?", "help", "Help", "this page", _always, looks=True),
)

#: Out of a panel that took the screen, or the focus, without being asked for: `enter` shows a run.
STEPS = Command("steps", "escape", "steps", "Steps", "back to the checklist", _always, looks=True)

#: Those of the timeline, for whoever looks at one.
TIMELINE: tuple[Command, ...] = (
    Command("next_kind", "f", "next kind", "Next kind", "filters by the next kind", _always, looks=True),
    Command("side", "tab", "checklist", "Checklist", "turns to the window as it was", _always, looks=True),
    Command("turning", "n", "next turn", "Next turn", "the next turning point", _always, looks=True),
    Command("turning_back", "p", "", "Turn before", "the turning point before", _always, looks=True),
    Command("report", "r", "report", "Report", "the evidence, as of now", _always, looks=True),
    Command("back", "q", "back", "Back", "to where you came from", _always, looks=True),
    Command("help", "?", "help", "Help", "this page", _always, looks=True),
)

#: Those of the report.
REPORT: tuple[Command, ...] = (
    Command("save", "s", "save", "Save to a file", "Markdown, HTML or JSON", _always, looks=True),
    Command("again", "r", "make anew", "Make it anew", "with what has happened since", _always, looks=True),
    Command("back", "q", "back", "Back", "to where you came from", _always, looks=True),
)


def bindings(commands: tuple[Command, ...] = COMMANDS) -> list[Binding]:
    """The keys of a screen, that of the window unless others are given.

    By their ids the operator's own keys take the place of those of the window.
    """
    if commands is not COMMANDS:
        return [Binding(c.key, c.id, c.title, show=False) for c in commands if c.key]
    return [
        # What has no key stands there all the same, on one that no keyboard has: else it could get none.
        Binding(command.key or f"no-{command.id}", command.id, command.title, show=False, id=command.id)
        for command in COMMANDS
    ]


@lru_cache(maxsize=4)
def with_keys(keys: Keys) -> tuple[Command, ...]:
    """The commands with the keys of the settings."""
    return tuple(replace(command, key=getattr(keys, command.id) or "") for command in COMMANDS)


def applicable(window: Window, drives: bool, commands: tuple[Command, ...] = COMMANDS) -> tuple[Command, ...]:
    """The commands that make sense in this window now; whether one may be done is for the rules.

    A console that only looks (`drives` is False) has no deciding ones at all.
    """
    return tuple(c for c in commands if (drives or c.looks) and c.applies(window))
