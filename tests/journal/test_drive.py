"""One console drives a window: its lock dies with it, and can be taken over from one that is frozen."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import state as package
from state.host.locks import is_held
from state.journal import directory as places
from state.journal.directory import DirectoryError
from state.journal.drive import Drive, turn

ROOT = Path(package.__file__).parents[1]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_one_drives(tmp_path: Path) -> None:
    lock = tmp_path / places.DRIVER_LOCK
    assert not is_held(lock)
    drive = Drive.take(tmp_path)
    assert drive is not None
    assert mode(lock) == 0o600
    assert is_held(lock)
    assert Drive.take(tmp_path, patience=0.05) is None
    drive.release()
    drive.release()
    assert not is_held(lock)
    with Drive.take(tmp_path) or pytest.fail("the drive is free"):
        assert is_held(lock)
    assert not is_held(lock)


def test_looking_at_the_lock_does_not_take_it(tmp_path: Path) -> None:
    drive = Drive.take(tmp_path)
    assert drive is not None
    drive.release()
    for _ in range(50):
        assert not is_held(tmp_path / places.DRIVER_LOCK)
        taken = Drive.take(tmp_path, patience=0.0)
        assert taken is not None
        taken.release()


def test_the_drive_dies_with_its_process(tmp_path: Path) -> None:
    program = (
        "import sys, signal; from pathlib import Path; from state.journal.drive import Drive\n"
        "drive = Drive.take(Path(sys.argv[1])); print(drive is not None, flush=True); signal.pause()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "True\n"
        assert Drive.take(tmp_path, patience=0.05) is None
        os.kill(child.pid, signal.SIGKILL)
        child.wait(timeout=10)
    drive = Drive.take(tmp_path)
    assert drive is not None
    drive.release()


def test_a_command_does_not_inherit_the_drive(tmp_path: Path) -> None:
    drive = Drive.take(tmp_path)
    assert drive is not None
    with subprocess.Popen(["sleep", "60"], close_fds=False) as child:
        drive.release()
        held = is_held(tmp_path / places.DRIVER_LOCK)
        child.kill()
    assert not held


def test_a_window_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match="cannot be written"):
        Drive.take(tmp_path / "gone")


def test_a_frozen_driver_is_taken_over_and_its_lock_is_nobodys_when_it_wakes(tmp_path: Path) -> None:
    frozen = Drive.take(tmp_path)
    assert frozen is not None
    assert Drive.take(tmp_path, patience=0.0) is None
    taken = Drive.take_over(tmp_path)
    assert is_held(tmp_path / places.DRIVER_LOCK)
    frozen.release()
    assert is_held(tmp_path / places.DRIVER_LOCK)
    assert Drive.take(tmp_path, patience=0.0) is None
    taken.release()
    assert not is_held(tmp_path / places.DRIVER_LOCK)
    assert [path.name for path in tmp_path.iterdir()] == [places.DRIVER_LOCK]


def test_turns_are_taken_one_after_the_other(tmp_path: Path) -> None:
    done = tmp_path / "the first is done"
    program = (
        "import sys; from pathlib import Path; from state.journal.drive import turn\n"
        "print('wants', flush=True)\n"
        "with turn(Path(sys.argv[1])): print(Path(sys.argv[2]).exists(), flush=True)"
    )
    with turn(tmp_path):
        child = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path), str(done)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "wants\n"
        done.touch()
    assert child.communicate(timeout=10) == ("True\n", None)
