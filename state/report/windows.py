"""The list of windows, as JSON and as lines."""

import time
from typing import Any

from state.listing import Listed
from state.report.moments import iso
from state.report.short import phase
from state.report.standing import unseen_end
from state.report.status import run_end
from state.text import printable
from state.text.counting import counted
from state.window import Window


def as_json(one: Listed) -> dict[str, Any]:
    """One element of `windows --json`."""
    window = one.window
    if window is None:
        return {"id": one.directory.name, "state": "unreadable", "problem": one.problem}
    return {
        "id": window.id,
        "environment": window.environment,
        "release": window.release,
        "previous_release": window.previous_release,
        "state": window.outcome or window.phase,
        "phase": window.phase,
        "run": _run(one, window),
        "opened": iso(window.opened_at),
        "operators": list(window.operators),
        "driven": one.driven,
        "database_may_be_empty": window.may_be_empty,
        "exceptions": len(window.exceptions),
    }


def _run(one: Listed, window: Window) -> dict[str, Any] | None:
    """The run that the journal has no end of; how it stands, as `status --json` says it."""
    run = window.open_run
    if run is None:
        return None
    return run_end(run, unseen_end(one.directory, window, time.time()))


def as_line(one: Listed) -> str:
    """One window as a line."""
    window = one.window
    if window is None:
        return printable(f"{one.directory.name}  unreadable: {one.problem}")
    marks = f"  {counted(len(window.exceptions), 'exception')}" if window.exceptions else ""
    state = window.outcome if window.phase == "closed" else phase(window)
    if (run := window.open_run) is not None:
        unseen = unseen_end(one.directory, window, time.time())
        state += f"  {run.title} {unseen.short if unseen else 'is running'}"
    if window.may_be_empty:
        state += "  THE DATABASE MAY BE EMPTY"
    driver = window.driver.actor.operator if window.driver and one.driven else "-"
    releases = f"{window.previous_release} -> {window.release}"
    return printable(f"{window.id}  {releases}  {state}  driver {driver}{marks}")
