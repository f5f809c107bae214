"""Where a window stands, as one JSON document and as a few lines."""

from datetime import UTC, datetime
from typing import Any

from state.console.silence import of_run as silent_for
from state.deployment.runs import Standing, probe
from state.events import Actor
from state.host.locks import is_held
from state.journal.directory import DRIVER_LOCK, MAIL, RUNS, WATCH_LOCK
from state.journal.presence import present
from state.judgement.triggers import Trigger
from state.report.short import as_line, put_right
from state.text import printable
from state.view import View, samples_taken
from state.window import COUNTS_FOR, Run, Window


def as_json(view: View) -> dict[str, Any]:
    """The document of `status --json`; times are ISO 8601 in UTC, durations seconds."""
    window = view.window
    current = window.current
    run = _latest_run(window)
    return {
        "window": window.id,
        "environment": window.environment,
        "release": window.release,
        "previous_release": window.previous_release,
        "practice": window.practice,
        "phase": window.phase,
        "outcome": window.outcome or None,
        "opened": iso(window.opened_at),
        "closes": iso(window.closes_at),
        "closed": iso(window.closed_at),
        "step": None
        if current is None
        else {"id": current.id, "title": current.title, "state": window.record(current.id).state.value},
        "steps": [_step(window, step.id, step.phase, step.title) for step in window.checklist],
        "database_may_be_empty": window.may_be_empty,
        "driver": _driver(view),
        "operators": list(window.operators),
        "observers": [_person(one.person) for one in present(view.directory / MAIL)],
        "approval": _approval(window),
        "run": None if run is None else _run(view, run),
        "sampling": _sampling(view),
        **view.verdicts.as_json(),
        "triggers": [_trigger(window, trigger) for trigger in view.triggers],
        "missing_blobs": dict(zip(("baseline", "current"), view.missing_blobs, strict=True)),
        "incident": window.incident.ticket if window.incident else None,
        "rollback": _rollback(view),
        "baseline_warnings": list(view.baseline_warnings(view.verdicts.at)),
        "notes": [{"at": iso(n.at), "by": n.by, "text": n.text} for n in window.notes],
        "exceptions": [
            {"subject": e.subject, "reason": e.reason, "owner": e.owner, "at": iso(e.at)}
            for e in window.exceptions
        ],
        "watch": {
            "alive": is_held(view.directory / WATCH_LOCK),
            "since": iso(view.observed.watch_since),
            "polls": view.observed.polls,
        },
        "directory": str(view.directory),
    }


def _step(window: Window, step_id: str, phase: str, title: str) -> dict[str, Any]:
    record = window.record(step_id)
    return {
        "id": step_id,
        "phase": phase,
        "title": title,
        "state": record.state.value,
        "by": record.by or None,
        "at": iso(record.at or None),
        "detail": record.detail or None,
        "problem": record.problem or None,
        "run": record.run or None,
    }


def _trigger(window: Window, trigger: Trigger) -> dict[str, Any]:
    record = window.triggers.get(trigger.id)
    state = "armed" if record is None else "waved off" if record.waved else "tripped"
    return {
        "id": trigger.id,
        "state": state,
        "reason": record.reason if record else trigger.reason,
        "waved": (record.waved or None) if record else None,
        "held_for_seconds": trigger.held_for,
        "held_of_seconds": trigger.held_of,
    }


def _rollback(view: View) -> dict[str, Any] | None:
    begun = view.window.rollback
    if begun is None:
        return None
    backup = view.window.backup
    return {
        "depth": begun.depth,
        "why": begun.why,
        "begun": iso(begun.begun_at),
        "by": begun.by,
        "loses": begun.loses or None,
        "backup": backup.path if backup and begun.restores else None,
        "restored": iso(view.window.restored_at),
    }


def _driver(view: View) -> dict[str, Any] | None:
    driver = view.window.driver
    if driver is None:
        return None
    return {
        **_person(driver.actor),
        "pid": driver.pid,
        "since": iso(driver.attached_at),
        "alive": is_held(view.directory / DRIVER_LOCK),
    }


def _person(actor: Actor) -> dict[str, Any]:
    return {
        "operator": actor.operator,
        "login": actor.login,
        "host": actor.host,
        "terminal": actor.terminal or None,
        "ssh_origin": actor.ssh_origin or None,
    }


