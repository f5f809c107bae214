"""The command is named as it can be typed: bare only where PATH leads to the very program that runs."""

import io
import os
import sys
from pathlib import Path

import pytest

from state.window import Window
from tui import typed
from tui.dialogs import people, windows


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `drawbridge` below the working directory that is not on PATH, as after `make rehearse`."""
    path = tmp_path / ".venv" / "bin" / "drawbridge"
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("DRAWBRIDGE_CONFIG", raising=False)
    monkeypatch.setattr(sys, "argv", [".venv/bin/drawbridge"])
    return path


def test_off_the_path_it_is_named_by_its_own(program: Path) -> None:
    assert typed.command() == ".venv/bin/drawbridge"
    assert typed.command(elsewhere=True) == str(program)
    said = "`drawbridge doctor` checks it; `drawbridge` goes on; drawbridge.toml stays."
    assert typed.as_typed(said) == (
        "`.venv/bin/drawbridge doctor` checks it; `.venv/bin/drawbridge` goes on; drawbridge.toml stays."
    )


def test_on_the_path_the_bare_name_does(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    assert typed.command() == typed.command(elsewhere=True) == "drawbridge"


def test_another_program_of_that_name_is_not_taken_for_it(
    program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = program.parents[1] / "drawbridge"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(other.parent))
    assert typed.command() == ".venv/bin/drawbridge"


def test_in_its_own_directory_and_far_from_it(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(program.parent)
    monkeypatch.setattr(sys, "argv", ["drawbridge"])
    assert typed.command() == "./drawbridge"
    monkeypatch.setattr(sys, "argv", [str(program)])
    monkeypatch.chdir("/usr")
    assert typed.command() == str(program)


def test_dialogs_name_it_for_another_terminal(program: Path) -> None:
    apart = Path.cwd() / "other.toml"
    apart.touch()
    window = Window(id="w", environment="practice")
    approve = f"{typed.command(apart, elsewhere=True)} approve"
    said = people.second_operator(window, (), False, approve, lambda answer, values: None).words
    assert f"`{program}--config{apart}approve`" in "".join(said.split())
    said = windows.elsewhere(window, apart, apart, lambda answer, values: None).words
    assert f"Todriveit:{program}--config{apart}" in "".join(said.split())
    said = windows.examined(()).words
    assert f"`{program}doctor`" in "".join(said.split())


def test_settings_are_named_where_nobody_would_look_them_up(program: Path) -> None:
    here = Path.cwd() / "drawbridge.toml"
    assert typed.command(here) == f".venv/bin/drawbridge --config {here}"
    here.touch()
    assert typed.command(here) == ".venv/bin/drawbridge"
    assert typed.command(here, elsewhere=True) == f"{program} --config {here}"
    apart = Path.cwd() / "a b.toml"
    apart.touch()
    assert typed.command(apart) == f".venv/bin/drawbridge --config '{apart}'"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("All is well.", "All is well."),
        ("Left it open. To go on: `drawbridge`", "Left it open. To go on:\n  drawbridge"),
        ("Look, then run `drawbridge doctor`.", "Look, then run\n  drawbridge doctor"),
        ("`drawbridge init` writes one; or not.", "  drawbridge init\nwrites one; or not."),
        ("To go on: `a b` To end it: `a --end`", "To go on:\n  a b\nTo end it:\n  a --end"),
    ],
)
def test_on_a_terminal_a_command_stands_on_a_line_of_its_own(said: str, shown: str) -> None:
    screen, terminal = os.openpty()
    with os.fdopen(terminal, "w") as stream, os.fdopen(screen, "rb"):
        assert typed.for_stream(said, stream) == shown
    assert typed.for_stream(said, io.StringIO()) == said
