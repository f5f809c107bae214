"""`drawbridge report` prints or writes the evidence at any time, and says in a sentence what is wrong."""

import json
import re
import stat

import jsonschema
import pytest

from state.journal.directory import JOURNAL

from .conftest import CommandLine, assert_sentence
from .test_damaged_journal import broken, rewritten


def test_in_the_middle_of_a_window_that_a_console_drives(command_line: CommandLine) -> None:
    session = command_line.open_window()
    assert session.drives
    before = (session.directory / JOURNAL).read_bytes()
    code, out, err = command_line.run("report")
    assert (code, err) == (0, "")
    assert out.startswith("# Evidence: staging v1.4.2 to v1.5.0\n")
    assert f"| Window | {session.window.id} |" in out
    assert "| Chain | verifies, 3 events |" in out
    code, out, err = command_line.run("report", session.window.id, "--format", "html")
    assert (code, err) == (0, "")
    assert out.startswith("<!doctype html>") and out.endswith("</html>\n")
    assert (session.directory / JOURNAL).read_bytes() == before
    session.tick()
    assert session.drives


def test_the_json_and_its_schema(command_line: CommandLine) -> None:
    session = command_line.open_window()
    code, schema, err = command_line.run("report", "--schema", config=False)
    assert (code, err) == (0, "")
    code, out, err = command_line.run("report", "--format", "json")
    assert (code, err) == (0, "")
    document = json.loads(out)
    jsonschema.Draft202012Validator(json.loads(schema)).validate(document)
    head = json.loads(command_line.run("verify", "--json")[1])["head"]
    assert document["chain"]["sha256"] == head["sha256"]
    assert document["versions"]["release"] == "v1.5.0"
    assert document["versions"]["drawbridge"] == command_line.run("--version")[1].split()[-1]
    assert document["window"]["id"] == session.window.id


@pytest.mark.parametrize(
    ("name", "begins"), [("r.md", "# Evidence"), ("r.html", "<!doctype html>"), ("r.json", "{"), ("r", "# ")]
)
def test_the_ending_of_the_file_names_the_form(command_line: CommandLine, name: str, begins: str) -> None:
    command_line.open_window()
    path = command_line.home / name
    assert command_line.run("report", "-o", str(path)) == (0, "", "")
    assert path.read_text().startswith(begins)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert command_line.run("report", "--format", "json", "-o", str(path)) == (0, "", "")
    assert json.loads(path.read_text())["format"] == "drawbridge-evidence/1"


def test_what_cannot_be_written_is_a_sentence(command_line: CommandLine) -> None:
    command_line.open_window()
    for path, words in {
        command_line.home: "is a directory. Name a file in it.",
        command_line.home / "none" / "r.md": "There is no directory",
        "/dev/null": "is no file.",
    }.items():
        code, out, err = command_line.run("report", "-o", str(path))
        assert (code, out) == (1, "")
        assert_sentence(err, words)


def test_a_forged_journal_makes_a_report_that_says_so_loudly(command_line: CommandLine) -> None:
    broken(command_line, rewritten)
    for form, words in (
        ("md", "WARNING: The chain of"),
        ("html", 'class="alarm"'),
        ("json", '"verifies": false'),
    ):
        code, out, err = command_line.run("report", "--format", form)
        assert code == 1
        assert words in out
        assert_sentence(err, "does NOT verify: event 1 (WindowOpened) was changed")
    path = command_line.home / "r.html"
    code, out, err = command_line.run("report", "-o", str(path))
    assert (code, out) == (1, "")
    assert_sentence(err, "does NOT verify")
    assert "DOES NOT VERIFY" in path.read_text()


def test_no_window_yet(command_line: CommandLine) -> None:
    code, out, err = command_line.run("report")
    assert (code, out) == (1, "")
    assert_sentence(err, "there is no window in")


def test_a_form_that_there_is_not(command_line: CommandLine) -> None:
    code, out, err = command_line.run("report", "--format", "pdf")
    assert (code, out) == (2, "")
    assert re.search(r"'pdf' is not one of", err)
