"""Opens a window, or takes up one that is there: the composition of a session from its parts."""

import time
from pathlib import Path

from msgspec.structs import replace

from state.console.history import of_environment
from state.console.operator_text import cleaned, cleaned_actor
from state.console.session import Clock, Session
from state.events import Actor, PolicyTaken
from state.intents import OpenWindow, Refusal
from state.journal import directory as places
from state.journal import openness
from state.journal.events import JournalWriter
from state.judgement.thresholds import ThresholdsError, parse
from state.listing import listed
from state.policy import BUILT_IN_LIMITS, Policy
from state.rules import decide_opening
from state.settings import Settings, SettingsError
from state.settings.vouched import vouch


def policy_of(settings: Settings) -> Policy:
    """What these settings judge a window by; raises SettingsError where the thresholds are unusable."""
    path = settings.thresholds
    if path is None:
        return settings.policy(BUILT_IN_LIMITS, "built in")
    try:
        return settings.policy(parse(path.read_text(encoding="utf-8"), str(path)), str(path))
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read ({error.strerror}). Mend [judgement] thresholds in {settings.path}, "
            "or leave it out for the built-in thresholds."
        ) from error
    except UnicodeError as error:
        raise SettingsError(
            f"{path} is not UTF-8. Save it as UTF-8, or leave [judgement] thresholds out."
        ) from error
    except ThresholdsError as error:
        raise SettingsError(f"{error} Mend the file, or leave [judgement] thresholds out.") from error


def open_window(
    state: Path,
    settings: Settings,
    policy: Policy,
    actor: Actor,
    opening: OpenWindow,
    clock: Clock = time.time,
) -> Session | Refusal:
    """Opens a new window and drives it; raises DirectoryError or JournalError.

    The directory is made under another name and moved into place with its first event: a window
    is there whole, or not at all.
    """
    now = clock()
    history = of_environment(state, opening.environment)
    opening = replace(opening, after_rollback=history.rolled_back_at is not None)
    with places.opening(state, settings.people.group):
        directory = _publish(state, opening, policy, cleaned_actor(actor), now)
    if isinstance(directory, Refusal):
        return directory
    return attach(directory, settings, policy, actor, clock)


def _publish(state: Path, opening: OpenWindow, policy: Policy, actor: Actor, now: float) -> Path | Refusal:
    others = tuple(
        one.window.id
        for one in listed(state)
        if one.window and one.window.is_open and one.window.environment == opening.environment
    )
    decision = decide_opening(cleaned(opening), places.name(opening.environment, now), others, now)
    if isinstance(decision, Refusal):
        return decision
    with places.Draft.make(state, decision.window) as draft:
        journal = JournalWriter(draft.path / places.JOURNAL, actor, now)
        journal.append([decision, PolicyTaken(policy.as_json())], now)
        journal.close()
        return draft.publish()


def attach(
    directory: Path, settings: Settings, policy: Policy, actor: Actor, clock: Clock = time.time
) -> Session | Refusal:
    """Takes the drive of a window that is there, or says why not.

    Raises DirectoryError, JournalError or ReadingsError, each one sentence with the mend.
    """
    session = _looking(directory, settings, policy, actor, clock)
    try:
        refusal = session.take_drive()
    except Exception:
        session.close()
        raise
    if refusal is None:
        return session
    session.close()
    return refusal


def join(
    directory: Path,
    settings: Settings,
    policy: Policy,
    actor: Actor,
    clock: Clock = time.time,
    only_looks: bool = False,
) -> Session:
    """Drives a window where its drive is free, and looks at it where somebody else has it.

    `only_looks` never drives. Raises DirectoryError, JournalError or ReadingsError.
    """
    session = _looking(directory, settings, policy, actor, clock, only_looks)
    try:
        if only_looks or not session.window.takes_decisions or session.take_drive() is not None:
            session.seat.look_on()
    except Exception:
        session.close()
        raise
    return session


def _looking(
    directory: Path, settings: Settings, policy: Policy, actor: Actor, clock: Clock, only_looks: bool = False
) -> Session:
    if problem := openness.problem(directory):
        raise places.DirectoryError(problem)
    vouch(directory.parent.parent, settings.digest)
    return Session(directory, settings, policy, cleaned_actor(actor), clock, only_looks)
