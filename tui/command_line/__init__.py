"""The command line: each command once, with its help and its examples. Textual is loaded by consoles only."""

from tui.command_line import looks
from tui.command_line.console import cli
from tui.command_line.first_contact import completion, init

__all__ = ["cli", "looks"]

cli.add_command(init)
cli.add_command(completion(cli))
