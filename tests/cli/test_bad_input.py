"""Whatever is wrong: one clear sentence with the mend, the right exit status, and never a traceback."""

import json

import pytest

from .conftest import CommandLine, assert_sentence

LOOKS = [(), ("status",), ("windows",)]


# The settings

WRONG = [
    ("environment =", 'colour = "red"\nenvironment =', "line 1: colour is not a known key: known here are"),
    ("[api]", "[api]\nurl = []", "line 5: api.url is not a known key: did you mean urls?"),
    ('"staging"', "7", "line 1: environment: write a text in quotes."),
    ('["http://127.0.0.1:1"]', '"http://127.0.0.1:1"', "line 5: api.urls: write a list, such as"),
    ("[make]", "[make", "not valid TOML:"),
    ('linger = "5s"', "linger = 30", "watch.linger: write a duration in quotes, such as"),
]


@pytest.mark.parametrize("arguments", LOOKS)
@pytest.mark.parametrize(("old", "new", "words"), WRONG)
def test_a_mistake_in_the_settings_is_named_with_its_line(
    command_line: CommandLine, arguments: tuple[str, ...], old: str, new: str, words: str
) -> None:
    command_line.edit(old, new)
    code, out, err = command_line.run(*arguments)
    assert (code, out) == (2, "")
    assert_sentence(err, words)
    assert str(command_line.config) in err


@pytest.mark.parametrize("arguments", LOOKS)
def test_settings_that_are_named_and_not_there(command_line: CommandLine, arguments: tuple[str, ...]) -> None:
    command_line.config.unlink()
    code, out, err = command_line.run(*arguments)
    assert (code, out) == (2, "")
    assert_sentence(err, f"{command_line.config} does not exist: mend --config, or write the file.")


def test_no_settings_anywhere(command_line: CommandLine) -> None:
    command_line.config.unlink()
    code, _, err = command_line.run(config=False)
    assert code == 2
    assert_sentence(
        err, "No drawbridge.toml found. `drawbridge init` writes one; --config names one elsewhere."
    )
    # Looking needs none.
    assert command_line.run("windows", config=False) == (0, "no windows yet\n", "")
    code, _, err = command_line.run("status", config=False)
    assert code == 1
    assert_sentence(err, "there is no window in")


@pytest.mark.parametrize(("old", "new", "words"), WRONG)
def test_a_status_line_names_the_mistake_as_well(
    command_line: CommandLine, old: str, new: str, words: str
) -> None:
    command_line.open_window()
    assert command_line.run("status", "--line")[0] == 0
    command_line.edit(old, new)
    code, out, err = command_line.run("status", "--line")
    assert (code, out) == (2, "")
    assert_sentence(err, words)


@pytest.mark.parametrize("wrong", ["7", '""', '"~nobody-of-that-name/x"'])
def test_a_status_line_names_a_place_that_is_none(command_line: CommandLine, wrong: str) -> None:
    text = command_line.config.read_text().splitlines()
    command_line.config.write_text("\n".join([text[0], f"state = {wrong}", *text[2:]]))
    code, out, err = command_line.run("status", "--line")
    assert (code, out) == (2, "")
    assert_sentence(err, "line 2: state: ")


# The arguments


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--nope",), "No such option '--nope'"),
        (("nope",), "No such command 'nope'"),
        (("status", "one", "two"), "unexpected extra argument (two)"),
        (("windows", "one"), "unexpected extra argument (one)"),
        (("rehearse", "--scenario"), "'--scenario' requires an argument"),
        (("rehearse", "--scenario", "nope"), "To list them: `drawbridge rehearse --list`"),
        (("--config",), "'--config' requires an argument"),
    ],
)
def test_arguments_that_make_no_sense(
    command_line: CommandLine, arguments: tuple[str, ...], words: str
) -> None:
    code, out, err = command_line.run(*arguments, config=False)
    assert (code, out) == (2, "")
    assert words in err


def test_a_window_that_is_not_there(command_line: CommandLine) -> None:
    command_line.open_window()
    code, _, err = command_line.run("status", "\x1b[2Jnope")
    assert code == 1 and "\x1b" not in err
    assert_sentence(err, "To list them: `drawbridge windows`")


