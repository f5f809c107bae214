"""Sealing: the log of a run that is over keeps all but its secrets, and is there whole at any time."""

import fcntl
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import state
from state.deployment import rewriting, room
from state.deployment.rewriting import rewrite
from state.deployment.sealing import Sealed, seal
from state.text.redaction import Redactor, redact

from .place import until

ROOT = Path(state.__file__).parents[1]
RAW = (
    b"\x1b[32mstart\x1b[0m\r\n10%\r20%\rdone\n\x00\xff\xfe caf\xc3\xa9 \x1b]0;title\x07\n"
    b"\x1b[31mghp_abcdefghijklmnopqrstuvwxyz\x1b[0m token=hunter2hunter2\n"
    b"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN\n-----END PRIVATE KEY-----\nlogged in as correct-horse\nlast"
)
KEPT = (
    b"\x1b[32mstart\x1b[0m\r\n10%\r20%\rdone\n\x00\xff\xfe caf\xc3\xa9 \x1b]0;title\x07\n"
    b"\x1b[31m***\x1b[0m token=***\n***\n***\n***\nlogged in as ***\nlast"
)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that is over."""
    (tmp_path / "lock").touch(0o600)
    (tmp_path / "log").touch(0o600)
    (tmp_path / "log").write_bytes(RAW)
    return tmp_path


def test_all_but_the_secrets_stays_as_it_was(run: Path) -> None:
    (run / "log").chmod(0o640)
    sealed = seal(run, ["correct-horse"])
    assert (run / "log").read_bytes() == KEPT
    assert sealed == Sealed(len(KEPT), hashlib.sha256(KEPT).hexdigest())
    assert (run / "log").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in run.iterdir()) == ["lock", "log"]
    assert seal(run, ["correct-horse"]) == sealed


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
@given(st.lists(st.binary(max_size=40) | st.sampled_from(RAW.split(b" ")), max_size=30))
def test_any_bytes_are_sealed_as_they_are_redacted(run: Path, pieces: list[bytes]) -> None:
    raw = b" ".join(pieces)
    (run / "log").write_bytes(raw)
    assert rewrite(run / "log", ())
    text = redact(raw.decode("utf-8", "surrogateescape"))
    assert (run / "log").read_bytes() == text.encode("utf-8", "surrogateescape")


def test_a_run_of_which_something_lives_is_left_alone(run: Path) -> None:
    with (run / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert seal(run) is None
    assert (run / "log").read_bytes() == RAW
    assert seal(run)


def test_only_one_console_seals(run: Path) -> None:
    place = os.open(run, os.O_RDONLY)
    fcntl.flock(place, fcntl.LOCK_EX)
    assert seal(run) is None
    os.close(place)
    assert (run / "log").read_bytes() == RAW
    assert seal(run)


def test_what_is_written_meanwhile_is_not_lost(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something that gave up the lock and kept the log."""
    copied = rewriting._copied

    def overtaken(raw: BinaryIO, out: BinaryIO, redactor: Redactor) -> Sealed:
        sealed = copied(raw, out, redactor)
        with (run / "log").open("ab") as late:
            late.write(b" words")
        return sealed

    with monkeypatch.context() as patched:
        patched.setattr(rewriting, "_copied", overtaken)
        assert rewrite(run / "log", ()) is None
    assert (run / "log").read_bytes() == RAW + b" words"
    assert seal(run, ["correct-horse"])
    assert (run / "log").read_bytes() == KEPT + b" words"


def test_room_that_was_kept_for_more_of_it_is_free_before_its_copy_needs_any(run: Path) -> None:
    log = run / "log"
    log.write_bytes(b"one line\n")
    with log.open("ab") as stream:
        room.reserve(stream.fileno(), 1024 * 1024)
    assert log.stat().st_blocks > 1000
    (run / "log.sealing").mkdir()  # no copy can be made
    with pytest.raises(OSError):
        rewrite(log, ())
    assert log.stat().st_blocks < 100
    assert log.read_bytes() == b"one line\n"


def test_that_room_stays_while_anybody_has_the_log_open_for_writing(run: Path) -> None:
    log = run / "log"
    with log.open("ab", buffering=0) as straggler:
        room.reserve(straggler.fileno(), 1024 * 1024)
        with pytest.raises(BlockingIOError):
            room.give_back(log)
        straggler.write(b"one more line\n")
        assert log.stat().st_blocks > 1000
    room.give_back(log)
    assert log.stat().st_blocks < 100
    assert log.read_bytes() == RAW + b"one more line\n"


def test_no_log_is_nothing_to_seal(run: Path) -> None:
    (run / "log").unlink()
    with pytest.raises(FileNotFoundError):
        seal(run)
    assert sorted(path.name for path in run.iterdir()) == ["lock"]


