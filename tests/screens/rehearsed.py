"""The README's pictures: a real rehearsal in a real terminal, taken as it stands there."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tests.pty.evidence import DRAWBRIDGE, environment
from tests.pty.operator_at_work import Operator
from tests.pty.terminal import Terminal
from tests.screens.stage import self_contained

SIZE = (120, 40)


def take(into: Path) -> None:
    """An upgrade in the middle of its migrations, and the question of turning back."""
    with _rehearsal("smooth") as operator:
        operator.do_all_before("migrate")
        operator.start_run("migrate")
        operator.terminal.wait_for("▶ Apply the migrations +running")
        operator.terminal.wait_for("Applying ")
        _keep(operator.terminal, into / "window.svg", "drawbridge")
        operator.await_step("migrate", seconds=60)
    with _rehearsal("bad-release") as operator:
        operator.do_all_before("migrate")
        operator.do("migrate")
        # The release is bad: sooner or later it is not ready for too long.
        operator.terminal.wait_for("READINESS TRIPPED", seconds=120)
        operator.terminal.send("b")
        operator.terminal.wait_for("type roll back practice")
        _keep(operator.terminal, into / "rollback.svg", "drawbridge · roll back")


@contextmanager
def _rehearsal(scenario: str) -> Iterator[Operator]:
    """Sam at the window of a new practice deployment, which goes away afterwards."""
    # Short: the path of the log stands in the frame.
    with tempfile.TemporaryDirectory(prefix="practice-") as home:
        terminal = Terminal(environment(Path(home), DRAWBRIDGE_PACE="0.3"), *SIZE, Path(home))
        config = Path(home, "state", "drawbridge", "rehearsal", f"{scenario}-1", "drawbridge.toml")
        command = (*DRAWBRIDGE, "rehearse", "--scenario", scenario)
        operator = Operator(terminal, command, config, Path(home))
        try:
            operator.sit_down()
            _open_as_sam(operator)
            yield operator
        finally:
            terminal.close()
            operator.clear_away()


def _open_as_sam(operator: Operator) -> None:
    terminal = operator.terminal
    terminal.wait_for("New window")
    terminal.send("Enter")
    terminal.wait_for("New release: what")
    for name in ("", "", "sam", ""):
        operator.settled_focus()
        if name:
            terminal.send("C-u")
            terminal.type(name)
            terminal.wait_for(rf"▌{name} ")
        operator.next_field()
    operator.press("Open")
    terminal.wait_for("preconditions 0/4")


def _keep(terminal: Terminal, path: Path, title: str) -> None:
    shown = Text.from_ansi(terminal.screen(colours=True))
    with Path(os.devnull).open("w") as nowhere:
        console = Console(record=True, width=SIZE[0], file=nowhere, force_terminal=True)
        console.print(shown, end="")
        path.write_text(self_contained(console.export_svg(title=title)))
