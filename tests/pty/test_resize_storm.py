"""A hundred sizes in ten seconds: afterwards the screen is right, and focus, scroll and every key stay."""

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from state.events import NoteAdded

from ..session.conftest import api
from ..session.place import Place, ready_to_run, run, settle
from .evidence import DRAWBRIDGE, environment
from .operator_at_work import Operator
from .terminal import Terminal, until

__all__ = ["api"]
pytestmark = pytest.mark.tmux

#: Those that people have, the least that is drawn, and one that is too small.
SIZES = ((200, 60), (80, 24), (60, 15), (59, 14), (120, 40))
PANELS = ("Checklist", "Step", "Health", "Backlog", "Rollback triggers", "Gates")
LINES = 500


@pytest.fixture
def operator(tmp_path: Path, api: str) -> Iterator[Operator]:
    """A console on a window with a run that has said a lot."""
    place = Place(tmp_path, api)
    makefile = place.site / "Makefile"
    makefile.write_text(makefile.read_text().replace("deploying;", f"; seq -f 'line %04.0f' {LINES};"))
    session = ready_to_run(place)
    run(session, "deploy")
    settle(session, "deploy")
    session.leave()
    config = tmp_path / "drawbridge.toml"
    terminal = Terminal(environment(tmp_path, DRAWBRIDGE_STATE=str(place.state)))
    made = Operator(terminal, (*DRAWBRIDGE, "--config", str(config)), config, tmp_path)
    made.resume()
    yield made
    terminal.close()
    place.end()


def storm(operator: Operator, keys: list[str], seconds: float) -> None:
    """Another size and a key, evenly, as often as there are keys; 120x40 in the end."""
    chance = random.Random(len(keys))
    began = time.monotonic()
    for number, key in enumerate(keys, start=1):
        size = SIZES[number % 10] if number % 10 < 5 else (chance.randint(20, 230), chance.randint(4, 70))
        operator.terminal.resize(*size)
        operator.terminal.send(key)
        # Not a wait for anything: the pace of the storm.
        time.sleep(max(0.0, began + number * seconds / len(keys) - time.monotonic()))
    operator.terminal.resize(120, 40)


def corners(operator: Operator) -> list[tuple[int, int]]:
    """Where the frames of panels and dialogs are."""
    lines = operator.terminal.screen().splitlines()
    return [(row, at) for row, text in enumerate(lines) for at, mark in enumerate(text) if mark in "┌┐└┘"]


def first_line(operator: Operator) -> str:
    """The topmost line of the run that is in sight."""
    found = re.search(r"line (\d{4})", operator.terminal.screen())
    return found[1] if found else ""


def scroll_up(operator: Operator) -> str:
    """Far away from both ends of the output; where it stands then."""

    def far_up() -> bool:
        operator.terminal.send("PPage")
        return first_line(operator) not in (top, "") and first_line(operator) < f"{LINES - 150:04}"

    # It goes a long way round before it moves the focus: the first keys after it would overtake it.
    top = first_line(operator)
    operator.terminal.send("4")
    until(far_up, f"it does not scroll:\n{operator.terminal.screen()}", every=0.2)
    seen: list[str] = []
    until(
        lambda: seen.append(first_line(operator)) or seen[-3:] == [seen[-1]] * 3, "it scrolls on", every=0.2
    )
    return seen[-1]


def test_a_storm_of_sizes_takes_nothing_away(operator: Operator) -> None:
    terminal = operator.terminal
    top = scroll_up(operator)

    # Under a dialog with words in it that are not finished.
    terminal.send("1", "n")
    terminal.wait_for("─ Note")
    terminal.type("begun: ")
    terminal.wait_for("begun: ")
    before = corners(operator)
    keys = [chr(ord("a") + number % 26) for number in range(100)]
    storm(operator, keys, 10.0)
    until(lambda: corners(operator) == before, f"another screen:\n{terminal.screen()}")
    terminal.wait_for("".join(keys)[-40:])
    operator.press("Keep")
    terminal.wait_until_gone("─ Note")
    assert [note.text for note in operator.events(NoteAdded)] == ["begun: " + "".join(keys)]
    assert all(name in terminal.screen() for name in PANELS)
    assert first_line(operator) == top

    # On the panel that has the focus: each key goes one line down.
    top = scroll_up(operator)
    before = corners(operator)
    storm(operator, ["Down"] * 50, 5.0)
    until(lambda: corners(operator) == before, f"another screen:\n{terminal.screen()}")
    until(lambda: first_line(operator) == f"{int(top) + 50:04}", f"not 50 lines after {top}")
    # Drawn for this width, and for no other.
    terminal.wait_for(r"Preconditions +4/4 ✓ │")
    assert terminal.status() is None
