"""Whoever looks while the watch makes its file sees no readings yet, and never a stranger's file."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from state.journal.readings_schema import ReadingsError, check_schema
from state.journal.readings_writer import ReadingsWriter

#: So often the instant between two looks was met at least once in every try without one statement.
ROUNDS = 60


def looks_until(made: threading.Event, path: Path) -> list[int]:
    """The schema's number at every look, from the file's first moment to its last change."""
    seen: list[int] = []
    while not made.is_set():
        if not path.exists():
            continue
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            try:
                seen.append(check_schema(connection, path))
            except sqlite3.OperationalError:
                continue  # locked for an instant
    return seen


def test_a_file_in_the_making_is_no_strangers(tmp_path: Path) -> None:
    for number in range(ROUNDS):
        path, made = tmp_path / f"{number}.db", threading.Event()
        writer = threading.Thread(
            target=lambda path=path, made=made: (ReadingsWriter(path, 2.0, 8.0).close(), made.set())
        )
        writer.start()
        try:
            assert set(looks_until(made, path)) <= {0, 1}
        except ReadingsError as error:
            raise AssertionError(f"round {number}: {error}") from error
        finally:
            writer.join()
