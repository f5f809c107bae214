"""What is there before the command line is loaded says the same, and leaves all that is wrong to it."""

import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui import at_once

from ..pty.terminal import Terminal
from .conftest import CommandLine

#: The console with a Textual that cannot be had: nothing but the first screen is ever drawn.
BARE = (
    "import sys; sys.modules['textual'] = None; sys.argv = ['drawbridge', '--config', *sys.argv[1:]]; "
    "from tui.__main__ import main; main()"
)


@pytest.fixture
def recorded(tmp_path: Path, command_line: CommandLine) -> Iterator[tuple[Terminal, Path]]:
    """A terminal, and the file with all that is sent to it."""
    bytes_sent = tmp_path / "sent"
    terminal = Terminal(command_line.environment(), directory=command_line.home, record=bytes_sent)
    try:
        yield terminal, bytes_sent
    finally:
        terminal.close()


def test_a_status_line_says_what_status_says_first(command_line: CommandLine) -> None:
    name = command_line.open_window().directory.name
    status, said, _ = command_line.run("status")
    (first, *_) = said.splitlines()
    assert (status, first[:15]) == (0, "staging v1.5.0 ")
    for arguments in (("status", "--line"), ("status", "--line", name), ("status", name, "--line")):
        assert command_line.run(*arguments) == (0, f"{first}\n", "")
        assert at_once.status_line(["--config", str(command_line.config), *arguments]) == first


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("status",),
        ("status", "--json", "--line"),
        ("status", "--line", "a", "b"),
        ("status", "--line", "--help"),
        ("windows", "--line"),
        ("--line", "status"),
    ],
)
def test_what_is_asked_in_another_way_is_left_to_the_command_line(
    command_line: CommandLine, arguments: tuple[str, ...]
) -> None:
    command_line.open_window()
    assert at_once.status_line(["--config", str(command_line.config), *arguments]) is None


def test_what_is_wrong_is_said_by_the_command_line(command_line: CommandLine) -> None:
    assert command_line.run("status", "--line")[0] == 1
    command_line.open_window()
    status, _, said = command_line.run("status", "--line", "another")
    assert status == 1 and "there is no window another" in said


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ('[screen]\ntheme = "pink"', "screen.theme: write one of"),
        ('[keys]\nskip = "tab"', "keys.skip: take another key"),
        ("[watch2]", "watch2 is not a known key"),
    ],
)
def test_settings_that_are_wrong_are_no_status_line(
    command_line: CommandLine, wrong: str, words: str
) -> None:
    command_line.open_window()
    assert command_line.run("status", "--line")[0] == 0
    right = command_line.config.read_text()
    command_line.config.write_text(f"{right}\n{wrong}\n")
    status, out, said = command_line.run("status", "--line")
    assert (status, out) == (2, "") and words in said
    command_line.config.write_text(right)
    assert command_line.run("status", "--line")[0] == 0


def test_settings_that_are_right_and_that_no_console_has_read_are_read_first(
    command_line: CommandLine,
) -> None:
    command_line.open_window()
    command_line.config.write_text(command_line.config.read_text() + "\n# a word\n")
    assert at_once.status_line(["--config", str(command_line.config), "status", "--line"]) is None
    assert command_line.run("status", "--line")[0] == 0


def test_the_first_screen_needs_no_textual_and_goes_with_the_console(
    command_line: CommandLine, recorded: tuple[Terminal, Path]
) -> None:
    command_line.open_window().close()
    terminal, sent = recorded
    terminal.start(sys.executable, "-P", "-c", BARE, str(command_line.config))
    assert terminal.ended() == 1
    drawn = sent.read_bytes().decode()
    assert drawn.index("Window approved") < drawn.index("keys count in a moment")
    said = terminal.said()
    assert "Nothing is lost" in said and "Window approved" not in said


def test_a_watch_has_a_first_screen_as_well(
    command_line: CommandLine, recorded: tuple[Terminal, Path]
) -> None:
    session = command_line.open_window()
    session.close()
    terminal, sent = recorded
    for words in (("watch",), ("watch", session.directory.name)):
        sent.write_bytes(b"")
        terminal.start(sys.executable, "-P", "-c", BARE, str(command_line.config), *words)
        assert terminal.ended() == 1
        assert b"Window approved" in sent.read_bytes()
    sent.write_bytes(b"")
    terminal.start(sys.executable, "-P", "-c", BARE, str(command_line.config), "watch", "another")
    assert terminal.ended() == 1
    assert b"Window approved" not in sent.read_bytes()


@pytest.mark.parametrize(
    ("theme", "no_color", "bad"),
    [
        ("default", False, "\x1b[1;31m"),
        ("16-colours", False, "\x1b[1;31m"),
        ("high-contrast", False, "\x1b[1;38;5;210;48;5;16m"),
        ("monochrome", False, "\x1b[1;4m"),
        ("high-contrast", True, "\x1b[1;4m"),
        ("none that there is", False, "\x1b[1;31m"),
    ],
)
def test_the_first_screen_has_the_look_of_the_settings(
    command_line: CommandLine, tmp_path: Path, theme: str, no_color: bool, bad: str
) -> None:
    command_line.open_window().close()
    command_line.edit("[api]", f'[screen]\ntheme = "{theme}"\n[api]')
    environment = command_line.environment() | ({"NO_COLOR": "1"} if no_color else {})
    terminal = Terminal(environment, directory=command_line.home, record=tmp_path / "sent")
    try:
        terminal.start(sys.executable, "-P", "-c", BARE, str(command_line.config))
        assert terminal.ended() != 0
        assert f"{bad}✗ " in (tmp_path / "sent").read_bytes().decode()
    finally:
        terminal.close()


def test_settings_that_are_wrong_are_told_on_the_ordinary_screen(
    command_line: CommandLine, recorded: tuple[Terminal, Path]
) -> None:
    command_line.open_window().close()
    command_line.edit("[api]", "[apis]\nx = 1\n[api]")
    terminal, sent = recorded
    terminal.start(*command_line.console)
    assert terminal.ended() == 2
    assert "keys count in a moment" in sent.read_bytes().decode()
    assert "apis" in terminal.said() and "Window approved" not in terminal.said()


def test_nothing_is_drawn_where_the_console_cannot_be(command_line: CommandLine, tmp_path: Path) -> None:
    command_line.open_window().close()
    terminal = Terminal(command_line.environment(), directory=command_line.home)
    try:
        errors = tmp_path / "errors"
        terminal.start("sh", "-c", f"{shlex.join(command_line.console)} 2>{errors}; exit 7")
        assert terminal.ended() == 7
        assert "Window approved" not in terminal.said()
        assert "is not a terminal" in errors.read_text() and "\x1b" not in errors.read_text()
    finally:
        terminal.close()


def test_a_window_of_another_environment_is_not_drawn(
    command_line: CommandLine, recorded: tuple[Terminal, Path]
) -> None:
    command_line.open_window().close()
    command_line.edit('environment = "staging"', 'environment = "production"')
    terminal, sent = recorded
    terminal.start(sys.executable, "-P", "-c", BARE, str(command_line.config))
    assert terminal.ended() == 1
    assert b"Window approved" not in sent.read_bytes()
