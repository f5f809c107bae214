"""Starts the console for an environment and says, once it is left, what goes on without it."""

from pathlib import Path

from state.console.opening import join, policy_of
from state.console.session import Session
from state.events import Actor
from state.journal.events import JournalError
from state.listing import open_windows
from state.settings import Settings
from tui.app import Console
from tui.lifecycle import tolerate_any_input
from tui.painting import paint_what_changed, paint_without_delay
from tui.place import Place
from tui.present import words
from tui.typed import command


def run(settings: Settings, state: Path, actor: Actor, practice: tuple[str, str] | None) -> tuple[str, int]:
    """Runs the console to its end; the words to leave behind, and the exit status.

    Resumes the one open window of the environment; with several or none it opens on the list.
    Raises SettingsError, DirectoryError, JournalError or ReadingsError, each with its sentence.
    """
    policy = policy_of(settings)
    release, previous = practice or ("", "")
    place = Place(settings, policy, state, actor, practice is not None, release, previous)
    found = open_windows(state, settings.environment)
    session: Session | None = None
    if len(found) == 1:
        session = join(found[0].directory, settings, policy, actor)
    return _run(place, session)


def watch(settings: Settings, directory: Path, state: Path, actor: Actor) -> tuple[str, int]:
    """Runs a console that only looks at this window, as `run` does."""
    policy = policy_of(settings)
    session = join(directory, settings, policy, actor, only_looks=True)
    return _run(Place(settings, policy, state, actor), session)


def _run(place: Place, session: Session | None) -> tuple[str, int]:
    tolerate_any_input()
    paint_without_delay()
    paint_what_changed()
    console = Console(place, session)
    console.run(mouse=False)
    return _leave(console), console.return_code or 0


def _leave(console: Console) -> str:
    """Leaves the window on purpose where the console still has it; what goes on, in words."""
    session = console.session
    if session is None:
        return ""
    window, drives = session.window, session.drives
    run = window.open_run
    said = []
    try:
        if console.return_code:
            session.close()
        else:
            session.leave()
    except JournalError as error:
        said.append(str(error))
    way_on = command(console.place.settings.path)
    if window.phase == "follow_up":
        return f"{window.id} is {window.outcome}; its follow-up is open. To go on with it: `{way_on}`"
    if window.outcome:
        return f"{window.id} is closed: {window.outcome}."
    if not drives:
        return " ".join([*said, f"You looked at {window.id}; it goes on without you."])
    linger = words.short_duration(console.place.settings.watch.linger)
    said.append(f"Left {window.id} open. The watch goes on for {linger}.")
    if run is not None:
        said.append(f"{run.title} (run {run.id}) goes on; its output: `{session.run_directory(run.id)}/log`")
    if not console.place.practice:
        # A practice deployment must be there for it: whoever started that says how.
        said.append(f"To take up where it stands: `{way_on}`")
    return " ".join(said)
