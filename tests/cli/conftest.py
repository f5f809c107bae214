"""A home of its own for each command line, and a window without a deployment."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from state.console.opening import open_window, policy_of
from state.console.session import Session
from state.events import Actor
from state.intents import OpenWindow
from state.settings import load

from ..pty.evidence import DRAWBRIDGE
from ..pty.headless import end_windows
from ..pty.operator_at_work import Operator
from ..pty.terminal import PATIENCE, Terminal

SETTINGS = """\
environment = "staging"
state = {state}

[api]
urls = ["http://127.0.0.1:1"]
token_file = {token}

[make]
directory = {site}
backup_directory = {site}

[watch]
linger = "5s"
"""


class CommandLine:
    """Runs `drawbridge` as an operator does; no answer of it may ever hold a traceback."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.config = home / "drawbridge.toml"
        self.state = home / "windows-of-staging"
        self.token = home / "token"
        self.site = home / "site"
        self.site.mkdir()
        self.token.touch(mode=0o600)
        self.token.write_text("correct-horse\n")
        targets = ("db-backup", "db-migrate", "db-restore", "db-smoke", "phase6-drill")
        self.makefile = self.site / "Makefile"
        self.makefile.write_text("".join(f"{target}:\n\t@echo {target}\n" for target in targets))
        paths = {"state": self.state, "token": self.token, "site": self.site}
        self.config.write_text(SETTINGS.format(**{k: json.dumps(str(v)) for k, v in paths.items()}))
        self._close = ExitStack()

    @property
    def console(self) -> tuple[str, ...]:
        """The command with its settings."""
        return (*DRAWBRIDGE, "--config", str(self.config))

    def environment(self, **more: str) -> dict[str, str]:
        """What a login has."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "TERM": "xterm-256color", **more}

    def run(self, *arguments: str, config: bool = True, **variables: str) -> tuple[int, str, str]:
        """Exit status, standard output and standard error."""
        named = ("--config", str(self.config)) if config else ()
        done = subprocess.run(
            [*DRAWBRIDGE, *named, *arguments],
            cwd=self.home,
            env=self.environment(**variables),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr
        return done.returncode, done.stdout, done.stderr

    def in_terminal(self, *arguments: str, **variables: str) -> Operator:
        """An operator before `drawbridge` in a terminal; `variables` reach it past tmux."""
        terminal = Terminal(self.environment(), directory=self.home)
        self._close.callback(terminal.close)
        changed = [f"{name}={value}" for name, value in variables.items()]
        operator = Operator(terminal, ("env", *changed, *self.console, *arguments), self.config, self.home)
        operator.sit_down()
        return operator

    def refused_in_terminal(self, *arguments: str, **variables: str) -> tuple[int, str]:
        """Exit status and words of a console that ends by itself."""
        terminal = self.in_terminal(*arguments, **variables).terminal
        status = terminal.ended()
        said = terminal.said()
        assert "Traceback" not in said
        return status, said

    def open_window(self, operator: str = "sam") -> Session:
        """A window that this process drives."""
        settings = load(self.config)
        actor = Actor(operator, "sam", "bastion", "/dev/pts/7")
        opening = OpenWindow("staging", "v1.5.0", "v1.4.2")
        session = open_window(self.state, settings, policy_of(settings), actor, opening)
        assert isinstance(session, Session)
        self._close.callback(session.close)
        return session

    def edit(self, old: str, new: str) -> None:
        """Changes the settings."""
        text = self.config.read_text()
        assert old in text
        self.config.write_text(text.replace(old, new))

    def close(self) -> None:
        """Ends what was started, and what that has started in turn."""
        self._close.close()
        end_windows(self.state)


def assert_sentence(said: str, words: str) -> None:
    """One line that ends as a sentence does."""
    assert words in said
    assert re.fullmatch(r"drawbridge: [^\n]+[.?`]\n", said), said


@pytest.fixture
def command_line(tmp_path: Path) -> Iterator[CommandLine]:
    """`drawbridge` with settings that are right, for a deployment that is not there."""
    made = CommandLine(tmp_path)
    yield made
    made.close()
