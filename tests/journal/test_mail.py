"""Letters: whole or not there, in order, and nothing that lies in a mailbox can do harm."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from state.journal.mail import LARGEST, MailError, collect, send


def test_a_letter_arrives_once_with_its_sender(tmp_path: Path) -> None:
    box = tmp_path / "mail"
    send(box, "watch", "stop", {"why": "the window is closed"})
    send(box, "driver", "approve", {})
    (letter,) = collect(box, "watch")
    assert (letter.kind, letter.body, letter.owner) == ("stop", {"why": "the window is closed"}, os.getuid())
    assert letter.path.stat().st_mode & 0o777 == 0o600
    letter.discard()
    letter.discard()
    assert collect(box, "watch") == []
    assert [each.kind for each in collect(box, "driver")] == ["approve"]
    assert list(box.glob(".*")) == []


def test_letters_come_by_their_time(tmp_path: Path) -> None:
    for number in range(5):
        send(tmp_path, "watch", f"kind{number}", {})
    for letter in collect(tmp_path, "watch"):
        at = 1000 - int(letter.kind[-1])
        os.utime(letter.path, (at, at))
    letters = collect(tmp_path, "watch")
    assert [letter.kind for letter in letters] == ["kind4", "kind3", "kind2", "kind1", "kind0"]
    assert [letter.at for letter in letters] == [996, 997, 998, 999, 1000]


def test_the_group_reads_where_the_mailbox_is_the_groups(tmp_path: Path) -> None:
    tmp_path.chmod(0o2770)
    send(tmp_path, "driver", "approve", {})
    assert collect(tmp_path, "driver")[0].path.stat().st_mode & 0o777 == 0o640


def test_no_mailbox_is_an_empty_one(tmp_path: Path) -> None:
    assert collect(tmp_path / "none", "watch") == []


def test_a_mailbox_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")
    with pytest.raises(MailError, match=r"cannot be written \(Not a directory\)"):
        send(tmp_path / "mail", "watch", "stop", {})


def test_a_letter_that_is_too_large(tmp_path: Path) -> None:
    with pytest.raises(MailError, match="shorten its text"):
        send(tmp_path, "watch", "note", {"text": "x" * LARGEST})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("to", ["", "../x", "Watch", "a b"])
def test_an_addressee_is_a_word(tmp_path: Path, to: str) -> None:
    with pytest.raises(ValueError, match="no addressee"):
        send(tmp_path, to, "stop", {})


def test_what_is_no_letter_is_thrown_away(tmp_path: Path) -> None:
    good = json.dumps({"to": "watch", "kind": "whoami", "body": {}})
    bad = {
        "watch-1.json": "",
        "watch-2.json": "[" * 5000,
        "watch-3.json": '{"to":"driver","kind":"approve","body":{}}',
        "watch-4.json": '{"to":"watch","kind":1,"body":{}}',
        "watch-5.json": '{"to":"watch","kind":"x","body":[]}',
        "watch-6.json": good + " " * LARGEST,
    }
    for name, text in bad.items():
        (tmp_path / name).write_text(text)
    outside = tmp_path / "outside"
    outside.write_text(good)
    (tmp_path / "watch-link.json").symlink_to(outside)
    os.mkfifo(tmp_path / "watch-pipe.json")
    (tmp_path / "watch-folder.json").mkdir()
    (tmp_path / "watch-draft.tmp").write_text(good)
    (tmp_path / "watch-good.json").write_text(good)
    assert [letter.path.name for letter in collect(tmp_path, "watch")] == ["watch-good.json"]
    assert outside.read_text() == good
    left = {"outside", "watch-folder.json", "watch-draft.tmp", "watch-good.json"}
    assert {path.name for path in tmp_path.iterdir()} == left


def test_a_name_that_no_journal_could_hold_is_no_letter(tmp_path: Path) -> None:
    good = json.dumps({"to": "driver", "kind": "approve", "body": {}})
    for name in (b"driver-\xff.json", b"driver-\x1b[2J.json", b"driver-a b.json", b"driver-\n.json"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text(good)
    (tmp_path / "driver-good_1.json").write_text(good)
    assert [letter.name for letter in collect(tmp_path, "driver")] == ["driver-good_1"]
    assert len(list(tmp_path.iterdir())) == 1


def test_folders_are_in_no_letters_way(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"driver-{number:03}.json").mkdir()
    name = send(tmp_path, "driver", "approve", {})
    assert [letter.name for letter in collect(tmp_path, "driver")] == [name]


def test_a_second_link_to_somebody_elses_letter_is_none(tmp_path: Path) -> None:
    send(tmp_path / "mail", "driver", "approve", {})
    (letter,) = collect(tmp_path / "mail", "driver")
    os.link(letter.path, tmp_path / "kept")
    assert collect(tmp_path / "mail", "driver") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.binary(max_size=200))
def test_whatever_lies_there_collecting_goes_on(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "watch-x.json").write_bytes(content)
    assert collect(tmp_path, "watch") == []
    assert list(tmp_path.iterdir()) == []