def _approval(window: Window) -> dict[str, Any] | None:
    asked = window.approval
    if asked is None:
        return None
    return {
        "request": asked.request,
        "subject": asked.subject,
        "words": list(asked.words),
        "requested": iso(asked.requested_at),
        "requested_by": asked.requested_by.operator,
        "approved": iso(asked.approved_at),
        "approved_by": _person(asked.approved_by) if asked.approved_by else None,
        "counts_until": None if asked.approved_at is None else iso(asked.approved_at + COUNTS_FOR),
    }


def _latest_run(window: Window) -> Run | None:
    return window.open_run or next(reversed(tuple(window.runs.values())), None)


def _run(view: View, run: Run) -> dict[str, Any]:
    migrations = run.migrations
    directory = view.directory / RUNS / str(run.id)
    open_run = view.window.open_run.id if view.window.open_run else 0
    return {
        "id": run.id,
        "step": run.step,
        "target": run.title,
        "state": run.state.value,
        "stands": probe(directory, view.verdicts.at).standing.value,
        "exit_code": run.exit_code,
        "started": iso(run.started_at),
        "ended": iso(run.ended_at),
        "silent_seconds": round(silent_for(run, directory, view.verdicts.at)) if run.id == open_run else None,
        "log": str(directory / "log"),
        "migrations": None if migrations is None else list(migrations.applied),
    }


def _sampling(view: View) -> dict[str, Any] | None:
    sampling = view.window.sampling
    if sampling is None:
        return None
    taken = len(samples_taken(view.window, view.observed))
    return {"step": sampling.step, "taken": taken, "wanted": sampling.wanted}


def iso(at: float | None) -> str | None:
    """ISO 8601 in UTC."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


#: What a run's directory tells, where no console has taken it in yet.
_STANDS = {
    Standing.RUNNING: "is running",
    Standing.KILLED: "was killed; how far it came is unknown",
    Standing.REBOOTED: "was cut by a reboot; how far it came is unknown",
    Standing.NEVER_STARTED: "was never started",
    Standing.NO_ROOM: "was never started: the disk had no room for it",
}


def _stands(view: View, run: Run) -> str:
    """How a run stands now: the journal knows only what a console has seen."""
    probed = probe(view.directory / RUNS / str(run.id), view.verdicts.at)
    if probed.standing is Standing.FINISHED:
        return f"has ended with exit status {probed.exit_code}"
    return _STANDS[probed.standing]


def _in_danger(view: View) -> str:
    """That the database may be empty; of a restore that no console has seen the end of, how it stands."""
    run = view.window.open_run
    if run is None or run.step != "restore" or run.purpose:
        return put_right(view.window)
    stands = _stands(view, run)
    if stands == _STANDS[Standing.RUNNING]:
        return put_right(view.window)
    leads_on = f"{run.title} {stands}. Open the console: it takes that in and leads on."
    return leads_on if stands.endswith("status 0") else f"THE DATABASE MAY BE EMPTY: {leads_on}"


def as_text(view: View) -> str:
    """The window in a few lines, for reading."""
    window, verdicts = view.window, view.verdicts
    lines = [as_line(view)]
    if window.may_be_empty:
        lines.append(_in_danger(view))
    lines += [f"window {window.id} in {view.directory}"]
    for step in window.checklist:
        record = window.record(step.id)
        by = f" · {record.by}" if record.by else ""
        problem = f" · {record.problem}" if record.problem else ""
        lines.append(f"  {record.state.value:<9} {step.title}{by}{problem}")
    lines += [f"gate {gate.title}: {gate.state.value} ({gate.reason})" for gate in verdicts.gates]
    lines += [f"exception {e.subject}: {e.reason} ({e.owner})" for e in window.exceptions]
    run = window.open_run
    if run is not None:
        lines.append(
            f"run {run.id} {run.title} {_stands(view, run)}; log: {view.directory}/runs/{run.id}/log"
        )
    if not is_held(view.directory / DRIVER_LOCK) and window.is_open:
        lines.append("no console drives it: `drawbridge` goes on where it stands")
    return printable("\n".join(lines), newlines=True)
