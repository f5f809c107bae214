"""A report is written whole or not at all, for its owner alone, and over nothing but a file."""

import os
import stat
from pathlib import Path

import pytest

from state.report.writing import WritingError, write

from ..torture.small_disk import cannot, small_disk


def test_a_file_is_made_and_replaced_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    before = os.umask(0)
    try:
        write(path, "first\n")
        path.chmod(0o644)
        write(path, "sécond\n")
    finally:
        os.umask(before)
    assert path.read_text(encoding="utf-8") == "sécond\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def directory(path: Path) -> None:
    path.mkdir()


def link(path: Path) -> None:
    path.symlink_to(path.parent / "elsewhere")


@pytest.mark.parametrize(
    ("make", "words"),
    [(directory, "is a directory"), (link, "is a link"), (os.mkfifo, "is no file")],
    ids=["directory", "link", "pipe"],
)
def test_what_is_no_file_is_not_written_over(tmp_path: Path, make: "object", words: str) -> None:
    assert callable(make)
    path = tmp_path / "report.md"
    make(path)
    with pytest.raises(WritingError, match=words):
        write(path, "text")
    assert list(tmp_path.iterdir()) == [path]
    assert not path.is_file()


@pytest.mark.parametrize("name", ["/", ".", "/dev/null", "/dev/stdout"])
def test_names_that_are_no_file(name: str) -> None:
    with pytest.raises(WritingError, match=r"\.$"):
        write(Path(name), "text")


def test_no_such_directory(tmp_path: Path) -> None:
    with pytest.raises(WritingError, match=f"There is no directory {tmp_path}/none. Make it"):
        write(tmp_path / "none" / "report.md", "text")


@pytest.mark.skipif(bool(cannot()), reason=cannot())
def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    with small_disk(tmp_path) as disk:
        path = tmp_path / "report.md"
        write(path, "before\n")
        disk.leave(8192)
        with pytest.raises(WritingError, match=r"the disk is full\. Free it"):
            write(path, "x" * 100_000)
        assert path.read_text() == "before\n"
        assert {one.name for one in tmp_path.iterdir()} == {"report.md", "ballast"}
