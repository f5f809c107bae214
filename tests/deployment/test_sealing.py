"""Sealing: the log of a run that is over keeps all but its secrets, and is there whole at any time."""

import fcntl
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import state
from state.deployment import sealing
from state.deployment.sealing import Sealed, seal
from state.text.redaction import Redactor, redact

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
    assert seal(run)
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
    rewrite = sealing._rewrite

    def overtaken(
        raw: BinaryIO, out: BinaryIO, redactor: Redactor, goes_on: Callable[[], bool]
    ) -> Sealed | None:
        sealed = rewrite(raw, out, redactor, goes_on)
        with (run / "log").open("ab") as late:
            late.write(b" words")
        return sealed

    with monkeypatch.context() as patched:
        patched.setattr(sealing, "_rewrite", overtaken)
        assert seal(run) is None
    assert (run / "log").read_bytes() == RAW + b" words"
    assert seal(run, ["correct-horse"])
    assert (run / "log").read_bytes() == KEPT + b" words"


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
sys.stdin.readline()
seal(Path(sys.argv[1]), ["correct-horse"])
"""


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
            [sys.executable, "-c", _SEALING, str(run)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as child:
            assert child.stdin is not None and child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            child.stdin.write(b"\n")
            child.stdin.flush()
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

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sealed = seal(Path(sys.argv[1]))
print(sealed.size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_line_of_100_megabytes_takes_no_memory(run: Path) -> None:
    with (run / "log").open("wb") as log:
        for _ in range(100):
            log.write(b"x" * 1_000_000)
        log.write(b" password=hunter2hunter2")
    done = subprocess.run(
        [sys.executable, "-c", _LARGE, str(run)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    size, grown = map(int, done.stdout.split())
    assert size == 100_000_000 + len(" password=***")
    assert grown < 20_000, "kilobytes"
    with (run / "log").open("rb") as log:
        log.seek(-20, os.SEEK_END)
        assert log.read() == b"xxxxxxx password=***"
