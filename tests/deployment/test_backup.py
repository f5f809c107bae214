"""Backups: every way in which a dump can be cut is seen, and none is read twice."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from state.deployment import backup
from state.deployment.backup import MARKER, SAFETY, examine, newest

HEAD = b"""--
-- PostgreSQL database dump
--

\\restrict abc
SET statement_timeout = 0;
CREATE TABLE public.notes (id integer, body text);
CREATE TABLE public.empty (id integer);

"""
ROWS = b"""COPY public.notes (id, body) FROM stdin;
1\tfirst
-- PostgreSQL database dump complete
2\tlast
\\.


COPY public.empty (id) FROM stdin;
\\.


"""
INDEXES = b"ALTER TABLE ONLY public.notes ADD CONSTRAINT notes_pkey PRIMARY KEY (id);\n\n"
END = b"--\n-- PostgreSQL database dump complete\n--\n\n"
UNRESTRICT = b"\\unrestrict abc\n\n"
WHOLE = HEAD + ROWS + INDEXES + END


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dump.sql"


def problem(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return examine(path).problem


def test_a_whole_dump(path: Path) -> None:
    path.write_bytes(WHOLE)
    os.utime(path, (1_770_000_000, 1_770_000_000))
    found = examine(path)
    assert found.problem == ""
    assert (found.path, found.size) == (path, len(WHOLE))
    assert found.sha256 == hashlib.sha256(WHOLE).hexdigest()
    assert found.captured_at == 1_770_000_000.0


@pytest.mark.parametrize(
    "content",
    [WHOLE + UNRESTRICT, HEAD + END, WHOLE.rstrip(), WHOLE + b"\n" * 3000],
    ids=["unrestrict after the mark", "no rows", "no last newline", "the mark far from the end"],
)
def test_other_whole_dumps(path: Path, content: bytes) -> None:
    assert problem(path, content) == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (HEAD, "does not end with"),
        (HEAD + b"COPY public.notes (id, body) FROM stdin;\n1\tfirst\n", "within the rows"),
        (HEAD + ROWS + INDEXES, "does not end with"),
        (HEAD + ROWS.partition(b"2\tlast")[0], "within the rows"),
        (HEAD + ROWS.partition(b"COPY public.empty")[0], "does not end with"),
        (WHOLE + b"\n" * 5000, "does not end with"),
        (HEAD + b"SELECT '-- PostgreSQL database dump complete';\n", "does not end with"),
        (HEAD + MARKER + b" is what it says at the end\n", "does not end with"),
        (WHOLE + b"COPY public.more (id) FROM stdin;\n1\n", "within the rows"),
    ],
    ids=[
        "empty",
        "header only",
        "in the rows",
        "before the end",
        "behind a row that reads like the mark",
        "after a table with such a row",
        "the mark too far from the end",
        "the mark within a line",
        "a longer line that begins like the mark",
        "two dumps, the second cut",
    ],
)
def test_cut_dumps(path: Path, content: bytes, words: str) -> None:
    assert words in problem(path, content)


def test_every_cut_is_seen(path: Path) -> None:
    complete = len(HEAD + ROWS + INDEXES) + END.index(MARKER) + len(MARKER)
    for cut in range(len(WHOLE) + 1):
        assert bool(problem(path, WHOLE[:cut])) == (cut < complete), cut


@settings(
    deadline=None,
    max_examples=60,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    tables=st.lists(st.integers(0, 400), min_size=1, max_size=3),
    tail=st.sampled_from((b"", UNRESTRICT)),
    share=st.floats(0, 1),
    chunk=st.integers(1, 5000),
)
def test_where_the_chunks_break_makes_no_difference(
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tables: list[int],
    tail: bytes,
    share: float,
    chunk: int,
) -> None:
    rows = b"".join(
        b"COPY public.t (a) FROM stdin;\n" + b"a row of the table\n" * count + b"\\.\n\n" for count in tables
    )
    whole = HEAD + rows + END + tail
    cut = whole[: int(len(whole) * share)]
    path.write_bytes(cut)
    at_once = examine(path)
    with monkeypatch.context() as patch:
        patch.setattr(backup, "_CHUNK", chunk)
        in_chunks = examine(path)
    assert in_chunks == at_once
    assert at_once.sha256 == hashlib.sha256(cut).hexdigest()
    assert bool(at_once.problem) == (b"\n" + MARKER not in cut)


def test_a_large_dump_is_read_in_pieces(path: Path) -> None:
    row = b"1\t" + b"x" * 997 + b"\n"
    content = HEAD + b"COPY public.notes (id, body) FROM stdin;\n" + row * 3000 + b"\\.\n\n" + END
    path.write_bytes(content)
    found = examine(path)
    assert (found.problem, found.size) == ("", len(content))
    assert found.sha256 == hashlib.sha256(content).hexdigest()


# Rows


def test_the_rows_of_each_table_are_counted(path: Path) -> None:
    path.write_bytes(WHOLE)
    assert examine(path).rows == {"public.notes": 3, "public.empty": 0}


@pytest.mark.parametrize(
    ("dump", "rows"),
    [
        (HEAD + END, {}),
        (HEAD + ROWS.partition(b"2\tlast")[0], {"public.notes": 2}),
        (HEAD + b'COPY public."odd name" (id) FROM stdin;\n1\n\\.\n' + END, {'public."odd name"': 1}),
        (HEAD + b"SELECT 'COPY public.x (a) FROM stdin;';\n1\n" + END, {}),
        (HEAD + b"COPY public.x (a) FROM stdin;\n\\\\.\n\\.x\n\\.\n" + END, {"public.x": 2}),
        (HEAD + 2 * b"COPY public.x (a) FROM stdin;\n1\n\\.\n" + END, {"public.x": 2}),
        (
            HEAD + b"COPY public.x (a) FROM stdin;\nCOPY public.y (a) FROM stdin;\n\\.\n" + END,
            {"public.x": 1},
        ),
    ],
    ids=[
        "no tables",
        "cut",
        "a quoted name",
        "a COPY within a line",
        "rows that begin like the end",
        "one table in two parts",
        "a row that reads like a COPY",
    ],
)
def test_what_counts_as_a_row(path: Path, dump: bytes, rows: dict[str, int]) -> None:
    path.write_bytes(dump)
    assert examine(path).rows == rows


@pytest.mark.parametrize("chunk", [1, 7, 4096, 40_000])
def test_rows_longer_than_what_is_kept_of_a_line(
    path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(backup, "_CHUNK", chunk)
    monkeypatch.setattr(backup, "_LINE_BEGINS", 64)
    row = b"x" * 100 + MARKER + b"x" * 2000
    content = HEAD + b"COPY public.x (a) FROM stdin;\n" + (row + b"\n") * 5 + b"\\.\n\n" + END
    path.write_bytes(content)
    found = examine(path)
    assert (found.problem, found.rows) == ("", {"public.x": 5})


@pytest.mark.parametrize(
    "content",
    [
        WHOLE.replace(MARKER + b"\n", MARKER + b"\r\n"),
        HEAD + ROWS + MARKER,
        HEAD + ROWS + MARKER + b"\r",
    ],
    ids=["a carriage return", "the mark as the last line", "both"],
)
def test_a_mark_is_a_line_of_its_own(path: Path, content: bytes) -> None:
    assert problem(path, content) == ""


@pytest.mark.parametrize(
    "content",
    [
        WHOLE + ROWS,
        HEAD + ROWS + b"x" + MARKER + b"\n",
        HEAD + ROWS + b" " + MARKER + b"\n",
        HEAD + b"COPY public.notes (id, body) FROM stdin;\n" + MARKER + b"\n\\.\n",
        HEAD + b"COPY public.notes (id, body) FROM stdin;\n" + MARKER + b"\n",
    ],
    ids=["rows after the mark", "a longer line", "an indented line", "as a row", "as the last row of a cut"],
)
def test_what_is_no_mark(path: Path, content: bytes) -> None:
    assert "is cut short" in problem(path, content)


def test_what_is_not_there(path: Path) -> None:
    found = examine(path)
    assert (found.problem, found.size, found.sha256) == (f"{path} is not there", 0, "")


def test_a_pipe_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    assert examine(path).problem == f"{path} is not a regular file"


def test_a_directory_and_a_device(tmp_path: Path) -> None:
    assert "is not a regular file" in examine(tmp_path).problem
    assert "is not a regular file" in examine(Path("/dev/null")).problem


def test_a_path_through_a_file(path: Path) -> None:
    path.write_bytes(WHOLE)
    assert examine(path / "below").problem


def test_the_newest_dump(tmp_path: Path) -> None:
    assert newest(tmp_path) is None
    for name, at in (("old.sql", 100), ("new.sql", 300), ("middle.sql", 200), ("other.txt", 400)):
        (tmp_path / name).write_bytes(WHOLE)
        os.utime(tmp_path / name, (at, at))
    (tmp_path / "later.sql").mkdir()
    os.mkfifo(tmp_path / "pipe.sql")
    (tmp_path / "dangling.sql").symlink_to(tmp_path / "gone")
    assert newest(tmp_path) == tmp_path / "new.sql"
    # What was kept before a restore is what nobody wanted any more.
    (tmp_path / f"{SAFETY}w-20261128.sql").write_text("newer still")
    assert newest(tmp_path) == tmp_path / "new.sql"


def test_a_directory_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        newest(tmp_path / "gone")
