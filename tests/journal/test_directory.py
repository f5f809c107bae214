"""The state directory: windows whole or not there, and one driver for each."""

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import state as package
from state.journal import directory as places
from state.journal.directory import DirectoryError, Draft, Drive
from state.locks import is_held

ROOT = Path(package.__file__).parents[1]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "share" / "drawbridge"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_no_state_directory_holds_no_windows(state: Path) -> None:
    assert list(places.windows(state)) == []
    assert not state.exists()


def test_a_state_directory_that_is_a_file_is_a_sentence(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.write_text("x")
    with pytest.raises(DirectoryError, match=r"cannot be read \(Not a directory\)"):
        list(places.windows(state))
    refused = pytest.raises(DirectoryError, match=r"state cannot be written .* or set DRAWBRIDGE_STATE\.")
    with refused, places.opening(state):
        pass


def test_windows_come_oldest_first_and_nothing_else_is_one(state: Path) -> None:
    root = state / "windows"
    root.mkdir(parents=True)
    for name in ("2026-02-11-140200-production", "2025-12-01-090000-staging", ".2026-draft"):
        (root / name).mkdir()
    (root / "notes.txt").write_text("x")
    assert [path.name for path in places.windows(state)] == [
        "2025-12-01-090000-staging",
        "2026-02-11-140200-production",
    ]


def test_names_are_readable_and_sort_by_time() -> None:
    names = [places.name("production", at) for at in (1_770_818_521.9, 1_770_818_522.0, 1_780_000_000.0)]
    assert names[0] == "2026-02-11-140201-production"
    assert names == sorted(names)
    assert len(set(names)) == 3


def test_a_window_appears_whole(state: Path) -> None:
    before = os.umask(0o022)
    try:
        with places.opening(state), Draft.make(state, "w") as draft:
            (draft.path / "journal.db").write_text("first event")
            assert list(places.windows(state)) == []
            final = draft.publish()
    finally:
        os.umask(before)
    assert list(places.windows(state)) == [final]
    assert sorted(path.name for path in final.iterdir()) == ["journal.db", "mail", "runs"]
    for path in (state, state / "windows", final, final / "runs", final / "mail"):
        assert mode(path) == 0o700, path


def test_a_draft_that_fails_leaves_nothing(state: Path) -> None:
    with pytest.raises(RuntimeError), places.opening(state), Draft.make(state, "w") as draft:
        (draft.path / "journal.db").write_text("half")
        raise RuntimeError
    assert list((state / "windows").iterdir()) == []


def test_a_second_window_of_the_same_second_is_refused(state: Path) -> None:
    with places.opening(state):
        first, second = Draft.make(state, "w"), Draft.make(state, "w")
    (first.path / "journal.db").write_text("first")
    first.publish()
    with pytest.raises(DirectoryError, match=r"w was opened this second\. Try again"):
        Draft.make(state, "w")
    with pytest.raises(DirectoryError), second:
        second.publish()
    assert (state / "windows" / "w" / "journal.db").read_text() == "first"
    assert [path.name for path in (state / "windows").iterdir()] == ["w"]


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
        "import sys, signal; from pathlib import Path; from state.journal.directory import Drive\n"
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
