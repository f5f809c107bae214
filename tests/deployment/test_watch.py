"""The watch as a real process against a real server: it polls, obeys, survives, ends, and keeps its token."""

import fcntl
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from state.events import Actor, WindowDeclared, WindowOpened
from state.journal import mail
from state.journal.directory import JOURNAL
from state.journal.events import JournalWriter
from state.readings import Ask, ReadingClass
from state.watch.command import CommandError, WatchCommand
from state.watch.start import is_alive, spawn

from .place import TOKEN, Place, making, until
from .small_server import small_server


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with making(tmp_path) as made:
        yield made


def test_it_asks_what_it_should_as_often_as_it_should(place: Place) -> None:
    place.start()
    until(lambda: len(place.look().ready_recent) >= 10)
    observed = place.look()
    latest = {ask: reading for (ask, _), reading in observed.latest.items()}
    # Whether it lives shows in its readiness, unless that was late once.
    latest.pop(Ask.LIVE, None)
    asked = (Ask.READY, Ask.OPS, Ask.WHOAMI, Ask.RECONCILE)
    assert {ask: reading.reading_class for ask, reading in latest.items()} == dict.fromkeys(
        asked, ReadingClass.OK
    )
    live = observed.liveness(place.server.url)
    assert live is not None and live.reading_class is ReadingClass.OK
    assert latest[Ask.OPS].values == {"pendingOutboxEvents": 3}
    assert latest[Ask.WHOAMI].values["subject"] == "sam"
    assert observed.polls == 1
    assert place.server.asked["/v1/auth/whoami"] == 1
    assert place.server.tokens == {"", f"Bearer {TOKEN}"}
    (span,) = observed.ready_spans
    assert span.count == len(observed.ready_recent)
    ready = [reading.at for reading in observed.ready_recent]
    assert 0.1 < (ready[-1] - ready[0]) / (len(ready) - 1) < 0.6
    assert observed.watch_since is not None


def test_a_letter_brings_a_summary_at_once(place: Place) -> None:
    place.start()
    until(lambda: place.look().polls == 1)
    place.tell("read-summary")
    until(lambda: place.look().polls == 2, 5)
    place.tell("whoami")
    until(lambda: place.server.asked["/v1/auth/whoami"] == 2, 5)
    assert list((place.directory / "mail").iterdir()) == []


def test_a_letter_ends_it_and_says_why(place: Place) -> None:
    place.start()
    place.tell("stop", why="the window is closed")
    until(place.gone)
    assert place.last_words() == "the window is closed"
    assert place.look().watch_since is None


@pytest.mark.parametrize("lives_already", [True, False])
def test_it_ends_with_its_window_where_nobody_tells_it(place: Place, lives_already: bool) -> None:
    """The console that closes a window may die before its letter is written; a watch may begin after that."""
    writer = JournalWriter(place.directory / JOURNAL, Actor("sam", "sam", "bastion"), time.time())
    writer.append([WindowOpened("w", "production", "2.0", "1.9", None)], time.time())
    if lives_already:
        place.start()
        count = len(place.look().ready_recent)
        until(lambda: len(place.look().ready_recent) > count + 3)
        assert is_alive(place.directory)
    writer.append([WindowDeclared("success", "", ())], time.time())
    writer.close()
    if not lives_already:
        place.start()
    until(place.gone, 10)
    assert place.last_words() == "the window is closed"


@pytest.mark.parametrize("by_signal", [False, True])
def test_told_to_end_it_does_not_stay_for_a_large_log(place: Place, by_signal: bool) -> None:
    writer = JournalWriter(place.directory / JOURNAL, Actor("sam", "sam", "bastion"), time.time())
    writer.append([WindowOpened("w", "production", "2.0", "1.9", None)], time.time())
    writer.close()
    run = place.directory / "runs" / "2"
    run.mkdir(parents=True)
    (run / "lock").touch()
    with (run / "log").open("wb") as log:
        # Takes minutes to seal, and no room on the disk.
        log.truncate(64 << 30)
    pid = place.start()
    until((run / "log.sealing").exists)
    if by_signal:
        os.kill(pid, signal.SIGTERM)
    else:
        place.tell("stop", why="a new token")
    until(place.gone, 10)
    # As raw and as long as before, for whoever comes next.
    assert [path.name for path in sorted(run.iterdir())] == ["lock", "log"]
    assert (run / "log").stat().st_size == 64 << 30


