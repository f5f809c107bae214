"""A first `drawbridge.toml`, with comments for whoever reads it; written whole, and never over another."""

import json
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from state.settings.errors import SettingsError


class Draft(Struct, frozen=True):
    """What a first settings file says. Paths are absolute; `targets` are make targets that are there.

    The token comes from `token_command`, else from `token_file`, else from the environment's variable.
    """

    environment: str
    urls: tuple[str, ...]
    make_directory: str
    backup_directory: str
    token_command: tuple[str, ...] = ()
    token_file: str = ""
    thresholds: str = ""
    targets: frozenset[str] = frozenset()


#: The steps that a site has a command of its own for, and the make target that such a command may be.
STEP_TARGETS = {
    "deploy": ("deploy", "puts the binaries of the release in place"),
    "smoke": ("smoke", "what must work before the outcome is declared"),
    "ci-green": ("ci-status", "whether the release's pipeline passed"),
    "stop-release": ("stop", "the way back: API and worker stand still"),
    "redeploy-previous": ("redeploy", "the way back: the previous binaries; gets START=no before a restore"),
    "start-previous": ("start", "the way back: after a restore"),
}


def text(draft: Draft) -> str:
    """The draft as TOML."""
    return "\n".join([*_needed(draft), *_steps(draft), *_judgement(draft), *_people(), ""])


def _needed(draft: Draft) -> list[str]:
    return [
        "# Drawbridge settings. An unknown key or a wrong type is an error that names the line.",
        '# Durations are written as "2s", "10m" or "1h30m". `drawbridge doctor` checks all of it.',
        "",
        "# In the frame of every screen (red for production), and typed in what confirms a rollback.",
        f"environment = {quoted(draft.environment)}",
        "",
        "[api]",
        "# Every replica; the first one also answers the ops summary.",
        f"urls = {_list(draft.urls)}",
        *_token(draft),
        '#ready_every = "2s"',
        '#summary_every = "15s"         # each summary writes one audit row',
        "",
        "[make]",
        "# The Artifortress checkout whose Makefile is run, and where its backups go.",
        f"directory = {quoted(draft.make_directory)}",
        f"backup_directory = {quoted(draft.backup_directory)}",
        '#environment = { POSTGRES_DB = "artifortress" }',
        "",
    ]


def _token(draft: Draft) -> list[str]:
    said = "# Where the admin token comes from, never the token itself:"
    if draft.token_command:
        return [f"{said} what a command prints.", f"token_command = {_list(draft.token_command)}"]
    if draft.token_file:
        return [f"{said} a file of mode 0600.", f"token_file = {quoted(draft.token_file)}"]
    return [
        f"{said} the variable ARTIFORTRESS_ADMIN_TOKEN, or",
        '#token_command = ["pass", "show", "artifortress/admin"]',
        '#token_file = "/etc/drawbridge/token"    # mode 0600',
    ]


def _steps(draft: Draft) -> list[str]:
    lines = [
        "# Steps with a command of the site's own; without one the operator attests the step. Switched on is",
        "# what the Makefile has: see to it that each of them does what is said beside it.",
    ]
    for step, (target, why) in STEP_TARGETS.items():
        mark = "" if target in draft.targets else "#"
        lines += [f"{mark}[steps.{step}]    # {why}", f'{mark}command = ["make", "{target}"]']
    return [*lines, ""]


def _judgement(draft: Draft) -> list[str]:
    lines = ["[judgement]"]
    if draft.thresholds:
        lines += ["# Relative to make.directory.", f"thresholds = {quoted(draft.thresholds)}"]
    else:
        lines += ['#thresholds = "deploy/phase6-alert-thresholds.yaml"    # else those built in']
    return [*lines, '#ready_for = "10m"             # how long ready without a gap counts as stable', ""]


def _people() -> list[str]:
    return [
        "[people]",
        'second_operator = "restore"    # never | restore | rollback | always',
        "#distinct_login = true          # the second operator confirms from another login",
        '#group = "artifortress-ops"    # a POSIX group whose logins share the state directory',
        "",
        "[comms]",
        '#channel = "#ops-artifortress"',
        '#webhook_env = "DRAWBRIDGE_WEBHOOK"    # the variable with the address for messages',
    ]


def quoted(value: str) -> str:
    """A TOML string: as JSON has it, but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: tuple[str, ...]) -> str:
    return f"[{', '.join(map(quoted, values))}]"


def write(path: Path, content: str, check: Callable[[Path], object]) -> None:
    """Puts a new file of mode 0600 at `path`, whole, or leaves everything as it was.

    `check` reads it under another name first. Raises SettingsError where a file is there already or
    `check` refuses, OSError where the system does.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        check(draft)
        # A link fails where the name is taken; a rename would take it.
        os.link(draft, path)
    except FileExistsError:
        raise SettingsError(f"{path} is there already and stays as it is: move it away first.") from None
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()
