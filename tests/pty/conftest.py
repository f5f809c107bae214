"""Gives a test an operator, and ends all that they started."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .evidence import DRAWBRIDGE, environment
from .operator_at_work import Operator
from .terminal import Terminal


@pytest.fixture
def rehearse(tmp_path: Path) -> Iterator[Callable[..., Operator]]:
    """An operator whose console is `drawbridge rehearse`, on a deployment of its own."""
    made: list[Operator] = []

    def start(
        scenario: str = "smooth", columns: int = 120, rows: int = 40, pace: float = 0.2, **variables: str
    ) -> Operator:
        home = tmp_path / str(len(made))
        home.mkdir()
        terminal = Terminal(environment(home, DRAWBRIDGE_PACE=str(pace), **variables), columns, rows, home)
        base = Path(variables.get("DRAWBRIDGE_STATE", home / "state" / "drawbridge"))
        config = base / "rehearsal" / f"{scenario}-1" / "drawbridge.toml"
        made.append(Operator(terminal, (DRAWBRIDGE, "rehearse", "--scenario", scenario), config, home))
        made[-1].sit_down()
        return made[-1]

    yield start
    for operator in made:
        operator.terminal.close()
    for operator in made:
        operator.clear_away()
