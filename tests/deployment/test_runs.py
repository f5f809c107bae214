"""Runs: they outlive whoever started them, and their directory tells how they stand, whatever happened."""

import fcntl
import json
import os
import random
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from plumbum import local

import state
from state.deployment import room, runs
from state.deployment.runs import (
    Probe,
    RunError,
    Standing,
    boot_id,
    failing_line,
    log_tail,
    probe,
    send_signal,
    start,
)
from state.host.locks import is_held
from tests.torture.small_disk import cannot, small_disk

ROOT = Path(state.__file__).parents[1]

MAKEFILE = """
ok:
\t@echo working; echo done
fail:
\t@echo cannot go on; exit 3
wait:
\t@echo begun; while [ ! -e $(GO) ]; do sleep 0.02; done; echo ended
read:
\t@if read answer; then echo "heard $$answer"; exit 1; else echo nobody answers; fi
daemon:
\t@(while [ ! -e $(GO) ]; do sleep 0.02; done) & echo left something
show:
\t@env | sort
deaf:
\t@trap '' INT; echo deaf; while [ ! -e $(GO) ]; do sleep 0.02; done
count:
\t@echo ran >>ran; exit 7
"""


def until(true: Callable[[], Any], seconds: float = 20) -> Any:
    """What `true` returns once that is something; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)
    return value


class Site:
    """A checkout with a Makefile, and the runs in it; what still waits is let go when the test ends."""

    def __init__(self, root: Path) -> None:
        self.directory = root / "the site"
        self.directory.mkdir()
        (self.directory / "Makefile").write_text(MAKEFILE)
        self.go = root / "go"
        self.runs = root / "runs"
        self.runs.mkdir()

    def start(self, target: str, number: int = 1, **variables: str) -> Path:
        run = self.runs / str(number)
        start(run, ("make", target), self.directory, {"GO": str(self.go), **variables})
        return run

    def ended(self, run: Path) -> Probe:
        return until(lambda: (found := _now(run)).standing is not Standing.RUNNING and found)

    def ran(self, target: str, **variables: str) -> tuple[Probe, list[str]]:
        run = self.start(target, **variables)
        return self.ended(run), log_tail(run, 1000)


def _now(run: Path) -> Probe:
    return probe(run, time.time())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.go.touch()
    for run in made.runs.iterdir():
        until(lambda run=run: not is_held(run / "lock"))


def keeper(run: Path) -> int:
    return int(until(lambda: (run / "pid").exists() and (run / "pid").read_text()))


def has_begun(run: Path, word: str = "begun") -> None:
    until(lambda: word in log_tail(run, 10))


# Ends


def test_a_run_that_ends_well(site: Site) -> None:
    before = time.time()
    run = site.start("ok")
    found = site.ended(run)
    assert (found.standing, found.exit_code, found.left_running) == (Standing.FINISHED, 0, False)
    assert found.ended_at is not None
    # A file's time may lie a tick of the kernel's clock behind.
    assert before - 0.1 <= found.ended_at <= time.time()
    assert log_tail(run, 10) == ["working", "done"]
    assert failing_line(run) == "done"


def test_a_run_that_fails(site: Site) -> None:
    run = site.start("fail")
    assert site.ended(run).exit_code == 2
    assert failing_line(run).startswith("cannot go on · make: *** [Makefile:")
    assert failing_line(run).endswith("Error 3")


def test_a_command_that_is_not_there(site: Site) -> None:
    run = site.runs / "1"
    start(run, ("no-such-command",), site.directory, {})
    assert site.ended(run).exit_code == 127


def test_everything_of_it_is_ours_alone(site: Site) -> None:
    before = os.umask(0)
    try:
        run = site.start("ok")
        site.ended(run)
    finally:
        os.umask(before)
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in run.iterdir()}
    assert modes == dict.fromkeys(("command.json", "exit", "lock", "log", "pid"), 0o600)


def test_whoever_shares_the_window_reads_how_a_run_ended(site: Site) -> None:
    site.runs.chmod(0o2770)
    run = site.start("ok")
    site.ended(run)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in run.iterdir()}
    assert modes == dict.fromkeys(("command.json", "exit", "lock", "log", "pid"), 0o640)


@pytest.mark.parametrize(
    "argv",
    [
        (
            "printf",
            "%s|",
            "two words",
            "",
            "*",
            "$HOME",
            "`id`",
            'quo"te',
            "a'b",
            "é 漢",
            "-n",
            "line\nbreak",
        ),
        ("sh", "-c", 'echo "$0" "$@"', "zero", "one", ""),
    ],
)
def test_words_reach_the_command_as_they_are(site: Site, argv: tuple[str, ...]) -> None:
    run = site.runs / "1"
    start(run, argv, site.directory, {})
    assert site.ended(run).exit_code == 0
    expected = subprocess.run(argv, stdout=subprocess.PIPE, check=True, cwd=site.directory).stdout
    assert (run / "log").read_bytes() == expected


def test_nobody_answers_a_question(site: Site) -> None:
    found, said = site.ran("read")
    assert (found.exit_code, said) == (0, ["nobody answers"])


def test_it_has_a_session_of_its_own(site: Site) -> None:
    run = site.start("wait")
    number = keeper(run)
    assert os.getsid(number) == os.getpgid(number) == number != os.getsid(0)


# Going on


def test_a_run_goes_on_until_it_ends(site: Site) -> None:
    run = site.start("wait")
    has_begun(run)
    assert _now(run) == Probe(Standing.RUNNING)
    site.go.touch()
    assert site.ended(run).exit_code == 0
    assert log_tail(run, 10) == ["begun", "ended"]


def test_looking_never_takes_the_lock(site: Site) -> None:
    run = site.start("wait")
    for _ in range(200):
        assert _now(run).standing is Standing.RUNNING
    site.go.touch()
    assert site.ended(run).exit_code == 0


def test_looking_never_keeps_a_run_from_starting(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks at a lock that was just made holds it for an instant, before the run does."""
    lock = site.runs / "1" / "lock"
    really = room.reserve

    def looked_at(descriptor: int, size: int) -> None:
        really(descriptor, size)
        if lock.exists():
            looker = os.open(lock, os.O_RDONLY)
            fcntl.flock(looker, fcntl.LOCK_SH)
            threading.Timer(0.1, os.close, [looker]).start()

    monkeypatch.setattr(room, "reserve", looked_at)
    assert site.ended(site.start("ok")).exit_code == 0


