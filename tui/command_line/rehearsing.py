"""What a rehearsal leaves behind, in words: what goes on, how to go on with it, how to end it."""

from state.rehearsal import lobby, practice
from state.rehearsal.practice import Practice
from tui.typed import command


def farewell(said: str, left: Practice) -> str:
    """After what the console `said`. Ends the deployment that was left where its window is not open."""
    again = f"`{command()} rehearse --scenario {left.scenario}`"
    if lobby.is_begun(left):
        minutes = round(practice.UNUSED_FOR / 60)
        return (
            f"{said} To take up where it stands: {again} Its practice deployment goes on as well and ends by "
            f"itself in {minutes} minutes. To end it now: `{command()} rehearse --end`"
        )
    # Only this one: another that was left open goes on, as its own farewell has said.
    lobby.end_if_unattended(left.root)
    if lobby.lives(left.root):
        end = f"`{command()} rehearse --end`"
        return f"{said} Its practice deployment goes on: {_BUSY}. To end it then: {end}".lstrip()
    return f"{said} Its practice deployment was ended. To begin anew: {again}".lstrip()


def ended(names: tuple[str, ...], living: tuple[str, ...]) -> str:
    """Which deployments were ended, and which live on."""
    said = [f"Ended the practice deployment {name}; its window stays." for name in names]
    said += [f"The practice deployment {name} goes on: {_BUSY}." for name in living]
    return "\n".join(said) or "No practice deployment runs."


#: Why one is not ended.
_BUSY = "a console looks at it, or a command still runs in it"