def test_a_letter_to_an_earlier_watch_ends_nobody(place: Place) -> None:
    place.tell("stop", why="old")
    (letter,) = mail.collect(place.directory / "mail", "watch")
    os.utime(letter.path, (time.time() - 60, time.time() - 60))
    place.start()
    until(lambda: not letter.path.exists())
    count = len(place.look().ready_recent)
    until(lambda: len(place.look().ready_recent) > count + 3)
    assert is_alive(place.directory)


def test_odd_letters_are_left_aside(place: Place) -> None:
    (place.directory / "mail" / "watch-x.json").write_text("nonsense")
    place.tell("dance")
    place.start()
    until(lambda: list((place.directory / "mail").iterdir()) == [])
    assert "unknown kind is left aside: dance" in until((place.directory / "watch.log").read_text)
    assert is_alive(place.directory)


def test_the_token_is_neither_in_arguments_nor_environment_nor_files(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTIFORTRESS_ADMIN_TOKEN", TOKEN)
    # plumbum took its copy of the environment when it was imported: the test puts the token there too.
    from plumbum import local

    monkeypatch.setenv("PGPASSWORD", TOKEN)
    monkeypatch.setitem(local.env, "PGPASSWORD", TOKEN)
    local.env["ARTIFORTRESS_ADMIN_TOKEN"] = TOKEN
    pid = place.start()
    until(lambda: place.latest(Ask.OPS))
    process = Path(f"/proc/{pid}")
    assert b"state.watch" in (process / "cmdline").read_bytes()
    for name in ("cmdline", "environ"):
        assert TOKEN.encode() not in (process / name).read_bytes()
    for path in place.directory.rglob("*"):
        if path.is_file():
            assert TOKEN.encode() not in path.read_bytes()
            assert path.stat().st_mode & 0o077 == 0


def test_it_stands_in_a_session_of_its_own_and_knows_no_textual(place: Place) -> None:
    pid = place.start()
    assert os.getsid(pid) == pid != os.getsid(0)
    os.kill(pid, signal.SIGHUP)
    count = len(place.look().ready_recent)
    until(lambda: len(place.look().ready_recent) > count + 2)
    code = "import sys, state.watch; sys.exit('textual' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_killed_watch_is_followed_by_a_new_one(place: Place) -> None:
    pid = place.start()
    until(lambda: len(place.look().ready_recent) > 3)
    os.kill(pid, signal.SIGKILL)
    until(place.gone)
    assert place.look().watch_since is None
    before = place.look().ready_recent
    assert place.start() != pid
    until(lambda: len(place.look().ready_recent) > len(before) + 3)
    first, second = place.reader.watches()
    assert (first.why, second.why) == ("ended without a word", None)
    assert before[-1].at <= (first.ended_at or 0) < second.started_at + 1


def test_termination_is_a_clean_end(place: Place) -> None:
    os.kill(place.start(), signal.SIGTERM)
    until(place.gone)
    assert place.last_words() == "ended by SIGTERM"


def _by_hand(place: Place, line: bytes) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "state.watch", str(place.directory)],
        input=line,
        capture_output=True,
        timeout=30,
        check=False,
    )


def test_a_second_watch_is_not_needed(place: Place) -> None:
    pid = place.start()
    second = _by_hand(place, place.command().to_line())
    assert (second.returncode, second.stderr) == (0, b"another watch is at work: this one is not needed\n")
    assert place.pids() == [pid]


def test_a_new_watch_waits_for_the_one_before_to_end(place: Place) -> None:
    first = place.start()
    place.tell("stop", why="another token")
    second = place.start()
    assert place.pids() == [first, second]
    assert place.reader.watches()[0].why == "another token"


@pytest.mark.parametrize("line", [b"", b"nonsense\n", b"{}\n", b'{"token": 5}\n', b"\n" + b"x" * 100_000])
def test_a_command_that_is_none_is_refused_in_one_line(place: Place, line: bytes) -> None:
    done = _by_hand(place, line)
    assert done.returncode == 2
    assert done.stderr.startswith(b"No command on standard input: ")
    assert done.stderr.count(b"\n") == 1


