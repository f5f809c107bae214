"""A window in one line for a status bar, and what must be said of its database in one sentence.

Asked every few seconds, and drawn first: this imports nothing that does not judge.
"""

from state.runbook import Step
from state.text import printable
from state.text.counting import counted
from state.view import View
from state.window import Window


def as_line(view: View) -> str:
    """One line for a tmux status bar."""
    window, verdicts = view.window, view.verdicts
    current = window.current
    if window.phase == "closed":
        where = f"closed: {window.outcome}"
    elif current is not None:
        where = f"{phase(window)}: {current.title} ({_stands(view, current)})"
    else:
        where = phase(window)
    if window.may_be_empty:
        where += " · THE DATABASE MAY BE EMPTY"
    bad = [row for row in verdicts.rows if row.state.value != "OK"]
    backlog = f"{len(bad)} of {len(verdicts.rows)} metrics not OK" if bad else "backlog OK"
    tripped = [name for name, record in window.triggers.items() if not record.waved and window.is_open]
    alarm = f" · TRIPPED: {', '.join(tripped)}" if tripped else ""
    marks = alarm + (f" · {counted(len(window.exceptions), 'exception')}" if window.exceptions else "")
    ready = verdicts.readiness.worst.value.replace("_", " ")
    return printable(f"{window.environment} {window.release} · {where} · {ready} · {backlog}{marks}")


def _stands(view: View, step: Step) -> str:
    """The state of a step; where its run has ended and no console knows that, the end."""
    if view.window.open_run is None:
        return view.window.record(step.id).state.value
    # Only where something runs: what looks after runs costs a status line some of its time.
    from state.report.standing import step_state, unseen_end

    unseen = unseen_end(view.directory, view.window, view.verdicts.at)
    state = step_state(view.window, step.id, unseen)
    return unseen.short if unseen is not None and state == unseen.state else state.replace("_", " ")


def phase(window: Window) -> str:
    """After the outcome that too: what is named first is what was attempted."""
    stage = window.phase.replace("_", "-")
    return f"{window.outcome} · {stage}" if window.outcome else stage


def put_right(window: Window) -> str:
    """That the database may be empty, and the command that puts it right."""
    run = window.restore_run
    if run is None:
        return ""
    if window.open_run is not None and window.open_run.id == run.id:
        return "The database is being restored: it may be empty or half until make db-restore has ended."
    path = run.variables.get("RESTORE_PATH", "")
    return (
        "THE DATABASE MAY BE EMPTY: a restore began and has not ended well. "
        f"Run the restore step again: RESTORE_PATH={path} make db-restore"
    )
