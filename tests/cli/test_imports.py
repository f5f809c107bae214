"""What must not be loaded: no screen under the core, and neither screen nor network for a quick look."""

import os
import subprocess
import sys
import time
from contextlib import closing

import pytest

from state.events import RunRequested
from state.journal.directory import JOURNAL
from state.journal.events import JournalWriter

from .conftest import CommandLine

RUN = """\
import sys
sys.argv = ["drawbridge", *{arguments!r}]
from tui.__main__ import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(*sorted({{name.partition(".")[0] for name in sys.modules}} & {unwanted!r}))
"""
SCREEN_AND_NETWORK = {"textual", "httpx"}
#: What costs more to load than a status line may cost as a whole.
SLOW = SCREEN_AND_NETWORK | {"pydantic", "plumbum", "sqlite_utils", "yaml", "asyncio"}


def last_line(program: str) -> str:
    """The last line that a fresh Python prints."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True
    )
    return done.stdout.splitlines()[-1] if done.stdout else ""


def test_the_session_loads_no_textual() -> None:
    program = "import state.console.session, sys; assert 'textual' not in sys.modules; print('fine')"
    assert last_line(program) == "fine"


def test_the_core_reaches_everything_without_textual() -> None:
    program = (
        "import pkgutil, importlib, sys, state\n"
        "for one in pkgutil.walk_packages(state.__path__, 'state.'):\n"
        "    importlib.import_module(one.name)\n"
        "seen = [name for name in sys.modules if name.startswith('state.')]\n"
        "print(len(seen) > 50, 'textual' in sys.modules)"
    )
    assert last_line(program) == "True False"


@pytest.mark.parametrize(
    "arguments",
    [
        ("status",),
        ("status", "--json"),
        ("status", "--line"),
        ("windows",),
        ("windows", "--json"),
        ("verify",),
        ("report",),
        ("report", "--format", "html"),
    ],
)
def test_a_quick_look_loads_neither_screen_nor_network(
    command_line: CommandLine, arguments: tuple[str, ...]
) -> None:
    command_line.open_window()
    unwanted = SLOW if arguments[-1] == "--line" else SCREEN_AND_NETWORK
    program = RUN.format(arguments=["--config", str(command_line.config), *arguments], unwanted=unwanted)
    assert last_line(program) == ""


def test_nor_does_a_status_line_that_looks_after_a_run(command_line: CommandLine) -> None:
    session = command_line.open_window()
    backup = RunRequested("backup", ("make", "db-backup"), "/srv", {}, "", "")
    with closing(session):
        directory = session.directory
    writer = JournalWriter(directory / JOURNAL, session.actor, time.time())
    writer.append([backup], time.time())
    writer.close()
    arguments = ["--config", str(command_line.config), "status", "--line"]
    assert last_line(RUN.format(arguments=arguments, unwanted=SLOW)) == ""
    assert "(todo)" in command_line.run("status", "--line")[1]
    assert "make db-backup was never started" in command_line.run("status")[1]


def cpu_seconds(*command: str) -> float:
    """What a process costs, start and end included."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_utime + usage.ru_stime


def test_a_status_line_costs_a_tenth_of_a_second(command_line: CommandLine) -> None:
    command_line.open_window()
    lines, bare = [], []
    # The least of several: other processes only ever add to it.
    for number in range(20):
        bare.append(cpu_seconds(sys.executable, "-c", "import sqlite3"))
        lines.append(cpu_seconds(*command_line.console, "status", "--line"))
        if number >= 4 and min(lines) < 0.1:
            break
    assert min(lines) < 7 * min(bare)
    # A tenth of a second holds on a machine that starts a bare Python as fast as this, and is idle.
    if min(bare) < 0.018:
        assert min(lines) < 0.1


def test_what_a_report_is_made_with_is_loaded_for_nothing_else(command_line: CommandLine) -> None:
    command_line.open_window()
    for command in ("status", "windows", "verify"):
        arguments = ["--config", str(command_line.config), command]
        assert last_line(RUN.format(arguments=arguments, unwanted={"jinja2", "markupsafe"})) == ""
    program = "import sys, tui.app; print(*sorted({'jinja2', 'state.report.document'} & set(sys.modules)))"
    assert last_line(program) == ""


def test_this_would_be_noticed() -> None:
    program = RUN.format(arguments=["--version"], unwanted=SCREEN_AND_NETWORK).replace(
        "main()", "import tui.app; main()", 1
    )
    assert last_line(program) == "textual"


def test_what_only_later_moments_need_is_not_on_the_way_to_the_first_screen(
    command_line: CommandLine,
) -> None:
    command_line.open_window().close()
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from tui.command_line.context import actor\n"
        "import tui.app\n"
        "from state.listing import listed\n"
        "from state.console.opening import join, policy_of\n"
        "from state.settings import load\n"
        f"settings = load(Path({str(command_line.config)!r}))\n"
        f"(one,) = listed(Path({str(command_line.state)!r}))\n"
        "session = join(one.directory, settings, policy_of(settings), actor())\n"
        "late = {'httpx', 'plumbum', 'sqlite_utils', 'yaml'} & set(sys.modules)\n"
        "session.close()\n"
        "print(session.window.driver is not None, *late)"
    )
    assert last_line(program) == "True"
