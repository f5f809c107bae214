"""Completion in the shells themselves: the script is sourced, and what is typed is completed."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..pty.evidence import DRAWBRIDGE
from ..pty.terminal import Terminal
from .conftest import CommandLine

#: How each shell is started without anybody's own settings, and told to complete.
SHELLS = {
    "bash": (("bash", "--norc", "--noprofile"), 'eval "$(drawbridge completion bash)"'),
    "zsh": (("zsh", "-f"), 'autoload -U compinit; compinit -D; eval "$(drawbridge completion zsh)"'),
    "fish": (("fish", "--no-config"), "drawbridge completion fish | source"),
}


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, command_line: CommandLine) -> Iterator[Terminal]:
    """A shell that completes `drawbridge`."""
    argv, told = SHELLS[request.param]
    if shutil.which(argv[0]) is None:
        reason = f"{argv[0]} is not installed (Debian: {argv[0]})"
        if os.environ.get("DRAWBRIDGE_TEST_ALL") == "1":
            pytest.fail(f"{reason}, and DRAWBRIDGE_TEST_ALL=1 asks for every test")
        pytest.skip(reason)
    programs = str(Path(DRAWBRIDGE[0]).parent)
    environment = command_line.environment(
        PATH=f"{programs}:{os.environ['PATH']}", DRAWBRIDGE_CONFIG=str(command_line.config), PS1="$ "
    )
    terminal = Terminal(environment, directory=command_line.home)
    terminal.start(*argv)
    terminal.type(f"{told}; echo sour''ced")
    terminal.send("Enter")
    terminal.wait_for(r"(?m)^sourced")
    terminal.send("C-l")
    yield terminal
    terminal.close()


def complete(terminal: Terminal, typed: str, shown: str) -> None:
    """Types, presses tab, and waits for what the shell makes of it."""
    terminal.send("C-u")
    terminal.type(typed)
    terminal.wait_for(re.escape(typed))
    terminal.send("Tab", "Tab")
    terminal.wait_for(shown)


def test_commands_options_and_names_are_completed(shell: Terminal, command_line: CommandLine) -> None:
    window = command_line.open_window().window.id
    complete(shell, "drawbridge reh", r"drawbridge rehearse")
    complete(shell, f"drawbridge status {window[:6]}", rf"drawbridge status {window}")
    complete(shell, "drawbridge rehearse --scenario stuck", r"stuck-worker")
    complete(shell, "drawbridge completion fi", r"completion fish")


def test_a_site_without_windows_completes_nothing_and_says_nothing(shell: Terminal) -> None:
    complete(shell, "drawbridge status zz", r"status zz")
    complete(shell, "drawbridge verif", r"drawbridge verify")
    assert "Traceback" not in shell.screen() and "Error" not in shell.screen()
