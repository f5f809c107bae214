"""Where a window stands, as one JSON document and as a few lines."""

from typing import Any

from state.console.silence import of_run as silent_for
from state.deployment.runs import probe
from state.events import Actor
from state.host.locks import is_held
from state.journal.directory import DRIVER_LOCK, MAIL, RUNS, WATCH_LOCK
from state.journal.presence import present
from state.judgement.triggers import Trigger
from state.report.moments import dated, iso
from state.report.short import as_line, put_right
from state.report.standing import Unseen, step_state, unseen_end
from state.runbook import Step
from state.text import printable
from state.view import View, samples_taken
from state.window import COUNTS_FOR, Run, Window


def as_json(view: View) -> dict[str, Any]:
    """The document of `status --json`; times are ISO 8601 in UTC, durations seconds."""
    window = view.window
    current = window.current
    run = _latest_run(window)
    unseen = unseen_end(view.directory, window, view.verdicts.at)
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
        else {"id": current.id, "title": current.title, "state": step_state(window, current.id, unseen)},
        "steps": [_step(window, step, unseen) for step in window.checklist],
        "database_may_be_empty": window.may_be_empty,
        "driver": _driver(view),
        "operators": list(window.operators),
        "observers": [_person(one.person) for one in present(view.directory / MAIL)],
        "approval": _approval(window),
        "run": None if run is None else _run(view, run, unseen),
        "sampling": _sampling(view),
        **_judged(view),
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


def _step(window: Window, step: Step, unseen: Unseen | None) -> dict[str, Any]:
    record = window.record(step.id)
    return {
        "id": step.id,
        "phase": step.phase,
        "title": step.title,
        "state": step_state(window, step.id, unseen),
        "by": record.by or None,
        "at": iso(record.at or None),
        "detail": record.detail or None,
        "problem": record.problem or None,
        "run": record.run or None,
    }


def _judged(view: View) -> dict[str, Any]:
    """What judgement says; it keeps moments in seconds."""
    said = view.verdicts.as_json()
    return {**said, "gates": [{**gate, "numbers": dated(gate["numbers"])} for gate in said["gates"]]}


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


def run_end(run: Run, end: Unseen | None) -> dict[str, Any]:
    """A run as JSON values, with what its directory says of its end where the journal does not have that."""
    return {
        "id": run.id,
        "step": run.step,
        "target": run.title,
        "state": end.state if end else run.state.value,
        "in_journal": end is None,
        "exit_code": end.probe.exit_code if end else run.exit_code,
        "ended": iso(end.probe.ended_at if end else run.ended_at),
    }


def _run(view: View, run: Run, unseen: Unseen | None) -> dict[str, Any]:
    migrations = run.migrations
    directory = view.directory / RUNS / str(run.id)
    is_open = run is view.window.open_run
    end = unseen if is_open else None
    return {
        **run_end(run, end),
        "stands": probe(directory, view.verdicts.at).standing.value,
        "started": iso(run.started_at),
        "silent_seconds": None if end or not is_open else round(silent_for(run, directory, view.verdicts.at)),
        "log": str(directory / "log"),
        "migrations": None if migrations is None else list(migrations.applied),
    }


def _sampling(view: View) -> dict[str, Any] | None:
    sampling = view.window.sampling
    if sampling is None:
        return None
    taken = len(samples_taken(view.window, view.observed))
    return {"step": sampling.step, "taken": taken, "wanted": sampling.wanted}


def _in_danger(window: Window, unseen: Unseen | None) -> str:
    """That the database may be empty; of a restore that no console has seen the end of, how it stands."""
    if unseen is None or unseen.run.step != "restore" or unseen.run.purpose:
        return put_right(window)
    leads_on = f"{unseen.run.title} {unseen.words}. Open the console: it takes that in and leads on."
    return leads_on if unseen.ended_well else f"THE DATABASE MAY BE EMPTY: {leads_on}"


def as_text(view: View) -> str:
    """The window in a few lines, for reading."""
    window, verdicts = view.window, view.verdicts
    unseen = unseen_end(view.directory, window, verdicts.at)
    lines = [as_line(view)]
    if window.may_be_empty:
        lines.append(_in_danger(window, unseen))
    lines += [f"window {window.id} in {view.directory}"]
    lines += [_step_line(window, step, unseen) for step in window.checklist]
    lines += [f"gate {gate.title}: {gate.state.value} ({gate.reason})" for gate in verdicts.gates]
    lines += [f"exception {e.subject}: {e.reason} ({e.owner})" for e in window.exceptions]
    run = window.open_run
    if run is not None:
        stands = unseen.words if unseen else "is running"
        lines.append(f"run {run.id} {run.title} {stands}; log: {view.directory}/runs/{run.id}/log")
    if not is_held(view.directory / DRIVER_LOCK) and window.is_open:
        lines.append("no console drives it: `drawbridge` goes on where it stands")
    return printable("\n".join(lines), newlines=True)


def _step_line(window: Window, step: Step, unseen: Unseen | None) -> str:
    record = window.record(step.id)
    by = f" · {record.by}" if record.by else ""
    problem = f" · {record.problem}" if record.problem else ""
    return f"  {step_state(window, step.id, unseen).replace('_', ' '):<9} {step.title}{by}{problem}"
