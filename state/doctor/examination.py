"""The order of the examination, and what is left out where its ground is missing."""

import os
import pwd
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from state.console.opening import policy_of
from state.doctor import backups, commands, host, replicas, store, terminal, token
from state.doctor.check import Check, fail, ok, warn
from state.host.groups import group_name
from state.host.modes import group_of
from state.journal.mounts import MOUNTINFO
from state.settings import Settings, SettingsError, find, load, state_directory
from state.text import printable
from state.text.counting import counted

Part = tuple[str, Callable[[], Iterator[Check]]]


def examine(
    config: Path | None, env: Mapping[str, str], cwd: Path, at_terminal: bool = True
) -> Iterator[Check]:
    """One check after the other, as they are found; raises nothing for what it finds.

    `config` is that of `--config`; `at_terminal` where the console would be drawn on the own terminal.
    Asks the deployment for one ops summary, which writes one row to its audit log; changes nothing
    else, there or here.
    """
    for subject, part in _parts(config, env, cwd):
        if subject == "terminal" and not at_terminal:
            continue
        try:
            for check in part():
                yield replace(check, words=printable(check.words), mend=printable(check.mend))
        except OSError as error:
            what = printable(f"{error.filename}: {error.strerror}" if error.filename else str(error))
            yield fail(
                subject, f"could not be examined ({what})", "mend what it names, then run doctor again"
            )
        except Exception as error:
            # Whatever else goes wrong with one part must not hide what the others find.
            yield fail(subject, f"could not be examined ({printable(repr(error))[:200]})")


def _parts(config: Path | None, env: Mapping[str, str], cwd: Path) -> Iterator[Part]:
    settings, found = _settings(config, env, cwd)
    yield "settings", lambda: iter(found)
    if settings is not None or env.get("DRAWBRIDGE_STATE"):
        state = state_directory(settings, env)
        group = _group(settings, state)
        yield (
            "state directory",
            lambda: store.examine(state, MOUNTINFO.read_text(errors="surrogateescape"), group),
        )
    yield "terminal", lambda: terminal.examine(env)
    yield "host", lambda: host.examine(pwd.getpwuid(os.getuid()).pw_name)
    if settings is None:
        yield "skipped", lambda: iter([_skipped(env)])
        return
    make, judged = settings.make, settings.judgement
    yield "thresholds", lambda: _thresholds(settings)
    yield "API", lambda: replicas.examine(settings.api)
    yield "token", lambda: token.examine(settings.api, env)
    yield "make", lambda: commands.examine(settings, env)
    yield "channel", lambda: _channel(settings, env)
    yield (
        "backup directory",
        lambda: backups.examine(
            make.backup_directory, judged.backup_stale_after, time.time(), settings.people.group
        ),
    )


def _group(settings: Settings | None, state: Path) -> str | None:
    """Who shares the state directory; without settings the directory itself has to tell."""
    if settings is not None:
        return settings.people.group
    number = group_of(state) if state.is_dir() else None
    return None if number is None else group_name(number)


def _settings(config: Path | None, env: Mapping[str, str], cwd: Path) -> tuple[Settings | None, list[Check]]:
    try:
        settings = load(find(config, env, cwd))
    except SettingsError as error:
        return None, [fail("settings", line) for line in str(error).splitlines()]
    except OSError as error:
        return None, [
            fail("settings", f"{error.filename} cannot be reached ({error.strerror})", "mend its modes")
        ]
    return settings, [ok("settings", f"{settings.path}, environment {settings.environment}")]


def _skipped(env: Mapping[str, str]) -> Check:
    where = "" if env.get("DRAWBRIDGE_STATE") else "state directory, "
    parts = f"{where}thresholds, API, token, make and backup directory"
    return warn("skipped", f"{parts} could not be examined without the settings", "mend the settings first")


def _thresholds(settings: Settings) -> Iterator[Check]:
    try:
        policy = policy_of(settings)
    except SettingsError as error:
        yield fail("thresholds", str(error))
        return
    yield ok("thresholds", f"{policy.limits_source}, for {counted(len(policy.limits), 'metric')}")


def _channel(settings: Settings, env: Mapping[str, str]) -> Iterator[Check]:
    """Whether messages can be posted, where the settings want them to be."""
    variable = settings.comms.webhook_env
    if variable is None:
        return
    if not env.get(variable):
        yield warn(
            "channel",
            f"the variable {variable} is not set: messages can be copied, not posted",
            f"set {variable} to the webhook's address, or leave [comms] webhook_env out",
        )
        return
    yield ok("channel", f"messages are posted to the address in {variable}")
