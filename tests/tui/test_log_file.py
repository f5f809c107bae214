"""A growing log as lines: whatever the bytes are, and however they arrive."""

import random
import tracemalloc
from pathlib import Path

import pytest

from tui import log_file, log_index
from tui.log_file import LogFile


def indexed(path: Path, *secrets: str, budget: int = 1 << 22) -> LogFile:
    log = LogFile(path, secrets)
    while log.advance(budget):
        pass
    return log


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture
def tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sizes so small that a few lines cross every border of the index."""
    for module in (log_file, log_index):
        monkeypatch.setattr(module, "BLOCK", 16)
    monkeypatch.setattr(log_file, "REACH", 32)
    monkeypatch.setattr(log_file, "CHUNK", 64)
    monkeypatch.setattr(log_file, "LINE_BYTES", 8)
    monkeypatch.setattr(log_file, "MARGIN", 4)


def random_lines(source: random.Random) -> list[bytes]:
    lengths = source.choices([0, 1, 3, 7, 12, 17, 33, 70, 150], k=source.randrange(1, 40))
    return [bytes(source.choices(b"abc", k=length)) for length in lengths]


def as_shown(line: bytes) -> str:
    if len(line) <= 12:
        return line.decode()
    return f"{line[:8].decode()} … ({len(line)} bytes in this line)"


@pytest.mark.usefixtures("tiny_blocks")
@pytest.mark.parametrize("seed", range(60))
def test_any_lines_in_any_pieces_are_found_again(tmp_path: Path, seed: int) -> None:
    source = random.Random(seed)
    lines = random_lines(source)
    content = b"\n".join(lines)
    if lines[-1] and source.random() < 0.5:
        content += b"\n"
    elif not lines[-1]:
        lines.pop()
    path = tmp_path / "log"
    log = LogFile(path)
    sent = 0
    with path.open("ab", buffering=0) as out:
        while sent < len(content):
            piece = source.randrange(1, 60)
            out.write(content[sent : sent + piece])
            sent += piece
            while log.advance(source.randrange(1, 40)):
                pass
    assert log.line_count == len(lines)
    for first in range(len(lines)):
        assert log.lines(first, 5) == [as_shown(line) for line in lines[first : first + 5]]


@pytest.mark.usefixtures("tiny_blocks")
@pytest.mark.parametrize("seed", range(30))
def test_search_finds_what_reading_all_lines_finds(tmp_path: Path, seed: int) -> None:
    source = random.Random(seed)
    lines = random_lines(source)
    log = indexed(written(tmp_path / "log", b"\n".join(lines) + b"\n"), budget=20)
    typed = "".join(source.choices("abc", k=4))
    hits = [number for number, line in enumerate(lines) if typed.encode() in line]
    for start in range(len(lines)):
        first = min((hit for hit in hits if hit >= start), default=None)
        last = max((hit for hit in hits if hit <= start), default=None)
        for pattern, either_case in ((typed, False), (typed, True), (typed.upper(), True)):
            assert log.search(pattern, start, either_case=either_case) == first
            assert log.search(pattern, start, forwards=False, either_case=either_case) == last
        assert log.search(typed.upper(), start) is None


@pytest.mark.usefixtures("tiny_blocks")
@pytest.mark.parametrize("seed", range(30))
def test_the_end_is_what_it_is_once_all_is_read(tmp_path: Path, seed: int) -> None:
    source = random.Random(seed)
    lines = [*random_lines(source), b"x" * source.choice((3, 9000))]
    path = written(tmp_path / "log", b"\n".join(lines) + source.choice((b"", b"\n")))
    log, read = LogFile(path, ("abc",)), indexed(path, "abc")
    for count in (1, 3, len(lines)):
        whole = read.lines(max(0, read.line_count - count), count)
        at_once = log.tail(count)
        assert at_once == whole[len(whole) - len(at_once) :] and at_once


def test_the_end_of_nothing_is_nothing(tmp_path: Path) -> None:
    assert LogFile(tmp_path / "log").tail(5) == []
    assert LogFile(written(tmp_path / "log", b"")).tail(5) == []
    assert LogFile(written(tmp_path / "log", b"\n")).tail(5) == [""]
    # A line of which the beginning lies too far back.
    assert LogFile(written(tmp_path / "log", b"x" * (1 << 20))).tail(5) == []


def test_a_file_that_comes_later_and_is_cut_later(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = indexed(path)
    assert (log.line_count, log.size, log.lines(0, 10)) == (0, 0, [])
    path.write_bytes(b"one\ntwo\nthr")
    assert log.advance() and log.lines(0, 10) == ["one", "two", "thr"]
    with path.open("ab") as out:
        out.write(b"ee\n")
    assert log.advance() and log.lines(1, 10) == ["two", "three"]
    assert not log.advance()
    path.write_bytes(b"new\n")
    assert log.advance() and (log.line_count, log.size, log.lines(0, 10)) == (1, 4, ["new"])
    other = written(tmp_path / "other", b"a longer file in its place\nand more\n")
    other.rename(path)
    assert log.advance() and log.lines(0, 10) == ["a longer file in its place", "and more"]
    path.unlink()
    assert log.advance() and (log.line_count, log.size, log.lines(0, 10)) == (0, 0, [])
    assert not log.advance()


def test_lines_are_read_from_a_file_that_was_cut_since_the_last_look(tmp_path: Path) -> None:
    path = written(tmp_path / "log", b"line\n" * 1000)
    log = indexed(path)
    path.write_bytes(b"")
    assert set(log.lines(990, 10)) == {""}
    assert log.search("line", 0) is None


def test_a_directory_in_place_of_the_log_is_an_empty_log(tmp_path: Path) -> None:
    assert indexed(tmp_path).lines(0, 5) == []


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"10 %\r20 %\r30 %", "30 %"),
        (b"done\r", "done"),
        (b"\x1b[31mERROR\x1b[0m: relation exists", "ERROR: relation exists"),
        (b"\x1b]52;c;ZXZpbA==\x07after", "after"),
        (b"a\x00b", "a^@b"),
        (b"caf\xc3\xa9 \xff", "café �"),
        (b"a\tb", "a       b"),
        ("移行 0008".encode(), "移行 0008"),
        (b"PGPASSWORD=hunter2 psql", "PGPASSWORD=*** psql"),
        (b"using s3cr3t-value now", "using *** now"),
    ],
)
def test_a_line_is_fit_for_the_screen(tmp_path: Path, raw: bytes, shown: str) -> None:
    log = indexed(written(tmp_path / "log", raw + b"\nnext\n"), "s3cr3t-value")
    assert log.lines(0, 2) == [shown, "next"]


def test_a_huge_line_is_shown_in_part_and_the_next_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as out:
        out.write(b"before\n")
        for _ in range(100):
            out.write(b"x" * (1 << 20))
        out.write(b"\nafter\n")
    tracemalloc.start()
    log = indexed(path)
    before, huge, after = log.lines(0, 3)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (before, after, log.line_count) == ("before", "after", 3)
    assert huge == "x" * 4096 + " … (104857600 bytes in this line)"
    assert log.search("after", 0) == 2
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize("before", [3900, 4000, 4090, 5090])
def test_no_part_of_a_secret_is_left_at_the_cut(tmp_path: Path, before: int) -> None:
    secret = "s3cr3t" * 20
    line = b"x" * before + secret.encode() + b"y" * 8000
    (shown,) = indexed(written(tmp_path / "log", line), secret).lines(0, 1)
    assert shown.startswith("x" * 3900) and "s3cr3t" not in shown
    assert shown.endswith(f"({len(line)} bytes in this line)")


@pytest.mark.parametrize("before", [b"", b"x" * 5_000 + b"\n", b"x" * 300_000 + b"\n", b"line\n" * 9_000])
def test_a_key_is_hidden_wherever_the_screen_begins(tmp_path: Path, before: bytes) -> None:
    key = (
        b"-----BEGIN RSA PRIVATE KEY-----\n" + b"MIIEpAIBAAKCAQEA\n" * 25 + b"-----END RSA PRIVATE KEY-----\n"
    )
    log = indexed(written(tmp_path / "log", before + key + b"after\n"))
    begins = log.line_count - 28
    for first in range(begins, log.line_count):
        shown = log.lines(first, 10)
        assert shown == [*["***"] * (begins + 27 - first), "after"][:10]


def test_progress_without_newlines_shows_what_it_said_last(tmp_path: Path) -> None:
    line = b"".join(b"%d %%\r" % percent for percent in range(5000))
    assert indexed(written(tmp_path / "log", line)).lines(0, 1) == ["4999 %"]


def test_a_search_can_be_given_up(tmp_path: Path) -> None:
    log = indexed(written(tmp_path / "log", b"nothing\n" * 200_000 + b"here\n"))
    asked: list[bool] = []

    def given_up() -> bool:
        asked.append(len(asked) == 2)
        return asked[-1]

    assert log.search("here", 0) == 200_000
    assert log.search("here", 0, given_up=given_up) is None
    assert asked == [False, False, True]


def test_the_index_of_a_million_lines_stays_small(tmp_path: Path) -> None:
    path = written(tmp_path / "log", b"".join(b"line %d\n" % number for number in range(1_000_000)))
    tracemalloc.start()
    log = indexed(path)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert log.lines(777_777, 2) == ["line 777777", "line 777778"]
    assert log.search("line 999999", 5) == 999_999
    assert kept < 100_000 and peak < 4_000_000


@pytest.mark.parametrize("stops", range(1, 26))
def test_a_line_that_is_half_written_shows_no_half_of_a_secret(tmp_path: Path, stops: int) -> None:
    line = b"at postgres://app:correct-horse@db"
    path = written(tmp_path / "log", b"begins\n" + line[:stops])
    log = indexed(path)
    for shown in (log.lines(0, 9), log.tail(9)):
        assert len(shown) == 2
        assert "corr" not in shown[1], shown
    path.write_bytes(b"begins\n" + line + b"\nhttp://db:80")
    assert "corr" not in "".join(indexed(path).lines(0, 9))
    path.write_bytes(b"begins\n" + line + b"\nhttp://db:80\n")
    assert indexed(path).lines(2, 9) == ["http://db:80"]