def test_what_asks_for_nothing_wrong(command_line: CommandLine) -> None:
    assert command_line.run("--version", config=False)[:2] == (0, "drawbridge, version 0.1.0\n")
    code, out, _ = command_line.run("--help", config=False)
    assert code == 0
    assert all(name in out for name in ("doctor", "rehearse", "status", "windows", "--config"))
    code, out, _ = command_line.run("rehearse", "--list", config=False)
    assert (code, len(out.splitlines())) == (0, 8)


# The state directory


@pytest.mark.parametrize("arguments", [("status",), ("windows",)])
@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_file_in_place_of_the_state_directory(
    command_line: CommandLine, arguments: tuple[str, ...], below: str
) -> None:
    (command_line.home / "file").write_text("not a directory")
    code, out, err = command_line.run(*arguments, DRAWBRIDGE_STATE=str(command_line.home / "file" / below))
    assert (code, out) == (1, "")
    assert_sentence(err, "set DRAWBRIDGE_STATE.")


@pytest.mark.tmux
def test_a_file_in_place_of_the_state_directory_in_a_terminal(command_line: CommandLine) -> None:
    (command_line.home / "file").write_text("not a directory")
    for arguments, mend in (((), "DRAWBRIDGE_STATE"), (("rehearse",), "XDG_STATE_HOME")):
        code, said = command_line.refused_in_terminal(
            *arguments, DRAWBRIDGE_STATE=str(command_line.home / "file")
        )
        assert code == 1
        assert "Not a directory). Mend " in said and mend in said


@pytest.mark.tmux
def test_a_state_directory_that_refuses_is_said_where_the_window_was_to_be_opened(
    command_line: CommandLine,
) -> None:
    # Not even root may write there.
    operator = command_line.in_terminal(DRAWBRIDGE_STATE="/proc/drawbridge")
    terminal = operator.terminal
    terminal.wait_for("New window")
    terminal.send("Enter")
    terminal.wait_for("New release: what")
    for release in ("v1.5.0", "v1.4.2"):
        operator.settled_focus()
        terminal.type(release)
        terminal.wait_for(release)
        operator.next_field()
    operator.press("Open")
    terminal.wait_for(r"FAIL state directory: /proc cannot be written")
    operator.press("Close")
    # The dialog stays, with what was typed.
    terminal.wait_for(r"The window stays closed until what the examination found is\s+mended")
    assert "v1.5.0" in terminal.screen() and "v1.4.2" in terminal.screen()
    terminal.send("Escape")
    terminal.wait_until_gone("New release: what")
    terminal.send("q")
    assert terminal.ended() == 0
    assert "Traceback" not in terminal.said()


# The terminal


@pytest.mark.parametrize("arguments", [(), ("rehearse",)])
def test_without_a_terminal_the_console_does_not_start(
    command_line: CommandLine, arguments: tuple[str, ...]
) -> None:
    code, out, err = command_line.run(*arguments, XDG_STATE_HOME=str(command_line.home / "xdg"))
    assert (code, out) == (1, "")
    assert_sentence(err, "standard input is not a terminal: run it in a terminal, or use `drawbridge status`")
    # Nor is a deployment started that nobody could look at.
    assert not (command_line.home / "xdg").exists()


@pytest.mark.tmux
@pytest.mark.parametrize("name", ["dumb", "unknown", ""])
def test_a_terminal_that_cannot_draw_is_refused(command_line: CommandLine, name: str) -> None:
    code, said = command_line.refused_in_terminal(TERM=name)
    assert code == 1
    assert "so the console cannot draw: set it to what the terminal is" in said


# Beside a console


def test_status_says_who_drives(command_line: CommandLine) -> None:
    command_line.open_window("kim")
    code, out, err = command_line.run("status", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["driver"] | {"pid": 0, "since": ""} == {
        "operator": "kim",
        "login": "sam",
        "host": "bastion",
        "terminal": "/dev/pts/7",
        "ssh_origin": None,
        "pid": 0,
        "since": "",
        "alive": True,
    }
