"""Gives a test an operator, at a console or without one, and ends all that they started."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from state.rehearsal import practice
from state.rehearsal.practice import Practice

from . import headless
from .evidence import DRAWBRIDGE, environment
from .headless import PACE, Headless
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
        made.append(Operator(terminal, (*DRAWBRIDGE, "rehearse", "--scenario", scenario), config, home))
        made[-1].sit_down()
        return made[-1]

    yield start
    for operator in made:
        operator.terminal.close()
    for operator in made:
        operator.clear_away()


@pytest.fixture
def practise(tmp_path: Path) -> Iterator[Callable[..., Practice]]:
    """Practice deployments, each in a place of its own."""
    made: list[Practice] = []

    def create(scenario: str, pace: float = PACE) -> Practice:
        made.append(practice.create(tmp_path / scenario, scenario, pace))
        return made[-1]

    yield create
    for one in made:
        headless.end_windows(one.state)
        practice.remove(one)


@pytest.fixture
def at_session(practise: Callable[..., Practice]) -> Iterator[Callable[..., tuple[Headless, Practice]]]:
    """A new window on a deployment of its own, driven without a screen."""
    made: list[Headless] = []

    def start(scenario: str, pace: float = PACE) -> tuple[Headless, Practice]:
        deployment = practise(scenario, pace)
        made.append(headless.begin(deployment.config, (deployment.release, deployment.previous_release)))
        return made[-1], deployment

    yield start
    for one in made:
        one.session.close()


@pytest.fixture
def sit_at(tmp_path: Path) -> Iterator[Callable[..., Operator]]:
    """An operator at a console on a deployment that is there, on the open window that it has.

    `drawbridge` are the words that start it, before `--config`; `arguments` come after.
    """
    made: list[Operator] = []

    def start(
        deployment: Practice,
        *arguments: str,
        columns: int = 120,
        rows: int = 40,
        drawbridge: tuple[str, ...] = DRAWBRIDGE,
    ) -> Operator:
        home = tmp_path / f"home-{len(made)}"
        home.mkdir()
        terminal = Terminal(environment(home), columns, rows, home)
        console = (*drawbridge, "--config", str(deployment.config), *arguments)
        made.append(Operator(terminal, console, deployment.config, home))
        return made[-1]

    yield start
    for operator in made:
        operator.terminal.close()
