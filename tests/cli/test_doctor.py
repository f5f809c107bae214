"""`drawbridge doctor` names what is wrong, one line each with the mend, and its exit status says so."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import CommandLine


def findings(command_line: CommandLine) -> tuple[int, list[str]]:
    """Exit status and lines of `doctor`."""
    code, out, err = command_line.run("doctor")
    assert err == ""
    return code, out.splitlines()


def lines_about(found: list[str], subject: str) -> list[str]:
    return [line for line in found if line[6:].startswith(f"{subject}:")]


def test_doctor_on_settings_that_are_wrong(command_line: CommandLine) -> None:
    command_line.edit("[api]", '[api]\nurl = "x"')
    code, found = findings(command_line)
    assert code == 1
    (line,) = lines_about(found, "settings")
    assert line.startswith("FAIL") and "api.url is not a known key: did you mean urls?" in line


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda token: token.unlink(), "cannot be read (No such file or directory): mend its path"),
        (lambda token: token.chmod(0o644), "can be read by others: chmod 600"),
        (lambda token: token.write_text(""), "gave no token: it is empty"),
        (lambda token: (token.unlink(), token.mkdir()), "is not a regular file"),
    ],
)
def test_doctor_on_a_token_file_that_cannot_be_used(
    command_line: CommandLine, spoil: Callable[[Path], object], words: str
) -> None:
    spoil(command_line.token)
    code, found = findings(command_line)
    assert code == 1
    (line,) = lines_about(found, "token")
    assert line.startswith("FAIL") and words in line and str(command_line.token) in line


def test_doctor_on_a_missing_target(command_line: CommandLine) -> None:
    assert [line[:4] for line in lines_about(findings(command_line)[1], "make")] == ["ok  "]
    command_line.makefile.write_text("db-backup:\n\t@echo\n")
    code, found = findings(command_line)
    assert code == 1
    verdicts = {
        line.rpartition("has no target ")[2].split()[0]: line[:4] for line in found if "no target" in line
    }
    assert verdicts["db-migrate"] == "FAIL"
    assert verdicts["db-restore"] == "warn"
    command_line.makefile.unlink()
    (line,) = lines_about(findings(command_line)[1], "make")
    assert line.startswith("FAIL") and "has no Makefile. Name the Artifortress checkout" in line


def test_doctor_on_a_state_directory_that_cannot_be_written(command_line: CommandLine) -> None:
    command_line.state.write_text("a file")
    code, found = findings(command_line)
    assert code == 1
    (line,) = lines_about(found, "state directory")
    assert line.startswith("FAIL") and "is not a directory" in line and "DRAWBRIDGE_STATE" in line
