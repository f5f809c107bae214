"""The command palette: the same commands as the keys, found by typing."""

from functools import partial
from typing import Protocol, runtime_checkable

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.screen import Screen

from tui.commands import Command


@runtime_checkable
class Offering(Protocol):
    """A screen that has commands."""

    def offered(self) -> tuple[Command, ...]:
        """Those that apply now."""


class ScreenCommands(Provider):
    """Offers what applies to what is on the screen."""

    async def discover(self) -> Hits:
        """All of them, while nothing is typed."""
        for command in self._commands():
            yield DiscoveryHit(_title(command), partial(self._run, command), help=command.help)

    async def search(self, query: str) -> Hits:
        """Those that match."""
        matcher = self.matcher(query)
        for command in self._commands():
            score = matcher.match(command.title)
            if score > 0:
                highlighted = matcher.highlight(command.title)
                yield Hit(score, highlighted, partial(self._run, command), help=command.help)

    def _commands(self) -> tuple[Command, ...]:
        return self.screen.offered() if isinstance(self.screen, Offering) else ()

    async def _run(self, command: Command) -> None:
        screen: Screen[object] = self.screen
        await screen.run_action(command.id)


def _title(command: Command) -> str:
    return f"{command.title} ({command.key})" if command.key else command.title
