"""A practice deployment is created, opened, held and ended; two of them leave one another alone."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from state.rehearsal import practice, processes
from state.rehearsal.layout import PROCESSES, PracticeError
from state.rehearsal.processes import running
from state.settings import load as load_settings


def alive(site: Any) -> list[str]:
    return [name for name in PROCESSES if running(site.layout, name)]


def process_id(site: Any, name: str) -> int:
    return int((site.layout.run / f"{name}.lock").read_text())


def test_the_settings_are_those_of_drawbridge(rehearse: Any) -> None:
    site = rehearse(pace=0.25)
    settings = load_settings(site.practice.config)
    assert settings.environment == "practice"
    assert settings.state == site.practice.state
    assert settings.api.urls == tuple(site.layout.url(server) for server in ("api-1", "api-2"))
    assert settings.api.token_file == site.layout.token
    assert settings.make.directory == site.layout.site
    assert settings.judgement.ready_for == 3.75
    assert settings.api.reconcile_every == 1.25
    assert settings.smoke.repository in [repo["repoKey"] for repo in site.ask("/v1/repos")[1]]
    for step, target in {
        "deploy": "deploy",
        "stop-release": "stop",
        "redeploy-previous": "redeploy",
        "start-previous": "start",
    }.items():
        assert settings.command(step) == ("make", target)
    assert (site.layout.site / str(settings.judgement.thresholds)).is_file()


def test_opening(rehearse: Any, tmp_path: Path) -> None:
    site = rehearse()
    assert practice.open_existing(tmp_path / "nowhere") is None
    assert practice.open_existing(site.practice.root) == site.practice
    with pytest.raises(PracticeError, match="not empty"):
        practice.create(site.practice.root, "smooth")
    (site.practice.root / "practice.json").write_text("{")
    with pytest.raises(PracticeError, match="damaged"):
        practice.open_existing(site.practice.root)


def test_opening_points_the_recipes_to_the_python_of_today(rehearse: Any) -> None:
    site = rehearse()
    path = site.practice.root / "practice.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"python": "/gone/python", "source": "/gone"}))
    (site.layout.site / "practice.mk").write_text("export PRACTICE_PYTHON := /gone/python\n")
    assert site.make("ci-status").returncode == 2
    assert practice.open_existing(site.practice.root) == site.practice
    site.made("ci-status")


def test_a_creation_that_was_cut_is_begun_anew(tmp_path: Path) -> None:
    root = tmp_path / "cut"
    (root / "site" / "releases").mkdir(parents=True)
    (root / ".creating").touch()
    made = practice.create(root, "smooth", pace=0.1)
    practice.remove(made)
    assert not root.exists()


def test_a_killed_process_is_started_again_and_the_others_stay(rehearse: Any, until: Any) -> None:
    site = rehearse()
    before = {name: process_id(site, name) for name in PROCESSES}
    os.kill(before["api-2"], signal.SIGKILL)
    until(lambda: alive(site) == ["api-1", "worker"])
    practice.start(site.practice)
    after = {name: process_id(site, name) for name in PROCESSES}
    assert after["api-2"] != before["api-2"]
    assert (after["api-1"], after["worker"]) == (before["api-1"], before["worker"])
    assert site.ask("/health/ready", server="api-2")[0] == 200


def test_a_dead_worker_lets_the_backlog_grow(rehearse: Any, until: Any) -> None:
    site = rehearse()
    os.kill(process_id(site, "worker"), signal.SIGKILL)
    until(lambda: site.summary()["oldestPendingOutboxAgeSeconds"] >= 2)
    assert site.summary()["pendingOutboxEvents"] > 0


def test_stopping_signals_no_stranger(rehearse: Any, until: Any) -> None:
    site = rehearse()
    practice.stop(site.practice)
    assert alive(site) == []
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        (site.layout.run / "worker.lock").write_text(str(stranger.pid))
        practice.stop(site.practice)
        assert stranger.poll() is None
        practice.start(site.practice)
        assert process_id(site, "worker") != stranger.pid
    finally:
        stranger.kill()
        stranger.wait(timeout=10)


def test_two_deployments_do_not_disturb_one_another(rehearse: Any) -> None:
    first, second = rehearse(), rehearse("bad-release")
    assert not set(first.layout.ports.values()) & set(second.layout.ports.values())
    second.made("deploy")
    practice.stop(second.practice)
    assert alive(first) == list(PROCESSES)
    assert first.ask("/health/ready")[0] == 200


def test_processes_end_when_their_directory_vanishes(rehearse: Any, until: Any) -> None:
    site = rehearse()
    numbers = [process_id(site, name) for name in PROCESSES]
    shutil.rmtree(site.practice.root, ignore_errors=True)
    shutil.rmtree(site.practice.root, ignore_errors=True)
    until(lambda: all(ended(number) for number in numbers))


def ended(number: int) -> bool:
    for child in processes._started:
        if child.pid == number:
            return child.poll() is not None
    raise AssertionError(f"nobody started {number} here")


def test_processes_end_when_nobody_looks(rehearse: Any, until: Any) -> None:
    site = rehearse(unused_for=1.5)
    with practice.hold(site.practice.root), practice.hold(site.practice.root):
        numbers = {process_id(site, name) for name in PROCESSES}
        with pytest.raises(AssertionError):
            until(lambda: alive(site) != list(PROCESSES), seconds=3.5)
        assert {process_id(site, name) for name in PROCESSES} == numbers
    until(lambda: alive(site) == [])
    practice.start(site.practice)
    assert alive(site) == list(PROCESSES)
