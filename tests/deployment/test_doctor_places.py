"""What doctor says about directories, disks, the terminal and the host."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from state.doctor import backups, host, store
from state.doctor.check import Check, age, size
from state.host.groups import group_name
from state.journal import directory as places

#: The group of the tests' own login: nobody has to be made a member of anything.
OURS = group_name(os.getegid())
LOCAL = "22 1 254:0 / / rw - ext4 /dev/vda1 rw\n"
HOUR = 3600.0


def of_state(state: Path, mountinfo: str = LOCAL, group: str | None = None) -> list[Check]:
    return list(store.examine(state, mountinfo, group))


def test_a_state_directory_that_will_be_made(tmp_path: Path) -> None:
    [check] = of_state(tmp_path / "a" / "b")
    assert check.verdict == "ok" and "will be made with the first window" in check.words
    assert not (tmp_path / "a").exists()


def test_the_mend_for_loose_modes_mends_them(tmp_path: Path) -> None:
    state = tmp_path / "it's here"
    (state / "windows").mkdir(parents=True)
    state.chmod(0o755)
    (state / "windows").chmod(0o750)
    found = of_state(state)
    assert [check.verdict for check in found] == ["FAIL", "FAIL"]
    assert "(mode 0755)" in found[0].words and "windows is open to others (mode 0750)" in found[1].words
    for check in found:
        subprocess.run(["/bin/sh", "-c", check.mend], check=True)
    [check] = of_state(state)
    assert check.verdict == "ok"


@pytest.fixture
def reached() -> Iterator[Path]:
    """A directory to which everybody gets; those that pytest makes lie in one of their login alone."""
    with tempfile.TemporaryDirectory(prefix="drawbridge-") as made:
        directory = Path(made)
        directory.chmod(0o755)
        yield directory


def window_in(state: Path, group: str | None = None, name: str = "w") -> Path:
    with places.opening(state, group), places.Draft.make(state, name) as draft:
        return draft.publish()


def mended(state: Path, group: str | None = None) -> list[str]:
    """Follows every mend until all is well; the words of what was wrong."""
    said: list[str] = []
    for _ in range(10):
        found = of_state(state, group=group)
        if [check.verdict for check in found] == ["ok"]:
            return said
        said += [f"{check.verdict} {check.words}" for check in found]
        for check in found:
            if "more like these" not in check.words:
                subprocess.run(["/bin/sh", "-c", check.mend], check=True)
    raise AssertionError(said)


@pytest.mark.parametrize("group", [None, OURS])
def test_a_state_directory_as_it_is_made_is_well(reached: Path, group: str | None) -> None:
    window_in(reached / "state", group)
    (check,) = of_state(reached / "state", group=group)
    assert check.verdict == "ok"
    assert (f"state, shared with the group {OURS}, " in check.words) is (group is not None)


def test_loose_files_of_windows_are_named_and_mended(tmp_path: Path) -> None:
    windows = [window_in(tmp_path / "state", None, name) for name in ("one", "two")]
    files = [window / name for window in windows for name in ("a.db", "b.lock", "c", "d")]
    for file in files:
        file.touch()
        file.chmod(0o644)
    found = of_state(tmp_path / "state")
    assert [check.verdict for check in found] == ["FAIL"] * 6
    assert found[0].words == f"{files[0]} is open to others (mode 0644)"
    assert found[-1].words == "3 more like these"
    assert len(mended(tmp_path / "state")) == 6 + 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_a_directory_from_before_the_group_is_shared_by_the_mends(reached: Path) -> None:
    window = window_in(reached / "state")
    (window / "journal.db").touch(mode=0o600)
    said = mended(reached / "state", OURS)
    assert f"warn {window}/journal.db is shut to the group {OURS} (mode 0600)" in said
    assert {words[:4] for words in said} == {"warn"}
    assert window.stat().st_mode & 0o7777 == 0o2770
    assert (window / "journal.db").stat().st_mode & 0o7777 == 0o660


def test_a_shared_directory_that_the_settings_do_not_share(tmp_path: Path) -> None:
    window_in(tmp_path / "state", OURS)
    said = mended(tmp_path / "state")
    assert said[0] == f"FAIL {tmp_path}/state is open to others (mode 2770)"
    assert {words[:4] for words in said} == {"FAIL"}


def test_a_group_that_does_not_exist(tmp_path: Path) -> None:
    (check,) = of_state(tmp_path / "state", group="no-such-group")
    assert (check.verdict, check.words) == ("FAIL", "there is no group no-such-group on this host")
    assert check.mend == "groupadd no-such-group, or mend [people] group"


def test_a_way_that_is_shut_to_the_others_of_the_group(reached: Path) -> None:
    reached.chmod(0o700)
    window_in(reached / "state", OURS)
    (check,) = of_state(reached / "state", group=OURS)
    assert check.verdict == "warn"
    assert check.words == f"{reached} may be shut to others of the group (mode 0700)"
    reached.chmod(0o710)
    (check,) = of_state(reached / "state", group=OURS)
    assert check.verdict == "ok"


def test_a_file_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for state in (tmp_path / "file", tmp_path / "file" / "state"):
        [check] = of_state(state)
        assert check.verdict == "FAIL" and check.words == f"{tmp_path}/file is not a directory"
        assert "DRAWBRIDGE_STATE" in check.mend


def test_a_place_where_not_even_root_can_write() -> None:
    [check] = of_state(Path("/proc/self/state"))
    assert check.verdict == "FAIL" and check.words.startswith("/proc/self cannot be written (")
    [check] = list(backups.examine(Path("/proc/self"), HOUR, time.time()))
    assert check.verdict == "FAIL" and check.words.startswith("/proc/self cannot be written (")


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs", "9p", "ceph"])
def test_a_network_file_system_is_named(tmp_path: Path, kind: str) -> None:
    far = tmp_path / "far"
    far.mkdir()
    (tmp_path / "link").symlink_to(far)
    mounts = f"{LOCAL}30 22 0:44 / {far} rw - {kind} filer:/x rw\n"
    [check] = of_state(tmp_path / "link" / "state", mounts)
    assert check.verdict == "FAIL" and f"({kind} at {far})" in check.words and "local disk" in check.mend


def of_backups(directory: Path, now: float | None = None, group: str | None = None) -> dict[str, Check]:
    found = backups.examine(directory, 24 * HOUR, time.time() if now is None else now, group)
    return {check.subject: check for check in found}


def sparse(directory: Path, length: int) -> None:
    with (directory / "dump.sql").open("wb") as stream:
        stream.truncate(length)


def test_no_backup_directory(tmp_path: Path) -> None:
    missing = tmp_path / "not there" / "backups"
    check = of_backups(missing)["backup directory"]
    assert (check.verdict, check.words) == ("FAIL", f"{missing} does not exist")
    subprocess.run(["/bin/sh", "-c", check.mend.partition(", or")[0]], check=True)
    assert of_backups(missing)["backup directory"].verdict == "ok"
    (tmp_path / "file").touch()
    check = of_backups(tmp_path / "file")["backup directory"]
    assert check.verdict == "FAIL" and check.words.endswith("file is not a directory")


def test_the_newest_backup_is_absent_empty_old(tmp_path: Path) -> None:
    assert of_backups(tmp_path)["newest backup"].verdict == "warn"
    sparse(tmp_path, 0)
    assert "it is empty" in of_backups(tmp_path)["newest backup"].words
    sparse(tmp_path, 5000)
    assert of_backups(tmp_path)["newest backup"] == Check("ok", "newest backup", "dump.sql, 5.0 KB, 0 s old")
    check = of_backups(tmp_path, time.time() + 30 * HOUR)["newest backup"]
    assert check.verdict == "warn" and check.words == "dump.sql, 5.0 KB, 30 h old: too old"


@pytest.mark.parametrize("loose", [0o700, 0o770, 0o2750])
def test_backups_that_the_others_of_the_group_could_not_read(tmp_path: Path, loose: int) -> None:
    tmp_path.chmod(loose)
    first = next(backups.examine(tmp_path, HOUR, time.time(), OURS))
    assert first.verdict == "warn"
    assert f"{tmp_path} does not hand the group {OURS} on" in first.words
    subprocess.run(["/bin/sh", "-c", first.mend], check=True)
    assert of_backups(tmp_path, group=OURS)["backup directory"].verdict == "ok"
    assert tmp_path.stat().st_mode & 0o7777 == 0o2770


def test_room_for_the_next_backup(tmp_path: Path) -> None:
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    sparse(tmp_path, free * 3 // 4)
    check = of_backups(tmp_path)["backup directory"]
    assert check.verdict == "warn" and "no room for a safety copy" in check.words
    sparse(tmp_path, free * 2)
    check = of_backups(tmp_path)["backup directory"]
    assert check.verdict == "FAIL" and "the next one will not fit" in check.words
    sparse(tmp_path, 1000)
    assert of_backups(tmp_path)["backup directory"].verdict == "ok"


def on_terminal(columns: int, lines: int, term: str) -> str:
    code = (
        "from state.doctor import terminal\n"
        f"for c in terminal.examine({{'TERM': {term!r}}}): print(c.verdict, c.words, c.mend, sep='|')"
    )
    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        ended = subprocess.run(
            [sys.executable, "-c", code],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
            text=True,
            timeout=30,
            check=True,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    return ended.stdout.strip()


@pytest.mark.parametrize(
    ("columns", "lines", "term", "said"),
    [
        (120, 40, "xterm-256color", "ok|xterm-256color, 120x40|"),
        (79, 24, "tmux", "warn|tmux, 79x24: some panels are left out|enlarge it to at least 80x24"),
        (80, 14, "tmux", "FAIL|tmux, 80x14: too small for the console|enlarge it to at least 80x24"),
        (0, 0, "tmux", "warn|tmux, 0x0: it does not tell its size|set it with stty cols 120 rows 40"),
    ],
)
def test_the_size_of_a_terminal(columns: int, lines: int, term: str, said: str) -> None:
    assert on_terminal(columns, lines, term) == said


@pytest.mark.parametrize(("term", "words"), [("dumb", "TERM is dumb"), ("", "TERM is not set")])
def test_a_terminal_that_cannot_draw(term: str, words: str) -> None:
    assert on_terminal(120, 40, term).startswith(f"FAIL|{words}: the console cannot draw|")


def test_no_terminal() -> None:
    code = "from state.doctor import terminal; print(*terminal.examine({'TERM': 'xterm'}))"
    ended = subprocess.run(
        [sys.executable, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    assert "'warn'" in ended.stdout and "standard input is not a terminal" in ended.stdout


def logind(root: Path, place: str, text: str) -> None:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_logind_as_it_comes(tmp_path: Path) -> None:
    assert host.logind(tmp_path, "sam").verdict == "ok"
    logind(tmp_path, "etc/systemd/logind.conf", "[Login]\n#KillUserProcesses=yes\n")
    assert host.logind(tmp_path, "sam").verdict == "ok"


def test_logind_that_kills(tmp_path: Path) -> None:
    logind(tmp_path, "etc/systemd/logind.conf", "[Login]\nKillUserProcesses = yes\n")
    check = host.logind(tmp_path, "sam")
    assert check.verdict == "warn" and "KillUserProcesses=no" in check.mend
    assert host.logind(tmp_path, "root").verdict == "ok"
    logind(tmp_path, "usr/lib/systemd/logind.conf.d/10-site.conf", "[Login]\nKillExcludeUsers=sam\n")
    assert host.logind(tmp_path, "sam").verdict == "ok"
    logind(tmp_path, "etc/systemd/logind.conf.d/10-site.conf", "[Login]\nKillOnlyUsers=sam ops\n")
    assert host.logind(tmp_path, "sam").verdict == "warn"
    assert host.logind(tmp_path, "kim").verdict == "ok"
    logind(tmp_path, "run/systemd/logind.conf.d/20-off.conf", "[Login]\nKillUserProcesses=0\n")
    assert host.logind(tmp_path, "sam").verdict == "ok"
    logind(tmp_path, "run/systemd/logind.conf.d/30-broken.conf", "no section\n")
    assert host.logind(tmp_path, "sam").verdict == "ok"


@pytest.mark.parametrize(
    ("version", "verdict", "noted"),
    [
        ((3, 36, 0), "FAIL", False),
        ((3, 40, 1), "ok", True),
        ((3, 51, 2), "ok", True),
        ((3, 51, 3), "ok", False),
    ],
)
def test_sqlite(version: tuple[int, int, int], verdict: str, noted: bool) -> None:
    check = host.sqlite(version)
    assert check.verdict == verdict and ("two writers" in check.words) is noted


def test_figures() -> None:
    assert [size(n) for n in (0, 999, 4100, 214_000_000, 5e12)] == [
        "0 B",
        "999 B",
        "4.1 KB",
        "214 MB",
        "5.0 TB",
    ]
    assert [age(n) for n in (-5, 119, 120, 7199, 7200, 172800)] == [
        "0 s old",
        "119 s old",
        "2 min old",
        "119 min old",
        "2 h old",
        "2 d old",
    ]
