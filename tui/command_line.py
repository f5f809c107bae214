"""The command line. Textual is imported only for the console itself."""

import json
import os
import pwd
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, ParamSpec

import click

from state.environ import conceal
from state.events import Actor
from state.journal.directory import DirectoryError
from state.journal.directory import windows as windows_of
from state.journal.events import JournalError
from state.journal.mail import MailError
from state.journal.readings import ReadingsError
from state.listing import listed
from state.rehearsal.layout import PracticeError
from state.settings import SettingsError, find, state_directory

if TYPE_CHECKING:
    from state.settings import Settings

DONE, FAILED, USAGE, REFUSED = 0, 1, 2, 3
P = ParamSpec("P")


def fail(words: str, status: int = FAILED) -> NoReturn:
    """Ends with one clear sentence on stderr."""
    from tui.first_screen import FIRST_SCREEN

    # What is said on the screen that goes with it would not be read.
    FIRST_SCREEN.take_away()
    click.echo(f"drawbridge: {words}", err=True)
    sys.exit(status)


def in_words(command: Callable[P, None]) -> Callable[P, None]:
    """Turns every error that an operator can meet into its sentence and exit status."""

    @wraps(command)
    def told(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except SettingsError as error:
            fail(str(error), USAGE)
        except (DirectoryError, JournalError, MailError, ReadingsError, PracticeError) as error:
            fail(str(error))
        except BrokenPipeError:
            # Whoever read the output has gone: there is nobody to tell.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            sys.exit(FAILED)
        except OSError as error:
            fail(f"{error.filename or 'the system'}: {error.strerror or error}. Mend it, then try again.")

    return told


class Context:
    """What the options before the command say, read when a command needs it."""

    def __init__(self, config: Path | None) -> None:
        """`config` is that of `--config`."""
        self.config = config

    def settings(self) -> "Settings":
        """The settings; raises SettingsError."""
        return _load(find(self.config, os.environ, Path.cwd()))

    def state(self) -> Path:
        """The state directory; the settings file may be missing, but not wrong."""
        try:
            path = find(self.config, os.environ, Path.cwd())
        except SettingsError:
            if self.config is not None:
                raise
            return state_directory(None, os.environ)
        return state_directory(_load(path), os.environ)


def _load(path: Path) -> "Settings":
    from state.settings.reader import load

    return load(path)


def actor() -> Actor:
    """Who sits here, as far as the host knows."""
    login = pwd.getpwuid(os.getuid()).pw_name
    terminal = next((os.ttyname(fd) for fd in (0, 2) if os.isatty(fd)), "")
    origin = os.environ.get("SSH_CONNECTION", "").split(" ")[0]
    return Actor(login, login, os.uname().nodename, terminal, origin, os.getuid())


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--config", type=click.Path(path_type=Path), help="The settings file, drawbridge.toml.")
@click.version_option(package_name="drawbridge", prog_name="drawbridge")
@click.pass_context
@in_words
def cli(context: click.Context, config: Path | None) -> None:
    """The console that takes an Artifortress deployment through its upgrade window.

    Without a command: opens the console, on the open window of this environment or on the list.
    """
    context.obj = Context(config)
    if context.invoked_subcommand is None:
        settings = context.obj.settings()
        run_console(settings, state_directory(settings, os.environ))


def refuse_without_terminal() -> None:
    """Ends with a sentence where the console could not draw or read keys."""
    from tui.terminal import refuse_unusable_terminal

    if refusal := refuse_unusable_terminal():
        fail(refusal)


def run_console(settings: "Settings", state: Path, practice: tuple[str, str] | None = None) -> None:
    """Opens the console; `practice` has the releases of the practice deployment."""
    refuse_without_terminal()
    conceal(filter(None, (settings.comms.webhook_env,)))
    from tui.console import run

    leave_with(run(settings, state, actor(), practice))


def leave_with(left: tuple[str, int]) -> NoReturn:
    """Ends with the words and the exit status that a console left behind."""
    message, status = left
    if message:
        click.echo(message, err=bool(status))
    sys.exit(status)


@cli.command()
@click.option("--scenario", default="smooth", show_default=True, help="What is going to happen.")
@click.option("--list", "list_them", is_flag=True, help="Lists the scenarios.")
@click.pass_obj
@in_words
def rehearse(context: Context, scenario: str, list_them: bool) -> None:
    """Practises on an embedded deployment that is started for it."""
    from state.rehearsal import lobby, practice
    from state.rehearsal.scenarios import SCENARIOS

    if list_them:
        for one in SCENARIOS:
            click.echo(f"{one.name:<18} {one.describes}")
        return
    if scenario not in {one.name for one in SCENARIOS}:
        fail(f"there is no scenario {scenario}; `drawbridge rehearse --list` names them.", USAGE)
    # First: a deployment that nobody could look at is not even started.
    refuse_without_terminal()
    base = state_directory(None, os.environ) / "rehearsal"
    chosen = lobby.enter(base, scenario)
    with practice.hold(chosen):
        # Its windows stay with it, wherever those of real deployments are kept.
        run_console(_load(chosen.config), chosen.state, (chosen.release, chosen.previous_release))


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
@in_words
def windows(context: Context, as_json: bool) -> None:
    """Lists the windows: open ones first."""
    from state.report import windows as report

    found = listed(context.state())
    if as_json:
        click.echo(json.dumps([report.as_json(one) for one in found], indent=2))
        return
    if not found:
        click.echo("no windows yet")
    for one in found:
        click.echo(report.as_line(one))


@cli.command()
@click.argument("window", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--line", "as_line", is_flag=True, help="One line, for a status bar.")
@click.pass_obj
@in_words
def status(context: Context, window: str | None, as_json: bool, as_line: bool) -> None:
    """Where a window stands; without a name the open one, else the newest."""
    import time

    from state.report import short
    from state.report import status as report
    from state.view import View

    view = View(_directory(context.state(), window))
    view.refresh(time.time())
    if as_json:
        click.echo(json.dumps(report.as_json(view), indent=2))
    else:
        click.echo(short.as_line(view) if as_line else report.as_text(view))


@cli.command()
@click.argument("window", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_obj
@in_words
def verify(context: Context, window: str | None, as_json: bool) -> None:
    """Checks that nothing of a window was changed: its journal, its runs and logs, its backups."""
    from state.report.verify import verify

    found = verify(_directory(context.state(), window))
    click.echo(json.dumps(found.as_json(), indent=2) if as_json else found.as_text())
    if not found.is_right:
        sys.exit(FAILED)


@cli.command()
@click.argument("window", required=False)
@click.option("--format", "form", type=click.Choice(["md", "html", "json"]), help="The form; md by default.")
@click.option("-o", "file", type=click.Path(path_type=Path), help="The file; its ending names the form.")
@click.option("--schema", is_flag=True, help="The JSON Schema of the json form, and nothing else.")
@click.pass_obj
@in_words
def report(context: Context, window: str | None, form: str | None, file: Path | None, schema: bool) -> None:
    """The evidence of a window, at any time: Markdown for a ticket, an HTML page, or JSON."""
    import time

    from state.report import forms
    from state.report.writing import WritingError, write

    if schema:
        click.echo(forms.schema(), nl=False)
        return
    from state.report.evidence import gather

    evidence = gather(_directory(context.state(), window), time.time())
    chosen = forms.Form(form) if form else forms.form_of(file) if file else forms.Form.MARKDOWN
    text = forms.render(evidence, chosen)
    if file is None:
        click.echo(text, nl=False)
    else:
        try:
            write(file, text)
        except WritingError as error:
            fail(str(error))
    if evidence.complaints:
        fail(" ".join(evidence.complaints))


def _directory(state: Path, window: str | None) -> Path:
    if window is None:
        found = listed(state)
        if not found:
            fail(f"there is no window in {state}. `drawbridge` opens one.")
        return found[0].directory
    for directory in windows_of(state):
        if directory.name == window:
            return directory
    fail(f"there is no window {window} in {state}. `drawbridge windows` lists them.")


@cli.command()
@click.argument("window", required=False)
@click.pass_obj
@in_words
def watch(context: Context, window: str | None) -> None:
    """Looks at a window on a console without any deciding key; without a name the open one."""
    refuse_without_terminal()
    from tui.console import watch as look_on

    settings, state = context.settings(), context.state()
    leave_with(look_on(settings, _directory(state, window), state, actor()))


@cli.command()
@click.argument("window", required=False)
@click.pass_obj
@in_words
def approve(context: Context, window: str | None) -> None:
    """Confirms, as the second operator, the step of a window that waits for one."""
    from tui.approving import approve as confirm

    status, said = confirm(_directory(context.state(), window), actor())
    if status:
        fail(said, status)
    click.echo(said)


@cli.command()
@click.pass_obj
@in_words
def doctor(context: Context) -> None:
    """Checks everything that a window will need: one line each, with the mend."""
    from state.doctor import examine

    found = list(examine(context.config, os.environ, Path.cwd()))
    for check in found:
        mend = f"  {check.mend}" if check.mend else ""
        click.echo(f"{check.verdict:<5} {check.subject}: {check.words}{mend}")
    if any(check.verdict == "FAIL" for check in found):
        sys.exit(FAILED)