def test_what_a_run_leaves_behind_is_named(site: Site) -> None:
    run = site.start("daemon")
    until(lambda: (run / "exit").exists())
    ended_at = (run / "exit").stat().st_mtime
    assert probe(run, ended_at + runs.SETTLE - 0.1).standing is Standing.RUNNING
    assert probe(run, ended_at + runs.SETTLE + 0.1) == Probe(Standing.FINISHED, 0, ended_at, True)
    site.go.touch()
    until(lambda: not is_held(run / "lock"))
    assert probe(run, ended_at + runs.SETTLE + 0.1) == Probe(Standing.FINISHED, 0, ended_at, False)
    assert probe(run, ended_at) == Probe(Standing.FINISHED, 0, ended_at, False)


def test_a_killed_keeper_leaves_the_end_unknown(site: Site) -> None:
    run = site.start("wait")
    has_begun(run)
    os.kill(keeper(run), signal.SIGKILL)
    assert _now(run).standing is Standing.RUNNING
    site.go.touch()
    found = site.ended(run)
    assert found == Probe(Standing.KILLED)
    assert log_tail(run, 10)[-1] == "ended"


def test_a_reboot_cuts_a_run(site: Site) -> None:
    run = site.start("wait")
    has_begun(run)
    os.killpg(keeper(run), signal.SIGKILL)
    assert site.ended(run).standing is Standing.KILLED
    about = json.loads((run / "command.json").read_text())
    (run / "command.json").write_text(json.dumps({**about, "boot": "another"}))
    assert _now(run).standing is Standing.REBOOTED
    (run / "exit").write_text("0\n")
    assert _now(run).standing is Standing.FINISHED


# Never started


