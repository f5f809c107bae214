"""`drawbridge init`: asked on a terminal, told by flags, and never over what is there."""

from collections.abc import Iterator

import pytest

from state.settings import load

from ..deployment.small_server import small_server
from ..pty.evidence import DRAWBRIDGE
from ..pty.terminal import Terminal
from .conftest import CommandLine, assert_sentence

#: Looks like the token itself.
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


@pytest.fixture
def fresh(command_line: CommandLine) -> CommandLine:
    """A login without settings, whose site lies where nobody would find it."""
    command_line.config.unlink()
    command_line.config = command_line.home / "new.toml"
    return command_line


@pytest.fixture
def terminal(fresh: CommandLine) -> Iterator[Terminal]:
    """Where questions are asked."""
    made = Terminal(fresh.environment(), directory=fresh.home)
    yield made
    made.close()


def test_questions_are_answered_and_wrong_answers_asked_again(fresh: CommandLine, terminal: Terminal) -> None:
    with small_server() as api:
        terminal.start(*DRAWBRIDGE, "--config", str(fresh.config), "init")
        answer(terminal, "Environment", "a b")
        terminal.wait_for("Error: write 1 to 40 letters")
        answer(terminal, r"letters.*\n[^\n]*Environment[^\n]*: $", "staging")
        answer(terminal, r"replicas, with spaces between \[http://127.0.0.1:8086\]: $", f"{api.url} ftp://x")
        terminal.wait_for("Error: write an address such as")
        answer(terminal, r"address.*\n[^\n]*between[^\n]*: $", api.url)
        terminal.wait_for(f"{api.url} is live")
        answer(terminal, "checkout, whose Makefile is run: $", "site")
        answer(terminal, r"Directory for backups \[/var/backups/artifortress\]: $", "dumps")
        answer(terminal, r"prints the admin token[\s\S]*or - for \$ARTIFORTRESS_ADMIN_TOKEN \[-\]: $", TOKEN)
        terminal.wait_for("Error: that looks like a secret itself")
        answer(terminal, r"secret[\s\S]*prints the admin token[\s\S]*: $", "pass show 'artifortress admin'")
        assert terminal.ended() == 0
        assert f"  drawbridge --config {fresh.config} doctor" in terminal.said_lines()
        read = load(fresh.config)
        assert (read.environment, read.api.urls) == ("staging", (api.url,))
        assert read.make.directory == fresh.site
        assert read.make.backup_directory == fresh.home / "dumps"
        assert read.api.token_command == ("pass", "show", "artifortress admin")
        assert TOKEN not in fresh.config.read_text()
        assert fresh.config.stat().st_mode & 0o777 == 0o600


def answer(terminal: Terminal, question: str, typed: str) -> None:
    # A prompt ends with a space, which a screen that is read does not show.
    terminal.wait_for(question.replace(": $", r":\s*$"))
    terminal.type(typed)
    terminal.send("Enter")


def test_flags_and_no_questions(fresh: CommandLine) -> None:
    flags = (
        "--environment",
        "staging",
        "--make",
        "site/../site",
        "--backups",
        "site",
        "--token-file",
        "token",
    )
    code, out, err = fresh.run("init", "--yes", *flags)
    assert (code, err) == (0, "")
    assert "http://127.0.0.1:8086" in out
    read = load(fresh.config)
    assert (read.make.directory, read.make.backup_directory) == (fresh.site, fresh.site)
    assert read.api.token_file == fresh.home / "token"
    code, out, _ = fresh.run("doctor")
    assert "ok    make:" in out and "ok    settings:" in out


def test_the_checkout_is_found_where_somebody_stands_in_it(fresh: CommandLine) -> None:
    (fresh.home / "artifortress").symlink_to(fresh.site)
    (fresh.site / "deploy").mkdir()
    (fresh.site / "deploy" / "phase6-alert-thresholds.yaml").touch()
    fresh.makefile.write_text(fresh.makefile.read_text() + "deploy: ; @echo\nstop start: ; @echo\n")
    code, out, _ = fresh.run("init", "--yes", "--environment", "staging")
    assert code == 0 and "make deploy (deploy), make stop (stop-release), make start (start-previous)." in out
    read = load(fresh.config)
    assert read.make.directory == fresh.home / "artifortress"
    assert read.thresholds == read.make.directory / "deploy" / "phase6-alert-thresholds.yaml"
    written = [
        read.command(step) for step in ("deploy", "stop-release", "start-previous", "redeploy-previous")
    ]
    assert written == [("make", "deploy"), ("make", "stop"), ("make", "start"), None]


def test_nothing_of_an_unknown_makefile_is_run(fresh: CommandLine) -> None:
    ran = fresh.home / "ran"
    fresh.makefile.write_text(f"{fresh.makefile.read_text()}\nX := $(shell touch {ran})\n")
    (fresh.home / "artifortress").symlink_to(fresh.site)
    assert fresh.run("init", "--yes", "--environment", "staging")[0] == 0
    assert not ran.exists()


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (("--make", "site"), "nobody can be asked here for --environment: give it."),
        (("--environment", "staging"), "nobody can be asked here for --make: give it."),
        (("--environment", "a b"), "--environment: write 1 to 40 letters"),
        (("--environment", "staging", "--api", "x"), "--api: write an address such as"),
        (
            ("--environment", "staging", "--make", "site", "--token-command", "'"),
            "--token-command: No closing quotation.",
        ),
        (
            ("--environment", "staging", "--make", "site", "--token-command", TOKEN),
            "--token-command: that looks like a secret itself",
        ),
        (
            ("--environment", "x", "--make", "site", "--token-command", "x", "--token-file", "y"),
            "not both.",
        ),
    ],
)
def test_what_is_missing_or_wrong_without_anybody_to_ask(
    fresh: CommandLine, flags: tuple[str, ...], words: str
) -> None:
    # Standard input is no terminal here, with --yes or without.
    for yes in ((), ("--yes",)):
        code, _, err = fresh.run("init", *yes, *flags)
        assert code == 2
        assert_sentence(err, words)
        assert TOKEN not in err
        assert not fresh.config.exists()


def test_a_file_that_is_there_stays(fresh: CommandLine) -> None:
    fresh.config.write_text("# mine")
    code, _, err = fresh.run("init", "--yes", "--environment", "staging", "--make", "site")
    assert code == 2
    assert_sentence(err, "is there already and stays as it is")
    assert fresh.config.read_text() == "# mine"


def test_a_directory_that_cannot_be_written(fresh: CommandLine) -> None:
    fresh.config = fresh.home / "absent" / "new.toml"
    code, _, err = fresh.run("init", "--yes", "--environment", "staging", "--make", "site")
    assert code == 1
    assert_sentence(err, "No such file or directory. Mend it, then try again.")


def test_without_a_name_it_lies_where_somebody_stands(fresh: CommandLine) -> None:
    code, out, _ = fresh.run("init", "--yes", "--environment", "staging", "--make", "site", config=False)
    assert code == 0 and "then run `drawbridge doctor`." in out
    assert load(fresh.home / "drawbridge.toml").environment == "staging"
    assert {path.name for path in fresh.home.iterdir()} == {"drawbridge.toml", "site", "token"}
    assert (fresh.home / "drawbridge.toml").stat().st_mode & 0o777 == 0o600
