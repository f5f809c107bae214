"""All that is news outside of a window, gathered at every look of its driver."""

from collections.abc import Iterable
from pathlib import Path

from state.console import outcomes
from state.deployment import runs
from state.events import Event
from state.view import View


def news(view: View, runs_directory: Path, now: float, secrets: Iterable[str]) -> list[tuple[Event, ...]]:
    """All that is news outside of the window in `view`; what stands together belongs together.

    `secrets` are values that no word of a run may bring into the journal.
    """
    window, observed, verdicts = view.window, view.observed, view.verdicts
    found: list[tuple[Event, ...]] = []
    if (run := window.open_run) is not None:
        found.append(outcomes.of_run(window, run, runs_directory / str(run.id), now, secrets))
        # A run of another login is not to be reached: a harder signal would only be words.
        if not run.signals or not runs.unstoppable(runs_directory / str(run.id)):
            found.append(outcomes.next_signal(run, now))
    found.append(outcomes.of_sampling(window, observed, verdicts))
    found.append(outcomes.of_health(window, verdicts))
    found.append(outcomes.of_core_actions(window, observed))
    found.append(outcomes.of_posting(window, observed))
    found += [(fact,) for fact in outcomes.of_triggers(window, view.triggers)]
    return [together for together in found if together]
