"""Modes follow from the directory, whatever the umask, and are never wider than in the end."""

import os
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from state.deployment import runs
from state.events import Actor
from state.host import modes
from state.host.groups import group_name
from state.host.locks import is_held
from state.journal import directory as places
from state.journal import openness
from state.journal.directory import DirectoryError, Draft
from state.journal.drive import Drive
from state.journal.events import JournalWriter
from state.journal.mail import collect, send
from state.journal.readings_writer import ReadingsWriter
from state.watch.log import WATCH_LOG, Log

#: The group of the tests' own login: nobody has to be made a member of anything.
OURS = group_name(os.getegid())
SAM = Actor("sam", "sam", "bastion", "pts/1")

#: What lies in a window whose driver and watch are at work, and whose one run has ended.
WRITTEN = (
    *("journal.db", "journal.db-wal", "journal.db-shm", "readings.db", "readings.db-wal", "readings.db-shm"),
    *("driver.lock", "watch.log"),
)
OF_A_RUN = tuple(f"runs/7/{name}" for name in ("command.json", "exit", "lock", "log", "pid"))
ALONE = {
    **dict.fromkeys((".", "runs", "runs/7", "mail"), "700"),
    **dict.fromkeys((*WRITTEN, *OF_A_RUN, "mail/letter"), "600"),
}
SHARED = {
    **dict.fromkeys((".", "runs", "runs/7", "mail"), "2770"),
    **dict.fromkeys(WRITTEN, "660"),
    **dict.fromkeys((*OF_A_RUN, "mail/letter"), "640"),
}


def mode(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):o}"


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=lambda umask: f"umask {umask:03o}")
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """A directory that hands the group on."""
    tmp_path.chmod(0o2770)
    return tmp_path


def new_window(state: Path, group: str | None) -> Path:
    with places.opening(state, group), Draft.make(state, "w") as draft:
        with closing(JournalWriter(draft.path / places.JOURNAL, SAM, 0.0)):
            pass
        return draft.publish()


def modes_at_work(window: Path) -> dict[str, str]:
    """The modes of all that driver, watch, run and letters make in a window."""
    runs.start(window / places.RUNS / "7", ("true",), window, {})
    send(window / places.MAIL, "watch", "stop", {})
    Log(window / WATCH_LOG, ())("well")
    with (
        closing(JournalWriter(window / places.JOURNAL, SAM, 0.0)),
        closing(ReadingsWriter(window / places.READINGS, 1.0, 1.0)),
        Drive.take(window) or pytest.fail("the drive is free"),
    ):
        deadline = time.monotonic() + 20
        while is_held(window / places.RUNS / "7" / "lock"):
            assert time.monotonic() < deadline, "the run does not end"
            time.sleep(0.01)
        paths = (window, *window.rglob("*"))
        found = {path.relative_to(window).as_posix(): mode(path) for path in paths}
    return {"mail/letter" if name.startswith("mail/") else name: value for name, value in found.items()}


@pytest.mark.usefixtures("umask")
def test_without_a_group_everything_is_the_logins_own(tmp_path: Path) -> None:
    # Even where a parent hands its group on.
    tmp_path.chmod(0o2770)
    window = new_window(tmp_path / "state", None)
    assert [mode(path) for path in (tmp_path / "state", window.parent)] == ["700", "700"]
    assert modes_at_work(window) == ALONE
    assert openness.problem(window) == ""


@pytest.mark.usefixtures("umask")
def test_with_a_group_everything_is_the_groups(tmp_path: Path) -> None:
    window = new_window(tmp_path / "state", OURS)
    assert [mode(path) for path in (tmp_path / "state", window.parent)] == ["2770", "2770"]
    assert modes_at_work(window) == SHARED
    assert openness.problem(window) == ""
    assert list(openness.of_window(window, os.getegid())) == []


@pytest.mark.usefixtures("umask")
@pytest.mark.parametrize(
    ("of_directory", "file", "directory"),
    [
        (0o2770, "660", "2770"),
        (0o2750, "640", "2750"),
        (0o2700, "600", "700"),
        (0o0770, "600", "700"),
        (0o0755, "600", "700"),
        (0o2775, "660", "2770"),
    ],
)
def test_a_mode_follows_from_the_directory(
    tmp_path: Path, of_directory: int, file: str, directory: str
) -> None:
    tmp_path.chmod(of_directory)
    os.close(modes.open_file(tmp_path / "file", os.O_WRONLY))
    modes.make_directory(tmp_path / "directory")
    assert (mode(tmp_path / "file"), mode(tmp_path / "directory")) == (file, directory)


