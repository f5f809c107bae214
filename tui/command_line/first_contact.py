"""What somebody runs first: `init`, which writes the settings, and `completion`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.command_line.ending import USAGE, examples, fail, in_words

if TYPE_CHECKING:
    from state.settings.draft import Draft

_FILE = "drawbridge.toml"


@click.command(
    short_help="Writes the settings file.",
    epilog=examples(
        "drawbridge init",
        "drawbridge --config /etc/drawbridge.toml init",
        "drawbridge init --yes --environment staging --make /srv/artifortress \\",
        "    --api http://10.0.0.11:8086 --token-file /etc/drawbridge/token",
    ),
)
@click.option("--environment", help="Its name, such as staging or production.")
@click.option("--api", multiple=True, metavar="URL", help="A replica; the first one answers the summary.")
@click.option("--make", "directory", type=click.Path(), help="The Artifortress checkout with its Makefile.")
@click.option("--backups", type=click.Path(), help="The directory for backups.")
@click.option("--token-command", metavar="COMMAND", help="What prints the admin token.")
@click.option("--token-file", type=click.Path(), help="The file with the admin token, mode 0600.")
@click.option("--yes", is_flag=True, help="Asks nothing: takes what was given, found, or is usual.")
@click.pass_context
@in_words
def init(
    context: click.Context,
    environment: str | None,
    api: tuple[str, ...],
    directory: str | None,
    backups: str | None,
    token_command: str | None,
    token_file: str | None,
    yes: bool,
) -> None:
    """Writes a commented settings file, after asking for what it cannot find; never over another one.

    The file is drawbridge.toml in the working directory, or the one that --config names.
    """
    from state.settings import draft
    from state.settings.reader import load
    from tui.command_line.asking import Answers, Asking

    path = _place(context)
    if path.exists():
        fail(f"{path} is there already and stays as it is: move it away, or name another one.", USAGE)
    given = Answers(environment, api, directory, backups, token_command, token_file)
    made = Asking(path.parent, asks=not yes and sys.stdin.isatty()).draft(given)
    draft.write(path, draft.text(made), load)
    _say_what_next(path, made)


def _place(context: click.Context) -> Path:
    named = context.find_root().params.get("config") or os.environ.get("DRAWBRIDGE_CONFIG")
    return (Path.cwd() / Path(named or _FILE).expanduser()).absolute()


def _say_what_next(path: Path, made: "Draft") -> None:
    from state.settings.draft import STEP_TARGETS
    from tui.typed import as_typed, for_stream

    found = [
        f"make {target} ({step})" for step, (target, _) in STEP_TARGETS.items() if target in made.targets
    ]
    if found:
        click.echo(f"Found in the Makefile, and written down for these steps: {', '.join(found)}.")
    option = "" if path == Path.cwd() / _FILE else f" --config {path}"
    said = as_typed(f"Wrote {path}. Look through it, then run `drawbridge{option} doctor`.")
    click.echo(for_stream(said, sys.stdout))


def completion(cli: click.Group) -> click.Command:
    """The command that prints the script with which a shell completes `cli`."""

    @click.command(
        "completion",
        short_help="Prints a shell's completion script.",
        epilog=examples(
            'eval "$(drawbridge completion bash)"         # in ~/.bashrc',
            'eval "$(drawbridge completion zsh)"          # in ~/.zshrc, after compinit',
            "drawbridge completion fish > ~/.config/fish/completions/drawbridge.fish",
        ),
    )
    @click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
    def command(shell: str) -> None:
        """Prints the script with which a shell completes commands, options and names of windows."""
        from click.shell_completion import get_completion_class

        kind = get_completion_class(shell)
        assert kind is not None
        click.echo(kind(cli, {}, "drawbridge", "_DRAWBRIDGE_COMPLETE").source())

    return command
