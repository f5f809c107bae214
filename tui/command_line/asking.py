"""Asks, on the terminal, for what `init` was not given and cannot find."""

import os
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from msgspec import Struct

from state.doctor import surroundings
from state.host.environ import TOKEN_VARIABLE, environment
from state.settings.draft import STEP_TARGETS, Draft
from state.settings.reader import mistake
from state.text import redact
from tui.command_line.ending import USAGE, fail


class Answers(Struct, frozen=True):
    """What was said on the command line; None or empty for what was not."""

    environment: str | None
    api: tuple[str, ...]
    directory: str | None
    backups: str | None
    token_command: str | None
    token_file: str | None


class Asking:
    """Gets each value from the command line, else from the operator, else from what was found."""

    def __init__(self, base: Path, asks: bool) -> None:
        """`base` is where the settings file will lie; `asks` where somebody is there to answer."""
        self._base = base
        self._asks = asks

    def draft(self, given: Answers) -> Draft:
        """All of it. Ends the command with a sentence where a value is wrong, or nobody can be asked."""
        name = self._value(
            "environment", given.environment, "Environment (such as staging)", "", "environment"
        )
        urls = self._urls(given.api)
        directory = self._directory(given.directory)
        backups = self._value(
            "backups",
            self._whole(given.backups),
            "Directory for backups",
            str(surroundings.backups(directory)),
            "make.backup_directory",
        )
        command, file = self._token(given)
        wanted = {target for target, _ in STEP_TARGETS.values()}
        return Draft(
            environment=name,
            urls=urls,
            make_directory=str(directory),
            backup_directory=str(self._whole(backups)),
            token_command=command,
            token_file=file,
            thresholds=surroundings.thresholds(directory),
            targets=surroundings.targets(directory) & wanted,
        )

    def _urls(self, given: tuple[str, ...]) -> tuple[str, ...]:
        usual = surroundings.USUAL_API
        joined = " ".join(given) or None
        said = self._value(
            "api",
            joined,
            "Addresses of the API's replicas, with spaces between",
            usual,
            "api.urls",
            str.split,
        )
        urls = tuple(said.split())
        for url, answers in surroundings.answering(urls).items():
            click.echo(f"  {url} {'is live' if answers else 'does not answer now'}")
        return urls

    def _directory(self, given: str | None) -> Path:
        found = surroundings.checkout(Path.cwd(), Path.home())
        said = self._value(
            "make",
            self._whole(given),
            "The Artifortress checkout, whose Makefile is run",
            str(found) if found else "",
            "make.directory",
        )
        directory = Path(str(self._whole(said)))
        if missing := surroundings.missing(directory):
            click.echo(
                f"  {directory} has no Makefile with {' and '.join(missing)} in itself; doctor asks make"
            )
        return directory

    def _token(self, given: Answers) -> tuple[tuple[str, ...], str]:
        """The command and the file of which at most one is there; neither where the variable has it."""
        if given.token_command and given.token_file:
            fail("give --token-command or --token-file, not both.", USAGE)
        if given.token_file:
            return (), self._value("token-file", self._whole(given.token_file), "", "", "api.token_file")
        said = given.token_command
        if said is None and (not self._asks or TOKEN_VARIABLE in environment()):
            return (), ""
        question = f"What prints the admin token; or its file as /path; or - for ${TOKEN_VARIABLE}"
        said = self._value("token-command", said, question, "-", "api.token_command", _words)
        if said.startswith(("/", "~")) and len(_words(said)) == 1 and not given.token_command:
            return (), str(self._whole(said))
        return _words(said), ""

    def _value(
        self,
        flag: str,
        given: str | None,
        question: str,
        usual: str,
        key: str,
        read: Callable[[str], Any] = str,
    ) -> str:
        """One value that the settings would take; `read` makes of what is typed what the file has."""

        def checked(typed: str) -> str:
            try:
                value = read(typed.strip())
            except ValueError as error:
                raise click.UsageError(str(error)) from None
            if typed.strip() != "-" and (wrong := self._mistake(key, value)):
                raise click.UsageError(wrong)
            return typed.strip()

        if given is None and self._asks:
            answer: str = click.prompt(question, default=usual or None, value_proc=checked)
            return answer
        if given is None and not usual:
            fail(f"nobody can be asked here for --{flag}: give it.", USAGE)
        try:
            return checked(usual if given is None else given)
        except click.UsageError as error:
            fail(f"--{flag}: {error.message}.", USAGE)

    def _mistake(self, key: str, value: Any) -> str | None:
        if redact(str(value)) != str(value):
            return "that looks like a secret itself: name what gives it, and keep it out of the settings"
        table, _, name = key.rpartition(".")
        return mistake(table, name, value, self._base)

    def _whole(self, path: str | None) -> str | None:
        """A path as it is meant where the command was typed; the file may lie elsewhere."""
        return None if path is None else os.path.normpath(Path.cwd() / Path(path).expanduser())


def _words(typed: str) -> tuple[str, ...]:
    return () if typed == "-" else tuple(shlex.split(typed))
