"""A hostile target, a hostile API and a login full of secrets: what reaches the operator and the disk."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from unicodedata import combining

import pytest

from state.report.verify import verify

from .evening import Evening, leaked, leaked_in, spend
from .hostile_site import FOR_COMMANDS, HOSTILE, SECRETS
from .recorded import OWN, strange

MEGABYTES = 1024 * 1024


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    return spend(tmp_path_factory.mktemp("evening"))


# What reaches the terminal


def test_nothing_but_the_consoles_own_sequences_is_sent(evening: Evening) -> None:
    assert strange(evening.sent) == set()
    assert len(evening.sent) > 20_000


def test_the_console_goes_to_the_alternate_screen_and_gives_all_back(evening: Evening) -> None:
    """Modes are the console's own words too: a target must not have said them in its place."""
    # Asked for by the first screen, and by the console that takes its place; given back once.
    for asked, given_back in ((b"?1049h", b"?1049l"), (b"?25l", b"?25h")):
        assert evening.sent.count(b"\x1b[" + asked) == 2, asked
        assert evening.sent.count(b"\x1b[" + given_back) == 1, given_back
    # The mouse is never asked for; at the end it is switched off, as everything is.
    assert b"\x1b[?1000h" not in evening.sent and b"\x1b[?1003h" not in evening.sent
    assert (evening.status, evening.modes_given_back) == (0, True)


def test_what_was_said_is_on_the_screen_as_text(evening: Evening) -> None:
    lines = [line.strip("│ ") for line in evening.screens["hostile"].splitlines()]
    for _, shown in HOSTILE:
        assert [line for line in lines if shown in line], shown
    assert "pg[red]<U+202E>" in evening.screens["before"]
    assert "500: " in evening.screens["before"] and "[/x]" in evening.screens["before"]


def panels(screen: str) -> list[tuple[int, int]]:
    """Left and right of every panel, each with a whole frame; no corner belongs to none."""
    # A mark on a letter takes no cell.
    lines = ["".join(one for one in line if not combining(one)) for line in screen.splitlines()]
    found = []
    for top, line in enumerate(lines):
        for left in (column for column, character in enumerate(line) if character == "┌"):
            right = line.index("┐", left)
            sides = [(below[left], below[right]) for below in lines[top + 1 :]]
            height = next(row for row, side in enumerate(sides) if side != ("│", "│"))
            assert sides[height] == ("└", "┘"), screen
            found.append((left, right))
    assert sum(line.count(corner) for line in lines for corner in "┌┐└┘") == 4 * len(found), screen
    return found


def test_the_screen_stays_right(evening: Evening) -> None:
    # Their heights go by what they have to say, which is another thing before and after.
    assert panels(evening.screens["after"]) == panels(evening.screens["before"]) != []
    for moment in ("hostile", "huge", "sealed"):
        lines = evening.screens[moment].splitlines()
        (top,) = [row for row, line in enumerate(lines) if line.startswith("┌─ make deploy")]
        (bottom,) = [row for row, line in enumerate(lines) if line.startswith("└─")]
        assert bottom - top > 20
        for line in lines[top + 1 : bottom]:
            cells = [character for character in line if not combining(character)]
            assert cells[0] == cells[119] == "│", line


def test_a_line_of_100_megabytes_takes_no_memory(evening: Evening) -> None:
    assert re.search(r"x{100}", evening.screens["huge"])
    assert evening.log.stat().st_size > 100_000_000
    assert evening.resident["after"] - evening.resident["before"] < 30 * MEGABYTES
    assert evening.resident["sealed"] - evening.resident["before"] < 30 * MEGABYTES


# Secrets


def test_the_target_really_said_them(evening: Evening) -> None:
    """All but those of the HTTP bodies and of its last line, which came later."""
    assert set(leaked(evening.raw)) == {*SECRETS} - {"address in a body", "bearer in a body", "last line"}
    shown = "".join(evening.screens.values())
    assert shown.count("***") > 40
    assert "cannot reach postgres://app:***@db/x" in evening.screens["last words"]
    assert "postgres://app:***@db refused" in evening.screens["before"]


def test_no_secret_reaches_the_terminal(evening: Evening) -> None:
    assert leaked(evening.sent) == []
    assert leaked(OWN.sub(b"", evening.sent)) == []
    for moment, screen in evening.screens.items():
        assert leaked(screen.encode()) == [], moment


def test_while_the_target_runs_only_its_raw_log_holds_what_it_said(evening: Evening) -> None:
    assert evening.before_sealing == {evening.log}


def test_afterwards_no_file_holds_a_secret(evening: Evening) -> None:
    looked_at = set()
    for path in evening.files():
        assert leaked_in(path) == [], path
        assert path.stat().st_mode & 0o077 == 0, path
        looked_at.add(path.name)
    assert {"journal.db", "readings.db", "log", "command.json", "watch.log"} <= looked_at
    assert not [path for path in evening.files() if path.name == "log.sealing"]


def test_no_process_shows_a_secret_but_a_command_those_that_are_for_it(evening: Evening) -> None:
    shown = {(secret, of_run, where.partition(" ")[0]) for secret, of_run, where in evening.processes}
    assert shown == {(secret, True, "environ") for secret in FOR_COMMANDS}, evening.processes


def test_the_journal_has_why_it_failed_and_verifies(evening: Evening) -> None:
    window = evening.log.parents[2]
    with closing(sqlite3.connect(f"file:{window / 'journal.db'}?mode=ro", uri=True)) as db:
        (ended,) = db.execute("select body from events where kind = 'RunEnded'").fetchone()
    assert "cannot reach postgres://app:***@db/x · make: *** [Makefile" in ended
    found = verify(Path(window))
    assert (found.is_right, found.findings, found.logs) == (True, (), 1)