@pytest.mark.usefixtures("umask")
def test_nothing_is_wider_for_an_instant(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wider: list[str] = []
    fchmod = os.fchmod

    def watched(descriptor: int, wanted: int) -> None:
        made = stat.S_IMODE(os.fstat(descriptor).st_mode)
        if made & ~wanted & 0o777:
            wider.append(f"{made:o} before {wanted:o}")
        fchmod(descriptor, wanted)

    monkeypatch.setattr(os, "fchmod", watched)
    window = new_window(shared / "state", OURS)
    modes_at_work(window)
    new_window(shared / "alone", None)
    assert wider == []


def test_a_file_that_is_there_stays_as_it_is(shared: Path) -> None:
    (shared / "there").touch(mode=0o600)
    (shared / "there").write_text("words")
    descriptor = modes.open_file(shared / "there", os.O_RDWR)
    assert os.read(descriptor, 10) == b"words"
    os.close(descriptor)
    assert mode(shared / "there") == "600"
    with pytest.raises(FileExistsError):
        modes.open_file(shared / "there", os.O_RDWR | os.O_EXCL)


def test_a_link_is_never_opened_to_the_group(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whoever else may write in the directory puts one in the place of what was just made."""
    own = tmp_path_factory.mktemp("own")
    own.chmod(0o700)
    mkdir = Path.mkdir

    def replaced(path: Path, *args: int, **more: int) -> None:
        mkdir(path, *args, **more)
        path.rmdir()
        path.symlink_to(own)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(OSError, match="Not a directory"):
        patch.setattr(Path, "mkdir", replaced)
        modes.make_directory(shared / "new")
    assert mode(own) == "700"


def test_a_letter_that_others_can_write_is_nobodys(shared: Path) -> None:
    send(shared, "driver", "approve", {})
    (letter,) = collect(shared, "driver")
    letter.path.chmod(0o660)
    assert collect(shared, "driver") == []
    assert list(shared.iterdir()) == []


# The settings and the directory disagree


def test_a_state_directory_of_one_login_is_not_shared_by_the_way(tmp_path: Path) -> None:
    state = tmp_path / "it's here"
    new_window(state, None)
    with pytest.raises(DirectoryError, match=r"it's here is not shared with the group") as error:
        new_window(state, OURS)
    assert f"chgrp {OURS} '{tmp_path}/it'\"'\"'s here' && chmod 2770" in str(error.value)


def test_a_shared_state_directory_is_never_taken_for_ones_own(tmp_path: Path) -> None:
    new_window(tmp_path / "state", OURS)
    with pytest.raises(DirectoryError, match=f"is shared with the group {OURS}, of which the settings say"):
        new_window(tmp_path / "state", None)


def test_a_group_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DirectoryError, match=r"there is no group no-such-group on this host.*groupadd"):
        new_window(tmp_path / "state", "no-such-group")
    assert not (tmp_path / "state").exists()


# What is open to too many


@pytest.mark.parametrize("group", [None, OURS])
@pytest.mark.parametrize(
    ("name", "loose"),
    [
        (".", 0o755),
        ("journal.db", 0o644),
        ("driver.lock", 0o666),
        ("runs", 0o777),
        ("runs/7", 0o2777),
        ("runs/7/exit", 0o660),
        ("mail/letter", 0o660),
    ],
)
def test_a_window_that_is_open_to_others_is_named_with_a_mend(
    tmp_path: Path, group: str | None, name: str, loose: int
) -> None:
    window = new_window(tmp_path / "state", group)
    modes_at_work(window)
    path = next((window / "mail").iterdir()) if name == "mail/letter" else window / name
    before = mode(path)
    path.chmod(loose)
    said = openness.problem(window)
    if group is None or name != ".":
        assert said.startswith(f"{path} is open to others (mode {loose:04o}). Mend it with `chmod ")
        assert said.endswith(f"{before} {path}`, then try again.")
    (flaw,) = openness.of_window(window, os.getegid() if group else None)
    assert flaw.is_grave
    subprocess.run(["/bin/sh", "-c", flaw.mend], check=True)
    assert mode(path) == before
    assert openness.problem(window) == ""


@pytest.mark.parametrize(
    ("name", "tight"),
    [(".", 0o2750), ("journal.db", 0o640), ("watch.log", 0o600), ("runs/7", 0o700), ("runs/7/log", 0o600)],
)
def test_what_is_shut_to_the_group_is_named_and_stops_nobody(tmp_path: Path, name: str, tight: int) -> None:
    window = new_window(tmp_path / "state", OURS)
    modes_at_work(window)
    before = mode(window / name)
    (window / name).chmod(tight)
    assert openness.problem(window) == ""
    (flaw,) = openness.of_window(window, os.getegid())
    assert not flaw.is_grave
    assert f"is shut to the group {OURS} (mode {tight:04o})" in flaw.words
    subprocess.run(["/bin/sh", "-c", flaw.mend], check=True)
    assert mode(window / name) == before


def test_the_report_of_a_drill_is_only_read(tmp_path: Path) -> None:
    window = new_window(tmp_path / "state", OURS)
    (window / "drill-1.md").touch(mode=0o640)
    assert list(openness.of_window(window, os.getegid())) == []


def test_what_is_not_there_has_no_problem(tmp_path: Path) -> None:
    assert openness.problem(tmp_path / "gone") == ""