@pytest.mark.parametrize("made", [(), (".",), (".", "command.json"), (".", "command.json", "lock", "log")])
def test_what_was_cut_before_the_start_never_started(tmp_path: Path, made: tuple[str, ...]) -> None:
    run = tmp_path / "1"
    about = json.dumps({"argv": [], "boot": runs.boot_id()})
    for name in made:
        if name == ".":
            run.mkdir()
        else:
            (run / name).write_text(about if name == "command.json" else "")
    assert _now(run) == Probe(Standing.NEVER_STARTED)


def test_a_half_written_command_never_started(tmp_path: Path) -> None:
    (tmp_path / "command.json").write_text('{"argv": ["ma')
    assert _now(tmp_path) == Probe(Standing.NEVER_STARTED)


def test_a_half_written_exit_status_is_none(site: Site) -> None:
    run = site.start("wait")
    has_begun(run)
    (run / "exit.tmp").write_text("0")
    assert _now(run).standing is Standing.RUNNING


def test_without_a_place_for_its_pid_nothing_runs(tmp_path: Path) -> None:
    """Else the lock would be free one day, without a trace that anything ever ran."""
    (tmp_path / "pid").mkdir()
    script = str(files("state") / "deployment" / "keeper.sh")
    done = subprocess.run(["/bin/sh", script, str(tmp_path), "touch", str(tmp_path / "ran")], check=False)
    assert done.returncode != 0
    assert not (tmp_path / "ran").exists()


def test_a_directory_that_is_not_there_is_a_sentence(site: Site) -> None:
    with pytest.raises(RunError, match=r"gone is not a directory\. Name the checkout"):
        start(site.runs / "1", ("make", "ok"), site.directory / "gone", {})
    assert not (site.runs / "1").exists()


def test_a_run_is_never_started_twice(site: Site) -> None:
    first = site.start("count")
    site.ended(first)
    with pytest.raises(RunError, match=r"cannot be written \(File exists\)"):
        site.start("count")
    assert (site.directory / "ran").read_text() == "ran\n"


def test_a_place_that_is_gone_is_a_sentence(site: Site) -> None:
    with pytest.raises(RunError, match=r"cannot be written \(No such file or directory\)"):
        start(site.runs / "gone" / "1", ("make", "ok"), site.directory, {})


def test_a_command_longer_than_the_host_takes_is_a_sentence(site: Site) -> None:
    run = site.runs / "1"
    with pytest.raises(RunError, match="Argument list too long"):
        start(run, ("echo", "x" * 200_000), site.directory, {})
    assert _now(run).standing is Standing.NEVER_STARTED


# Room on the disk


def test_room_is_kept_for_the_log_and_for_the_exit_status(site: Site) -> None:
    run = site.start("wait")
    has_begun(run)
    log, status = (run / "log").stat(), (run / "exit.tmp").stat()
    assert (log.st_size, log.st_blocks * 512 >= runs.LOG_RESERVE) == (len("begun\n"), True)
    assert (status.st_size, status.st_blocks > 0) == (0, True)
    site.go.touch()
    assert site.ended(run).exit_code == 0
    assert (run / "exit").read_text() == "0\n"
    assert not (run / "exit.tmp").exists()


