"""A journal that is damaged, foreign or newer is named, with what to do, and never taken up."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from state.journal.directory import JOURNAL

from .conftest import CommandLine, assert_sentence

NOT_OURS = "is not a Drawbridge journal. Restore it from a copy, or move it away."
DAMAGED = "Nothing was opened. Keep a copy of the window's directory."
NEWER = "was written by a newer Drawbridge. Open it with that version."


def rubbish(journal: Path) -> None:
    journal.write_bytes(b"no database at all\n" * 400)


def empty(journal: Path) -> None:
    journal.write_bytes(b"")


def stranger(journal: Path) -> None:
    journal.unlink()
    with closing(sqlite3.connect(journal)) as db:
        db.execute("create table something (a)")


def newer(journal: Path) -> None:
    with closing(sqlite3.connect(journal)) as db:
        db.execute("pragma user_version = 99")


def rewritten(journal: Path) -> None:
    with closing(sqlite3.connect(journal, isolation_level=None)) as db:
        for (name,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute(f"drop trigger {name}")
        changed = db.execute("update events set body = replace(body, 'v1.5.0', 'v6.6.6') where seq = 1")
        assert changed.rowcount == 1


def torn(journal: Path) -> None:
    content = bytearray(journal.read_bytes())
    middle = len(content) // 2
    content[middle:] = b"\xff" * (len(content) - middle)
    journal.write_bytes(content)


def broken(command_line: CommandLine, damage: Callable[[Path], None]) -> Path:
    """A window with a journal that was damaged after its console had left."""
    session = command_line.open_window()
    session.leave()
    journal = session.directory / JOURNAL
    with closing(sqlite3.connect(journal)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    damage(journal)
    return journal


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (rubbish, "cannot be read (file is not a database)"),
        (empty, NOT_OURS),
        (stranger, NOT_OURS),
        (newer, NEWER),
        (torn, "cannot be read ("),
    ],
)
def test_a_journal_that_cannot_be_read(
    command_line: CommandLine, damage: Callable[[Path], None], words: str
) -> None:
    journal = broken(command_line, damage)
    code, out, err = command_line.run("status")
    assert (code, out) == (1, "")
    assert_sentence(err, words)
    assert str(journal) in err
    # The list names it and shows the others.
    code, out, err = command_line.run("windows")
    assert (code, err) == (0, "")
    assert f"unreadable: {journal}" in out and words in out
    (listed,) = json.loads(command_line.run("windows", "--json")[1])
    assert listed["state"] == "unreadable" and words in listed["problem"]


@pytest.mark.tmux
def test_the_console_opens_on_the_list_beside_a_journal_that_cannot_be_read(
    command_line: CommandLine,
) -> None:
    broken(command_line, newer)
    terminal = command_line.in_terminal().terminal
    terminal.wait_for("New window")
    terminal.send("Down", "Enter")
    terminal.wait_for(r"written by a newer\s+Drawbridge")
    terminal.send("q")
    assert terminal.ended() == 0
    assert "Traceback" not in terminal.said()


@pytest.mark.tmux
def test_a_journal_that_was_rewritten_is_not_taken_up(command_line: CommandLine) -> None:
    journal = broken(command_line, rewritten)
    code, said = command_line.refused_in_terminal()
    assert code == 1
    assert f"{journal}: event 1 (WindowOpened) was changed." in said
    assert DAMAGED in said
