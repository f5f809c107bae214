"""deploy, stop, redeploy and start swap real processes on ports that stay, and leave nothing behind."""

import fcntl
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from state.rehearsal import practice
from state.rehearsal.layout import PROCESSES
from state.rehearsal.processes import running


def test_deploy_refuses_connections_for_a_while_and_keeps_the_ports(rehearse: Any, until: Any) -> None:
    site = rehearse(pace=0.3)
    ports = site.layout.ports
    deploy = site.begin("deploy")
    until(lambda: not running(site.layout, "api-1"))
    with pytest.raises(OSError, match="refused"):
        site.ask("/health/live")
    assert deploy.wait(timeout=30) == 0
    assert site.layout.ports == ports
    assert "essential" in site.ask("/health/ready")[1]["dependencies"][0]


def test_a_deployed_process_inherits_no_lock(rehearse: Any, tmp_path: Path) -> None:
    site = rehearse()
    lock = os.open(tmp_path / "keeper.lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)
    made = subprocess.Popen([*site.command, "deploy"], pass_fds=(lock,), stdout=subprocess.PIPE, text=True)
    os.close(lock)
    out, _ = made.communicate(timeout=30)
    assert "v1.5.0 (a1b2c3d) is running." in out
    probe = os.open(tmp_path / "keeper.lock", os.O_RDWR)
    fcntl.flock(probe, fcntl.LOCK_SH | fcntl.LOCK_NB)
    os.close(probe)


def test_what_make_stopped_only_make_starts(rehearse: Any) -> None:
    site = rehearse()
    site.made("stop")
    practice.start(site.practice)
    assert not any(running(site.layout, name) for name in PROCESSES)
    out = site.made("redeploy", START="no")
    assert "v1.4.2 is installed, not started." in out
    assert not any(running(site.layout, name) for name in PROCESSES)
    site.made("start")
    assert all(running(site.layout, name) for name in PROCESSES)


def test_a_deploy_that_was_killed_stays_down_until_it_is_run_again(rehearse: Any, until: Any) -> None:
    site = rehearse(pace=0.3)
    deploy = site.begin("deploy")
    until(lambda: not any(running(site.layout, name) for name in PROCESSES))
    os.killpg(deploy.pid, signal.SIGKILL)
    deploy.wait(timeout=10)
    practice.start(site.practice)
    assert not any(running(site.layout, name) for name in PROCESSES)
    site.made("deploy")
    assert site.ask("/health/ready")[0] == 200


def test_redeploy_brings_the_previous_release_back(rehearse: Any) -> None:
    site = rehearse()
    site.made("deploy")
    site.made("redeploy")
    assert "essential" not in site.ask("/health/ready")[1]["dependencies"][0]
    assert len(list(site.layout.migrations.iterdir())) == 5


def test_smoke_fails_with_a_sentence_when_the_api_is_down(rehearse: Any) -> None:
    site = rehearse()
    assert "Smoke checks passed" in site.made("smoke")
    site.made("stop")
    failed = site.make("smoke")
    assert failed.returncode == 2
    assert "FAILED  GET /v1/auth/whoami on api-1" in failed.stderr
    assert "Error 1" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_ci_is_green(rehearse: Any) -> None:
    assert "passed" in rehearse().made("ci-status")
