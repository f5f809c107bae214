"""A run belongs to the login that started it: what the system forbids another one is said in words."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from state.console.outcomes import STOP_GRACE
from state.events import RunSignalled
from state.journal.events import JournalReader

from . import deeds
from .login import PATIENCE, Logins, Refused, Worker
from .place import SharedPlace

_PRECONDITIONS = ("window-approved", "backup-available", "ci-green", "rollback-owner")
#: Ends with the file, and not before, whatever it is told.
_DEAF = "deploy:\n\t@trap '' INT TERM; echo deploying; while [ -e hold ]; do sleep 0.02; done\n"


@pytest.fixture
def sam(logins: Logins) -> Iterator[Worker]:
    with logins.sam.at_work() as worker:
        yield worker


@pytest.fixture
def kim(logins: Logins) -> Iterator[Worker]:
    with logins.kim.at_work() as worker:
        yield worker


@pytest.fixture
def run(shared: SharedPlace, sam: Worker) -> int:
    """A run of Sam, who drives, that goes on until the file `hold` is gone."""
    makefile = shared.site / "Makefile"
    makefile.write_text(makefile.read_text().replace("deploy:", "no-deploy:") + _DEAF)
    (shared.site / "hold").touch()
    sam(deeds.open_a_window, shared.config)
    sam(deeds.attest, *_PRECONDITIONS)
    sam(deeds.start, "backup")
    assert sam(deeds.settle, "backup") == "done"
    sam(deeds.skip, "baseline")
    number = sam(deeds.start, "deploy")
    sam(deeds.wait_for_line, shared.window / "runs" / str(number) / "log", "deploying")
    return number


def signals(window: Path) -> list[tuple[str, str]]:
    """Who sent which signal, as the journal tells it."""
    with closing(JournalReader(window / "journal.db")) as reader:
        assert reader.problem() == ""
        events = reader.after(0)
    return [(each.actor.login, each.event.signal) for each in events if isinstance(each.event, RunSignalled)]


def belongs(run: int, logins: Logins) -> str:
    return (
        f"Run {run} belongs to the login {logins.sam.name}, and no other login can stop it. "
        "Stop it from a console of that login."
    )


def test_the_other_login_is_refused_before_anything_is_journalled(
    shared: SharedPlace, logins: Logins, sam: Worker, kim: Worker, run: int
) -> None:
    sam(deeds.leave)
    assert kim(deeds.take_the_drive, shared.config, shared.window) == ""
    assert kim(deeds.stop, run) == belongs(run, logins)
    assert signals(shared.window) == []
    kim(deeds.leave)
    assert sam(deeds.take_the_drive, shared.config, shared.window) == ""
    assert sam(deeds.stop, run) == ""
    assert signals(shared.window) == [(logins.sam.name, "INT")]


def test_a_stop_that_the_other_login_cannot_go_on_with_is_said(
    shared: SharedPlace, logins: Logins, sam: Worker, kim: Worker, run: int
) -> None:
    assert sam(deeds.stop, run) == ""
    sam(deeds.leave)
    assert kim(deeds.take_the_drive, shared.config, shared.window, 2 * STOP_GRACE) == ""
    assert belongs(run, logins) in kim(deeds.tick)
    assert signals(shared.window) == [(logins.sam.name, "INT")]
    (shared.site / "hold").unlink()
    kim(deeds.settle, "deploy")
    assert belongs(run, logins) not in kim(deeds.tick)
    assert signals(shared.window) == [(logins.sam.name, "INT")]


def test_a_signal_that_the_system_forbids_is_an_error(shared: SharedPlace, kim: Worker, run: int) -> None:
    directory = shared.window / "runs" / str(run)
    group = (directory / "pid").read_text().strip()
    with pytest.raises(Refused) as error:
        kim(deeds.signal_run, directory, "INT")
    assert str(error.value) == (
        f"RunError: What is left of run {run} belongs to another login. "
        f"Stop it as root with `kill -s INT -- -{group}`."
    )
    # The mend mends, as long as it is not deaf.
    subprocess.run(["/bin/sh", "-c", f"kill -s KILL -- -{group}"], check=True)


def test_what_a_run_left_to_another_login_is_said(
    shared: SharedPlace, logins: Logins, sam: Worker, run: int
) -> None:
    """As sudo in a recipe does: the run is Sam's, and what still runs of it is not."""
    command = logins.kim.argv("sleep", "60")
    with subprocess.Popen(command, start_new_session=True) as stranger:
        try:
            (shared.window / "runs" / str(run) / "pid").write_text(f"{stranger.pid}\n")
            sam(deeds.until_owner, stranger.pid, logins.kim.uid)
            assert sam(deeds.stop, run) == ""
            assert f"kill -s INT -- -{stranger.pid}`" in sam(deeds.tick)
            assert os.waitid(os.P_PID, stranger.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
        finally:
            stranger.kill()
            stranger.wait(timeout=PATIENCE)
    (shared.site / "hold").unlink()
