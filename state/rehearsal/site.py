"""Everything that lies in a new practice deployment: site, settings, database, last night's backup."""

import json
import os
import shutil
import time
from importlib.resources import files
from pathlib import Path

from state.rehearsal import access, database, dump, migrations, releases, seed
from state.rehearsal.layout import SERVERS, Layout, replace_file

#: Age of the backup that a new deployment comes with, in seconds.
_NIGHTLY_AGE = 2 * 3_600.0

_THRESHOLDS = (
    ("pendingOutboxEvents", "warning", 50, "the outbox is nearly empty in steady state"),
    ("pendingOutboxEvents", "critical", 200, "deliveries are delayed"),
    ("oldestPendingOutboxAgeSeconds", "warning", 300, "the worker lags"),
    ("oldestPendingOutboxAgeSeconds", "critical", 900, "somebody must look at the worker"),
    ("failedSearchJobs", "warning", 5, "indexing is unreliable"),
    ("failedSearchJobs", "critical", 20, "search results are stale"),
    ("incompleteGcRuns", "warning", 0, "a collection hangs"),
    ("recentPolicyTimeouts24h", "warning", 0, "policy timeouts are rare"),
)

#: Seconds between two readiness polls. Three of them must be longer than the slowest answer of any
#: scenario, or a slow API would be called unknown between its answers.
READY_EVERY = 2.0

#: Keys of [judgement] that are durations, in seconds at pace 1: a whole window takes minutes, and what is
#: only waited for no longer than it takes to read what is on the screen.
_DURATIONS = {
    "ready_for": 15.0,
    "sustained_for": 30.0,
    "release_after": 10.0,
    "unplanned_allowed": 60.0,
    "grace": 5.0,
    "ramp_for": 15.0,
    "trigger_after": 10.0,
}


def build(layout: Layout) -> None:
    """Fill the directory of a new deployment, the previous release installed and nothing started."""
    for directory in (layout.site, layout.backups, layout.objects, layout.run, layout.root / "state"):
        directory.mkdir(mode=0o700, exist_ok=True)
    shutil.copyfile(Path(str(files("state.rehearsal"))) / "Makefile", layout.site / "Makefile")
    write_python(layout)
    (layout.site / "deploy").mkdir(exist_ok=True)
    replace_file(layout.site / "deploy" / "phase6-alert-thresholds.yaml", _thresholds())
    replace_file(layout.root / "drawbridge.toml", _settings(layout))
    releases.unpack(layout)
    releases.install(layout, releases.PREVIOUS)
    _fill(layout)
    _nightly_backup(layout)


def write_python(layout: Layout) -> None:
    """Tell the Makefile which Python runs its recipes, and where that finds the package."""
    values = {"PRACTICE_PYTHON": layout.python, "PYTHONPATH": layout.source}
    lines = (f"export {name} := {_make_value(value)}\n" for name, value in values.items())
    replace_file(layout.site / "practice.mk", "".join(lines))


def _make_value(text: str) -> str:
    return text.replace("$", "$$").replace("#", "\\#")


def _thresholds() -> str:
    lines = ["phase6_alert_thresholds:", "  source_endpoint: /v1/admin/ops/summary", "  checks:"]
    for metric, severity, threshold, rationale in _THRESHOLDS:
        lines += [
            f"    - metric: {metric}",
            f"      severity: {severity}",
            '      comparator: ">"',
            f"      threshold: {threshold}",
            f'      rationale: "{rationale}"',
        ]
    return "\n".join(lines) + "\n"


def _settings(layout: Layout) -> str:
    urls = ", ".join(_quoted(layout.url(server)) for server in SERVERS)
    judgement = "\n".join(f'{key} = "{_seconds(value, layout)}"' for key, value in _DURATIONS.items())
    return f"""\
# Settings of a practice deployment, made with it. Durations are shortened.
environment = "practice"
state = {_quoted(layout.root / "state")}

[api]
urls = [{urls}]
token_file = {_quoted(layout.token)}
ready_every = "{_seconds(READY_EVERY, layout)}"
summary_every = "{_seconds(2, layout)}"
reconcile_every = "{_seconds(5, layout)}"

[make]
directory = {_quoted(layout.site)}
backup_directory = {_quoted(layout.backups)}

[steps.ci-green]
command = ["make", "ci-status"]
[steps.deploy]
command = ["make", "deploy"]
[steps.smoke]
command = ["make", "smoke"]
[steps.stop-release]
command = ["make", "stop"]
[steps.redeploy-previous]
command = ["make", "redeploy"]
[steps.start-previous]
command = ["make", "start"]

[people]
second_operator = "restore"
distinct_login = false

[smoke]
repository = {_quoted(seed.SMOKE_REPOSITORY)}

[judgement]
thresholds = "deploy/phase6-alert-thresholds.yaml"
samples = 3
{judgement}
"""


def _quoted(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)


def _seconds(value: float, layout: Layout) -> str:
    milliseconds = round(value * layout.pace * 1_000)
    return f"{milliseconds}ms" if milliseconds % 1_000 else f"{milliseconds // 1_000}s"


def _fill(layout: Layout) -> None:
    database.create(layout.database())
    migrations.apply_pending(layout, _silent, _at_once)
    lives = layout.scenario.token_lives_for
    expires = None if lives is None else time.time() + lives * layout.pace
    with database.transaction(layout.database()) as link:
        seed.fill(layout, link)
        token = access.issue(link, "ops@practice", access.ADMIN_SCOPES, expires)
    replace_file(layout.token, token + "\n")


def _nightly_backup(layout: Layout) -> None:
    at = time.time() - _NIGHTLY_AGE
    name = time.strftime("artifortress-backup-%Y%m%d-%H%M%S.sql", time.localtime(at))
    path = layout.backups / name
    with path.open("w", encoding="utf-8", newline="\n") as out:
        dump.write(layout.database(), out, _silent, _at_once)
    os.utime(path, (at, at))


def _silent(line: str) -> None:
    """Creation shows no recipe's output."""


def _at_once(seconds: float) -> None:
    """Creation does not wait."""
