"""The commands that open a console, and the root of all others."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from state.host.environ import conceal
from state.settings import state_directory
from tui.command_line.context import Context, actor, directory_of, load, names, of_window
from tui.command_line.ending import USAGE, examples, fail, in_words

if TYPE_CHECKING:
    from state.settings import Settings


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
        leave_with(run_console(settings, state_directory(settings, os.environ)))


def refuse_without_terminal() -> None:
    """Ends with a sentence where the console could not draw or read keys."""
    from tui.terminal import refuse_unusable_terminal

    if refusal := refuse_unusable_terminal():
        fail(refusal)


def run_console(
    settings: "Settings", state: Path, practice: tuple[str, str] | None = None
) -> tuple[str, int]:
    """Runs the console; the words to leave behind and the exit status.

    `practice` has the releases of the practice deployment.
    """
    refuse_without_terminal()
    conceal(filter(None, (settings.comms.webhook_env,)))
    from tui.console import run

    return run(settings, state, actor(), practice)


def leave_with(left: tuple[str, int]) -> NoReturn:
    """Ends with the words and the exit status that a console left behind."""
    from tui.typed import for_stream

    message, status = left
    if message:
        click.echo(for_stream(message, sys.stderr if status else sys.stdout), err=bool(status))
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
    shell_complete=names(lambda _: _scenarios()),
)
@click.option("--list", "list_them", is_flag=True, help="Lists the scenarios.")
@click.option("--end", is_flag=True, help="Ends what rehearsals left running; their windows stay.")
@click.pass_obj
@in_words
def rehearse(context: Context, scenario: str, list_them: bool, end: bool) -> None:
    """Practises on an embedded deployment that is started for it."""
    from state.rehearsal import lobby
    from state.rehearsal.scenarios import SCENARIOS
    from tui import at_once
    from tui.command_line import rehearsing

    base = state_directory(None, os.environ) / "rehearsal"
    if list_them:
        for one in SCENARIOS:
            click.echo(f"{one.name:<18} {one.describes}")
        return
    if end:
        click.echo(rehearsing.ended(lobby.end_unattended(base), lobby.living(base)))
        return
    if scenario not in _scenarios():
        fail(f"there is no scenario {scenario}. To list them: `drawbridge rehearse --list`", USAGE)
    # First: a deployment that nobody could look at is not even started.
    refuse_without_terminal()
    with lobby.enter(base, scenario) as chosen:
        if others := lobby.end_unattended(base):
            click.echo(rehearsing.ended(others, ()))
        at_once.show_open(chosen.config)
        # Its windows stay with it, wherever those of real deployments are kept.
        said, status = run_console(
            load(chosen.config), chosen.state, (chosen.release, chosen.previous_release)
        )
    # Whoever was cut off finds all of it as it was.
    leave_with((said if status else rehearsing.farewell(said, chosen), status))


def _scenarios() -> list[str]:
    from state.rehearsal.scenarios import SCENARIOS

    return [one.name for one in SCENARIOS]


@cli.command(
    short_help="Looks on, without any deciding key.",
    epilog=examples("drawbridge watch", "drawbridge --config staging.toml watch"),
)
@of_window
@click.pass_obj
@in_words
def watch(context: Context, window: str | None) -> None:
    """Looks at a window on a console without any deciding key; without a name the open one."""
    refuse_without_terminal()
    from tui.console import watch as look_on

    settings, state = context.settings(), context.state()
    leave_with(look_on(settings, directory_of(state, window), state, actor()))
