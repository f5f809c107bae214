"""Secrets in the environment: the kernel shows none of them, and children inherit only what they need."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import state
from state.host.environ import secret_names

SECRETS = {
    "ARTIFORTRESS_ADMIN_TOKEN": "tok-0123456789",
    "HOOK": "https://hooks.example/T0/B0/x1y2z3",
    "PGPASSWORD": "hunter2hunter2",
    "DATABASE": "postgres://app:geheim99@db/x",
    "EMPTY_TOKEN": "",
}
PLAIN = {"PLAIN": "words = and more", "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}

PROGRAM = """
import json, os, subprocess, sys
from pathlib import Path
from state.host.environ import conceal, environment

conceal(["HOOK", "NOT_THERE"])
from plumbum import local

shown = Path(f"/proc/{os.getpid()}/environ").read_bytes()
print(json.dumps({
    "shown": shown.decode(),
    "child": local["env"]["-0"]().split("\\0"),
    "plain child": subprocess.run(["env", "-0"], capture_output=True, text=True).stdout.split("\\0"),
    "kept": environment(),
}))
"""


def concealed() -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=Path(state.__file__).parents[1],
        env={**SECRETS, **PLAIN},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return dict(json.loads(done.stdout))


def test_what_is_shown_of_the_process_has_no_secret_and_all_the_rest() -> None:
    found = concealed()
    for secret in filter(None, SECRETS.values()):
        assert secret not in found["shown"]
    for name, value in PLAIN.items():
        assert f"{name}={value}\0" in found["shown"]
    assert {**SECRETS, **PLAIN}.items() <= found["kept"].items()


def test_children_get_what_commands_need_and_nothing_of_ours() -> None:
    found = concealed()
    names = {entry.partition("=")[0] for entry in found["child"]}
    assert {"PGPASSWORD", "DATABASE", "PLAIN"} <= names
    assert not {"ARTIFORTRESS_ADMIN_TOKEN", "HOOK"} & names
    assert "PGPASSWORD=hunter2hunter2" in found["child"]
    assert "PLAIN=words = and more" in found["plain child"]
    assert not {"ARTIFORTRESS_ADMIN_TOKEN=tok-0123456789", f"HOOK={SECRETS['HOOK']}"} & {
        *found["plain child"]
    }


def test_secrets_by_name_and_by_look() -> None:
    assert secret_names({**SECRETS, **PLAIN}) == [
        *("ARTIFORTRESS_ADMIN_TOKEN", "PGPASSWORD", "DATABASE", "EMPTY_TOKEN")
    ]
