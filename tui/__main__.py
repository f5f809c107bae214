"""The command line. Textual is imported only for the console itself, and for a quick look nothing else."""

import gc
import json
import os
import pwd
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from state.environ import conceal
from state.events import Actor
from state.journal.directory import windows as windows_of
from state.listing import listed
from state.settings import SettingsError, find, state_directory, state_directory_at_once
from tui import first_contact
from tui.command_line import FAILED, USAGE, examples, fail, in_words

if TYPE_CHECKING:
    from state.settings import Settings


class Context:
    """What the options before the command say, read when a command needs it."""

    def __init__(self, config: Path | None) -> None:
        """`config` is that of `--config`."""
        self.config = config

    def settings(self) -> "Settings":
        """The settings; raises SettingsError."""
        return _load(find(self.config, os.environ, Path.cwd()))

    def state(self, at_once: bool = False) -> Path:
        """The state directory; the settings file may be missing, but not wrong.

        `at_once` looks at nothing else in the file, for what is asked every few seconds.
        """
        try:
            path = find(self.config, os.environ, Path.cwd())
        except SettingsError:
            if self.config is not None:
                raise
            return state_directory(None, os.environ)
        if at_once and (found := state_directory_at_once(path, os.environ)) is not None:
            return found
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


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=examples(
        "drawbridge init                   # writes drawbridge.toml",
        "drawbridge rehearse               # practises, without any of it",
        "drawbridge                        # the console: resumes what is open",
        "drawbridge --config prod.toml status --line",
    ),
)
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


def _window_names(context: click.Context) -> list[str]:
    state = Context(context.find_root().params.get("config")).state()
    return [directory.name for directory in windows_of(state)]


#: The name of a window, which a shell completes.
_of_window = click.argument("window", required=False, shell_complete=first_contact.names(_window_names))


def refuse_without_terminal() -> None:
    """Ends with a sentence where the console could not draw or read keys."""
    from tui.lifecycle import refuse_unusable_terminal

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


@cli.command(
    epilog=examples(
        "drawbridge rehearse", "drawbridge rehearse --list", "drawbridge rehearse --scenario bad-release"
    )
)
@click.option(
    "--scenario",
    default="smooth",
    show_default=True,
    help="What is going to happen.",
    shell_complete=first_contact.names(lambda _: _scenarios()),
)
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
    if scenario not in _scenarios():
        fail(f"there is no scenario {scenario}; `drawbridge rehearse --list` names them.", USAGE)
    # First: a deployment that nobody could look at is not even started.
    refuse_without_terminal()
    base = state_directory(None, os.environ) / "rehearsal"
    chosen = lobby.enter(base, scenario)
    with practice.hold(chosen):
        # Its windows stay with it, wherever those of real deployments are kept.
        run_console(_load(chosen.config), chosen.state, (chosen.release, chosen.previous_release))


def _scenarios() -> list[str]:
    from state.rehearsal.scenarios import SCENARIOS

    return [one.name for one in SCENARIOS]


@cli.command(epilog=examples("drawbridge windows", "drawbridge windows --json | jq '.[0].window'"))
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


@cli.command(
    short_help="Where a window stands.",
    epilog=examples(
        "drawbridge status",
        "drawbridge status 2026-02-11-140200-production --json",
        "set -g status-right '#(drawbridge status --line)'   # in ~/.tmux.conf",
    ),
)
@_of_window
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--line", "as_line", is_flag=True, help="One line, for a status bar.")
@click.pass_obj
@in_words
def status(context: Context, window: str | None, as_json: bool, as_line: bool) -> None:
    """Where a window stands; without a name the open one, else the newest."""
    import time

    from state.report import status as report
    from state.view import View

    view = View(_directory(context.state(at_once=as_line), window))
    view.refresh(time.time())
    if as_json:
        click.echo(json.dumps(report.as_json(view), indent=2))
    else:
        click.echo(report.as_line(view) if as_line else report.as_text(view))
    # The interpreter would look through everything once more for what is to be thrown away.
    gc.freeze()


@cli.command(
    short_help="Checks that nothing of a window was changed.",
    epilog=examples("drawbridge verify", "drawbridge verify 2026-02-11-140200-production --json"),
)
@_of_window
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


def _directory(state: Path, window: str | None) -> Path:
    if window is None:
        found = listed(state)
        if not found:
            fail(f"there is no window in {state}. `drawbridge` opens one.")
        return found[0].directory
    named = next((directory for directory in windows_of(state) if directory.name == window), None)
    if named is None:
        fail(f"there is no window {window} in {state}. `drawbridge windows` lists them.")
    return named


@cli.command(
    short_help="Looks on, without any deciding key.",
    epilog=examples("drawbridge watch", "drawbridge --config staging.toml watch"),
)
@_of_window
@click.pass_obj
@in_words
def watch(context: Context, window: str | None) -> None:
    """Looks at a window on a console without any deciding key; without a name the open one."""
    refuse_without_terminal()
    from tui.console import watch as look_on

    settings, state = context.settings(), context.state()
    leave_with(look_on(settings, _directory(state, window), state, actor()))


@cli.command(short_help="Confirms what waits for a second operator.", epilog=examples("drawbridge approve"))
@_of_window
@click.pass_obj
@in_words
def approve(context: Context, window: str | None) -> None:
    """Confirms, as the second operator, the step of a window that waits for one."""
    from tui.approving import approve as confirm

    status, said = confirm(_directory(context.state(), window), actor())
    if status:
        fail(said, status)
    click.echo(said)


@cli.command(
    short_help="Checks everything beforehand.",
    epilog=examples("drawbridge doctor", "drawbridge doctor && drawbridge"),
)
@click.pass_obj
@in_words
def doctor(context: Context) -> None:
    """Checks everything that a window will need: one line each, with the mend."""
    from state.doctor.examination import examine

    found = list(examine(context.config, os.environ, Path.cwd()))
    for check in found:
        mend = f"  {check.mend}" if check.mend else ""
        click.echo(f"{check.verdict:<5} {check.subject}: {check.words}{mend}")
    if any(check.verdict == "FAIL" for check in found):
        sys.exit(FAILED)


cli.add_command(first_contact.init)
cli.add_command(first_contact.completion(cli))


def main() -> None:
    """The entry point."""
    try:
        cli(prog_name="drawbridge")
    except Exception as error:
        from tui.crash import sentence

        click.echo(sentence(error, state_directory(None, os.environ)), err=True)
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
