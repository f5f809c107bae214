"""`drawbridge verify` prints what it found and the head, and its exit status says whether all is right."""

import json

from state.journal.directory import JOURNAL

from .conftest import CommandLine, assert_sentence
from .test_damaged_journal import rewritten


def test_a_window_that_is_right(command_line: CommandLine) -> None:
    session = command_line.open_window()
    code, out, err = command_line.run("verify")
    assert (code, err) == (0, "")
    verdict, head, compare = out.splitlines()
    assert verdict == f"ok    {session.directory.name}: read 3 events, 0 runs, 0 sealed logs, 0 backups"
    assert head.startswith("head  event 3, 20") and len(head.rpartition(" ")[2]) == 64
    assert compare.startswith("Events taken off the end of a journal leave no trace in it: compare the head")
    code, out, err = command_line.run("verify", session.directory.name, "--json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    assert (document["right"], document["findings"]) == (True, [])
    assert head.endswith(document["head"]["sha256"])


def test_a_window_that_was_changed(command_line: CommandLine) -> None:
    session = command_line.open_window()
    session.leave()
    rewritten(session.directory / JOURNAL)
    code, out, err = command_line.run("verify", session.directory.name)
    assert (code, err) == (1, "")
    assert out.splitlines()[0] == "FAIL  journal: event 1 (WindowOpened) was changed"
    assert out.splitlines()[1].startswith("FAIL  ")
    code, out, err = command_line.run("verify", "--json")
    assert (code, err) == (1, "")
    (finding,) = json.loads(out)["findings"]
    assert finding == {
        "subject": "journal",
        "words": "event 1 (WindowOpened) was changed",
        "wrong": True,
    }


def test_no_such_window(command_line: CommandLine) -> None:
    code, out, err = command_line.run("verify", "2026-elsewhere")
    assert (code, out) == (1, "")
    assert_sentence(err, "there is no window 2026-elsewhere in")
