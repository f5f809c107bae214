"""Whatever the terminal is called, the window is readable there; and no key or mouse of tmux is touched."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from textual.app import App
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from tui.app import Console
from tui.commands import COMMANDS

from ..session.conftest import api
from ..session.place import Place, attest_preconditions
from .evidence import DRAWBRIDGE, environment
from .terminal import Terminal, until

__all__ = ["api"]
pytestmark = pytest.mark.tmux

NAMES = ("screen-256color", "tmux-256color", "xterm-256color", "linux", "vt100")
VARIABLES = {
    **{name: {"TERM": name} for name in NAMES},
    "NO_COLOR": {"TERM": "xterm-256color", "NO_COLOR": "1"},
}
#: Of each panel, and of the lines around them.
WORDS = (
    *("PRODUCTION", "LOOKING ON", "1.9 → 2.0", "upgrade 0/8", "● ready"),
    *("Checklist", "✓ Window approved", "· Back up the database", "Preconditions", "4/4 ✓"),
    *("Health", "● ok", "postgres", "Backlog", "pending outbox", "● OK", "Step", "Runs", "No run yet"),
    *("Rollback triggers", "○ Readiness    armed", "Gates", "Readiness stable", "Error budget"),
    *("you look · driver sam@bastion", "? help", "q leave"),
)
#: Sequences that turn the mouse on.
MOUSE = re.compile(rb"\x1b\[\?(?:\d+;)*(?:9|1000|1001|1002|1003|1005|1006|1015|1016)(?:;\d+)*h")
#: Keys of tmux and of screen.
TAKEN = {"ctrl+a", "ctrl+b"}


@pytest.fixture
def place(tmp_path: Path, api: str) -> Iterator[Place]:
    made = Place(tmp_path, api)
    yield made
    made.end()


def test_the_window_is_readable_on_every_terminal(place: Place, tmp_path: Path) -> None:
    session = place.open()
    attest_preconditions(session)
    with ExitStack() as stack:
        terminals: dict[str, Terminal] = {}
        for name, variables in VARIABLES.items():
            home = tmp_path / name
            home.mkdir()
            terminal = Terminal(environment(home, DRAWBRIDGE_STATE=str(place.state)), record=home / "sent")
            stack.callback(terminal.close)
            words = [f"{key}={value}" for key, value in variables.items()]
            config = ("--config", str(tmp_path / "drawbridge.toml"))
            # Past tmux, which gives its panes the name of its own.
            terminal.start("env", *words, *DRAWBRIDGE, *config, "watch")
            terminals[name] = terminal
        until(lambda: session.tick() and len(session.window.observers) == len(terminals), "not all look on")
        for name, terminal in terminals.items():
            terminal.wait_for("[─═] Look on [─═]")
            # From the name to the button; that has the focus when it is reversed, on all of them.
            terminal.send("Enter")
            until(lambda t=terminal: "Look on" in t.reversed(), f"{name} does not begin")
            terminal.send("Enter")
            terminal.wait_until_gone("[─═] Look on [─═]")
            until(lambda t=terminal: missing(t.screen()) == [], f"{name}:\n{terminal.screen()}")
            screen = terminal.screen()
            assert "\ufffd" not in screen, name
            # Every line of every panel is framed: nothing was drawn over, nothing is left over.
            assert {len(line) for line in screen.splitlines()[1:-1]} == {120}, f"{name}:\n{screen}"
            terminal.send("q")
            assert terminal.ended() == 0
            sent = (tmp_path / name / "sent").read_bytes()
            assert b"\x1b[?1049h" in sent and not MOUSE.search(sent), name
            if name == "NO_COLOR":
                assert colours(sent) == set()
            else:
                # Plain 16 colours, which all of them have.
                assert colours(sent) <= {*range(30, 38), *range(40, 48), *range(90, 98), *range(100, 108)}


def missing(screen: str) -> list[str]:
    return [words for words in WORDS if words not in screen]


def colours(sent: bytes) -> set[int]:
    """The colours that were asked for; those of a palette or of three bytes count as 38 and 48."""
    found = set()
    for codes in re.findall(rb"\x1b\[([\d;]*)m", sent):
        found |= {int(code) for code in codes.split(b";") if code}
    return found & {*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)}


def test_the_mouse_would_be_noticed() -> None:
    for sent in (b"\x1b[?1000h", b"\x1b[?1003h", b"\x1b[?1006h", b"\x1b[?1002;1006h"):
        assert MOUSE.search(sent)
    assert not MOUSE.search(b"\x1b[?1049h\x1b[?25l\x1b[?1000l")


def ours(root: type) -> list[type]:
    """All our own kinds of app, screen and widget."""
    found = [kind for each in root.__subclasses__() for kind in (each, *ours(each))]
    return [kind for kind in dict.fromkeys(found) if kind.__module__.startswith("tui.")]


def test_nothing_is_bound_to_the_keys_of_tmux_and_screen() -> None:
    kinds = [kind for root in (App, Screen, Widget) for kind in ours(root)]
    assert Console in kinds and len(kinds) > 15
    for kind in kinds:
        for bound in vars(kind).get("BINDINGS", ()):
            keys = bound.key if isinstance(bound, Binding) else bound[0]
            assert not TAKEN & {key.strip() for key in keys.split(",")}, kind
    for command in COMMANDS:
        assert command.key not in TAKEN and command.key not in TAKEN