def test_without_room_for_a_log_nothing_is_started(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    # No kernel keeps room for nothing: the refusal that can be had without a full disk.
    monkeypatch.setattr(runs, "LOG_RESERVE", 0)
    with pytest.raises(RunError, match=r"cannot be written \(Invalid argument\)\. Free the disk"):
        site.start("count")
    assert _now(site.runs / "1").standing is Standing.NEVER_STARTED
    assert not (site.directory / "ran").exists()


# Environment and secrets


def test_a_run_gets_the_variables_and_not_our_secrets(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "ARTIFORTRESS_ADMIN_TOKEN": "tok-123456",
        "MAKEFLAGS": "n",
        "MAKELEVEL": "3",
    }
    for name, value in secrets.items():
        monkeypatch.setitem(local.env, name, value)
        monkeypatch.setenv(name, value)
    found, said = site.ran("show", POSTGRES_DB="arti fortress", PGPASSWORD="hunter2hunter2")
    assert found.exit_code == 0
    assert "POSTGRES_DB=arti fortress" in said
    assert "PYTHONUNBUFFERED=1" in said
    assert "PGPASSWORD=hunter2hunter2" in (site.runs / "1" / "log").read_text().splitlines()
    assert not [line for line in said if "tok-123456" in line or line == "MAKELEVEL=4"]


def test_secrets_are_not_written_down(site: Site) -> None:
    run = site.runs / "1"
    variables = {
        "PGPASSWORD": "hunter2hunter2",
        "DATABASE_URL": "postgres://arti:geheim99@db/arti",
        "BACKUP_PATH": "/backups/x.sql",
    }
    start(run, ("true", "--password=hunter3hunter3", "plain\x1b[31m"), site.directory, variables)
    site.ended(run)
    written = (run / "command.json").read_text()
    for secret in ("hunter2", "hunter3", "geheim99", "\\u001b"):
        assert secret not in written
    about = json.loads(written)
    assert about["variables"]["BACKUP_PATH"] == "/backups/x.sql"
    assert about["argv"][0] == "true"
    assert about["directory"] == str(site.directory)
    assert about["boot"] == runs.boot_id()


def test_the_log_is_shown_without_secrets_and_escapes(site: Site) -> None:
    run = site.runs / "1"
    script = r"printf 'PGPASSWORD=hunter2hunter2\n\033]0;title\007plain\n'"
    start(run, ("sh", "-c", script), site.directory, {})
    site.ended(run)
    assert b"hunter2" in (run / "log").read_bytes()
    assert log_tail(run, 10) == ["PGPASSWORD=***", "plain"]


@pytest.mark.parametrize("after", [0, 30, 64_000, 66_000])
def test_no_line_of_a_key_is_the_last_word(tmp_path: Path, after: int) -> None:
    """Also where the key begins before the tail, and its lines are in it."""
    key = "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkq\n" * 25
    (tmp_path / "log").write_text(f"cat key\n{key}-----END PRIVATE KEY-----\n{'x' * after}")
    assert "MIIE" not in "".join(log_tail(tmp_path, 40))
    assert "MIIE" not in failing_line(tmp_path)
    (tmp_path / "log").write_text(f"cat key\n{key}")
    assert failing_line(tmp_path) == "***"


def test_a_value_that_is_known_is_not_the_last_word_either(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("cannot log in with correct-horse\n")
    assert failing_line(tmp_path, ["correct-horse"]) == "cannot log in with ***"


def test_a_tail_of_a_huge_log(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" * 1_000_000 + b"\nlast but one\nlast\n")
    assert log_tail(tmp_path, 2) == ["last but one", "last"]
    assert failing_line(tmp_path) == "last"
    assert log_tail(tmp_path / "gone", 5) == []
    assert failing_line(tmp_path / "gone") == ""


@pytest.mark.parametrize(
    ("log", "line"),
    [
        ("a\nmake: *** [Makefile:3: x] Error 1\n", "a · make: *** [Makefile:3: x] Error 1"),
        (
            "a\nmake[1]: *** [x] Error 1\nmake: *** [y] Error 2\n\n",
            "make[1]: *** [x] Error 1 · make: *** [y]",
        ),
        ("make: *** No rule to make target 'x'.  Stop.\n", "make: *** No rule to make target 'x'."),
        ("make: *** [x] Terminated\ncleaned up\n", "make: *** [x] Terminated"),
        ("only words\n\n", "only words"),
        ("", ""),
    ],
)
def test_the_line_that_says_why(tmp_path: Path, log: str, line: str) -> None:
    (tmp_path / "log").write_text(log)
    assert failing_line(tmp_path).startswith(line)


# Signals


@pytest.mark.parametrize("name", ["INT", "TERM"])
def test_signals_reach_everything_and_the_end_is_known(site: Site, name: str) -> None:
    run = site.start("wait")
    has_begun(run)
    assert send_signal(run, name)
    found = site.ended(run)
    assert found.standing is Standing.FINISHED
    # How make words its death differs between its versions.
    assert found.exit_code in {2, 130, 143}
    assert "ended" not in log_tail(run, 10)
    assert not send_signal(run, name)


def test_a_command_that_is_deaf_to_int_hears_kill(site: Site) -> None:
    run = site.start("deaf")
    has_begun(run, "deaf")
    assert send_signal(run, "INT")
    assert _now(run).standing is Standing.RUNNING
    assert send_signal(run, "KILL")
    assert site.ended(run).standing is Standing.KILLED


def test_hanging_up_stops_nothing(site: Site) -> None:
    run = site.start("wait")
    has_begun(run)
    os.killpg(keeper(run), signal.SIGHUP)
    site.go.touch()
    assert site.ended(run).exit_code == 0


def test_only_a_run_that_lives_is_signalled(tmp_path: Path) -> None:
    """A number in a file may be that of a stranger by now."""
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as stranger:
        (tmp_path / "pid").write_text(f"{stranger.pid}\n")
        (tmp_path / "lock").touch()
        assert not send_signal(tmp_path, "KILL")
        with (tmp_path / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert send_signal(tmp_path, "KILL")
            assert stranger.wait(timeout=10) == -signal.SIGKILL
            (tmp_path / "pid").write_text("")
            assert not send_signal(tmp_path, "KILL")


# The console dies


_CONSOLES = """
import os, signal, sys
from pathlib import Path
from plumbum import local
from state.deployment import runs

for line in sys.stdin:
    run, site = line.rstrip("\\n").split("\\t")
    if not (child := os.fork()):
        os.write(1, b"%d\\n" % os.getpid())
        try:
            runs.start(Path(run), ("make", "count"), Path(site), {})
        finally:
            signal.pause()
    os.waitpid(child, 0)
    os.write(1, b"gone\\n")
"""


def test_a_console_that_dies_while_it_starts_a_run_leaves_no_doubt(site: Site) -> None:
    """Each console is killed 0 to 10 ms after it set out, or after it came so far as to make a file."""
    delays = random.Random(2026)
    seen: dict[Standing, int] = {}
    with subprocess.Popen(
        [sys.executable, "-c", _CONSOLES], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as consoles:
        assert consoles.stdin is not None
        assert consoles.stdout is not None
        for trial in range(30):
            run = site.runs / str(trial)
            consoles.stdin.write(f"{run}\t{site.directory}\n")
            consoles.stdin.flush()
            console = int(consoles.stdout.readline())
            if come_so_far := (None, "command.json", "lock")[trial % 3]:
                until(lambda run=run, name=come_so_far: (run / name).exists())
            time.sleep(delays.uniform(0, 0.010) if trial else 0)
            os.kill(console, signal.SIGKILL)
            assert consoles.stdout.readline() == "gone\n"
            found = site.ended(run)
            seen[found.standing] = seen.get(found.standing, 0) + 1
            ran = site.directory / "ran"
            times = ran.read_text().count("ran") if ran.exists() else 0
            ran.unlink(missing_ok=True)
            if found.standing is Standing.FINISHED:
                assert (times, found.exit_code) == (1, 2)
            else:
                assert (times, found.standing) == (0, Standing.NEVER_STARTED)
        consoles.stdin.close()
    assert seen.keys() == {Standing.FINISHED, Standing.NEVER_STARTED}


@pytest.mark.skipif(bool(cannot()), reason="only root can mount a small disk")
def test_a_disk_that_is_full_by_then_is_told_from_a_kill(tmp_path: Path) -> None:
    """The shell makes the file for its number before it finds that there is no room for it."""
    place = tmp_path / "disk"
    place.mkdir()
    with small_disk(place) as disk:
        run = place / "1"
        run.mkdir()
        (run / "command.json").write_text(json.dumps({"boot": boot_id()}))
        disk.leave(0)
        script = str(files("state") / "deployment" / "keeper.sh")
        done = subprocess.run(["/bin/sh", script, str(run), "touch", str(tmp_path / "ran")], check=False)
        assert (done.returncode, (tmp_path / "ran").exists()) == (125, False)
        assert _now(run) == Probe(Standing.NO_ROOM)
