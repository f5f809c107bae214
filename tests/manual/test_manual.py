"""The manual page says what the program does, and every renderer takes it without a warning."""

import os
import re
import shutil
import subprocess

import click
import pytest

from tests.manual.__main__ import PAGE, page
from tests.manual.roff import manual
from tui.command_line import cli


def test_the_page_is_that_of_the_program() -> None:
    text = PAGE.read_text()
    date = text.split('"')[1]
    assert text == page(date), "the command line has changed: make manual"


def test_every_command_and_option_is_in_it_with_an_example() -> None:
    text = PAGE.read_text().replace(r"\-", "-")
    for name, command in cli.commands.items():
        about = text.partition(f'.SS "drawbridge {name} ')[2].partition(".SS")[0]
        assert about and f"drawbridge {name}" in about.partition(".nf")[2], f"{name} has no example"
        for option in (each for each in command.params if isinstance(each, click.Option)):
            assert option.opts[-1] in about


def test_what_would_be_a_request_or_an_escape_is_text() -> None:
    @click.group(help=".SH is no heading, a\\b no escape, 'quoted' and \"so\"")
    def group() -> None: ...

    text = manual(group, "x", "1", "2026-02-11")
    assert text.count(".SH NAME") == 1 and r"\&.SH is" in text
    assert r"a\eb" in text and r"\(aqquoted\(aq" in text and r"\(dqso\(dq" in text


@pytest.mark.parametrize(
    "command",
    [
        ("man", "--warnings", "-l"),
        ("groff", "-man", "-ww", "-z", "-Tutf8"),
        ("mandoc", "-T", "lint", "-W", "warning"),
    ],
)
def test_it_renders_without_a_warning(command: tuple[str, ...]) -> None:
    if shutil.which(command[0]) is None:
        reason = f"{command[0]} is not installed (Debian: man-db, groff, mandoc)"
        if os.environ.get("DRAWBRIDGE_TEST_ALL") == "1":
            pytest.fail(f"{reason}, and DRAWBRIDGE_TEST_ALL=1 asks for every test")
        pytest.skip(reason)
    done = subprocess.run(
        [*command, str(PAGE)],
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "MANWIDTH": "100", "MANPAGER": "cat"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    if command[0] == "man":
        shown = re.sub(r".\x08", "", done.stdout)
        assert "EXIT STATUS" in shown and "drawbridge status [OPTIONS] [WINDOW]" in shown
        assert "set -g status-right '#(drawbridge status --line)'" in shown
    else:
        assert done.stdout == ""