_FULL = """
import resource, signal, sys
from pathlib import Path
from state.deployment.sealing import seal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    seal(Path(sys.argv[1]))
except OSError as error:
    print(error.strerror)
"""


def test_a_full_disk_leaves_the_raw_log_and_nothing_else(run: Path) -> None:
    (run / "log").write_bytes(RAW * 2000)
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(run)], cwd=ROOT, capture_output=True, text=True, timeout=30
    )
    assert (done.stdout, done.stderr) == ("File too large\n", "")
    assert (run / "log").read_bytes() == RAW * 2000
    assert sorted(path.name for path in run.iterdir()) == ["lock", "log"]


_SEALING = """
import sys
from pathlib import Path
from state.deployment.sealing import seal

print("ready", flush=True)
seal(Path(sys.argv[1]), ["correct-horse"])
"""


def rewriters(run: Path) -> list[int]:
    """The processes that rewrite a log of this test."""
    wanted = ["-m", "state.deployment.rewriting", str(run)]
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (place / "cmdline").read_text().split("\0")[2:5] == wanted:
                found.append(int(place.name))
    return found


def test_a_console_that_is_killed_leaves_it_to_be_finished(run: Path) -> None:
    (run / "log").write_bytes(RAW * 20_000)
    with subprocess.Popen(
        [sys.executable, "-c", _SEALING, str(run)], cwd=ROOT, stdout=subprocess.PIPE
    ) as console:
        until(lambda: rewriters(run))
        console.kill()
        console.wait(10)
    assert rewriters(run), "it ended with the console, or before: this shows nothing"
    assert seal(run) is None, "two are at it"
    until(lambda: not rewriters(run))
    assert (run / "log").read_bytes() == KEPT * 20_000
    assert sorted(path.name for path in run.iterdir()) == ["lock", "log"]


def test_what_rewrites_it_may_be_killed_too(run: Path) -> None:
    (run / "log").write_bytes(RAW * 20_000)
    with ThreadPoolExecutor() as pool:
        sealed = pool.submit(seal, run, ["correct-horse"])
        until(lambda: (run / "log.sealing").exists())
        (rewriter,) = rewriters(run)
        os.kill(rewriter, signal.SIGKILL)
        with pytest.raises(OSError, match="what rewrites it ended with -9"):
            sealed.result(10)
    assert (run / "log").read_bytes() == RAW * 20_000
    assert seal(run, ["correct-horse"])


def test_killed_at_any_moment_the_log_is_raw_or_sealed(run: Path) -> None:
    raw, kept, source = RAW * 5000, KEPT * 5000, random.Random(5)
    begun = time.monotonic()
    (run / "log").write_bytes(raw)
    seal(run, ["correct-horse"])
    took = time.monotonic() - begun
    seen = set()
    for _ in range(12):
        (run / "log").write_bytes(raw)
        with subprocess.Popen(
            [sys.executable, "-m", "state.deployment.rewriting", str(run)], cwd=ROOT, stdin=subprocess.PIPE
        ) as child:
            assert child.stdin is not None
            child.stdin.write(b'["correct-horse"]')
            child.stdin.close()
            time.sleep(source.uniform(0, took * 1.3))
            os.kill(child.pid, signal.SIGKILL)
            child.wait(10)
        found = (run / "log").read_bytes()
        assert found in (raw, kept)
        seen.add((found == kept, (run / "log.sealing").exists()))
        assert seal(run, ["correct-horse"])
        assert (run / "log").read_bytes() == kept
        assert sorted(path.name for path in run.iterdir()) == ["lock", "log"]
    assert (False, True) in seen, f"no kill fell into the sealing: {seen}"


_LARGE = """
import resource, sys
from pathlib import Path
from state.deployment.sealing import seal

def peak():
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss

for run in map(Path, sys.argv[1:]):
    print(seal(run).size, peak())
"""


def test_a_line_of_100_megabytes_takes_no_memory(run: Path, tmp_path: Path) -> None:
    with (run / "log").open("wb") as log:
        for _ in range(100):
            log.write(b"x" * 1_000_000)
        log.write(b" password=hunter2hunter2")
    small = tmp_path / "small"
    small.mkdir()
    for name in ("lock", "log"):
        (small / name).touch(0o600)
    done = subprocess.run(
        [sys.executable, "-c", _LARGE, str(small), str(run)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    _, before, size, after = map(int, done.stdout.split())
    assert size == 100_000_000 + len(" password=***")
    assert after - before < 20_000, "kilobytes"
    with (run / "log").open("rb") as log:
        log.seek(-20, os.SEEK_END)
        assert log.read() == b"xxxxxxx password=***"