def test_a_command_travels_whole_and_never_shows_its_token() -> None:
    command = WatchCommand(
        token=SecretStr(TOKEN), replicas=("http://a",), ready_every=2, summary_every=15, linger=1
    )
    assert WatchCommand.from_line(command.to_line()) == command
    assert TOKEN not in repr(command)
    with pytest.raises(CommandError) as caught:
        WatchCommand.from_line(json.dumps({"token": TOKEN, "replicas": TOKEN}).encode())
    assert TOKEN not in str(caught.value)


def test_it_ends_when_nobody_came_back(place: Place) -> None:
    with (place.directory / "driver.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place.start(linger=0.5)
        until(lambda: len(place.look().ready_recent) > 12)
        assert is_alive(place.directory)
    until(place.gone)
    assert place.last_words() == "no console for 0.5 s"
    assert [attended for _, attended in place.reader.attendance()] == [True, False]


def test_it_ends_with_its_directory(place: Place, tmp_path: Path) -> None:
    pid = place.start()
    moved = tmp_path.with_name(tmp_path.name + "-archived")
    tmp_path.rename(moved)
    try:
        until(lambda: not is_alive(moved))
    finally:
        moved.rename(tmp_path)
    assert pid in place.pids()


def test_a_hanging_replica_delays_nobody_and_is_never_asked_twice_at_once(place: Place) -> None:
    with small_server() as slow:
        slow.hang = {"/health/ready", "/v1/admin/ops/summary"}
        place.start(replicas=(slow.url, place.server.url))
        until(lambda: place.server.asked["/health/ready"] >= 15)
        assert slow.asked["/health/live"] >= 8
        assert slow.asked["/health/ready"] == 1
        reading = until(lambda: place.look().latest.get((Ask.OPS, slow.url)))
        assert (reading.reading_class, reading.values) == (ReadingClass.TIMEOUT, None)
        until(lambda: slow.asked["/health/ready"] >= 2)
        first, second = slow.came["/health/ready"][:2]
        # The read timeout of readiness: nobody asked again while the first probe still waited.
        assert second - first >= 4.9


def test_a_refused_replica_is_a_reading_too(place: Place) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        place.start(replicas=(url,))
        until(lambda: len(place.look().ready_recent) >= 3)
    assert {reading.reading_class for reading in place.look().latest.values()} == {ReadingClass.REFUSED}
    assert place.look().latest[Ask.OPS, url].values is None


def test_a_readings_file_that_refuses_is_tried_again_and_nothing_is_lost(place: Place) -> None:
    path = place.directory / "readings.db"
    path.write_bytes(b"not a database" * 100)
    spawn(place.directory, place.command())
    log = place.directory / "watch.log"
    until(lambda: log.exists() and "readings.db cannot be written" in log.read_text())
    until(lambda: place.server.asked["/health/ready"] >= 10)
    path.unlink()
    until(lambda: path.exists() and len(place.look().ready_recent) >= 10)
    until(lambda: "can be written again" in log.read_text())
    assert log.read_text().count("\n") == 2
    assert place.look().watch_since is not None


def test_a_locked_readings_file_delays_no_poll(place: Place) -> None:
    place.start()
    until(lambda: place.look().ready_recent)
    blocker = sqlite3.connect(place.directory / "readings.db", isolation_level=None)
    blocker.execute("begin immediate")
    asked = place.server.asked["/health/ready"]
    until(lambda: place.server.asked["/health/ready"] >= asked + 8)
    blocker.execute("rollback")
    blocker.close()
    until(lambda: len(place.look().ready_recent) >= asked + 8)


def test_three_replicas_cost_next_to_nothing(place: Place) -> None:
    urls = tuple(f"http://localhost:{place.server.server_address[1]}/{number}" for number in range(2))
    pid = place.start(replicas=(place.server.url, *urls), ready_every=2.0)
    until(lambda: place.latest(Ask.OPS))
    ticks = os.sysconf("SC_CLK_TCK")

    def used() -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / ticks

    def polls() -> int:
        return len(place.look().ready_recent)

    first, began, before = used(), time.monotonic(), polls()
    until(lambda: polls() >= before + 9)
    # About one hundredth of a core here; a busy loop anywhere would be ten times the bound.
    assert (used() - first) / (time.monotonic() - began) < 0.08, f"{used() - first:.2f} s of CPU"
