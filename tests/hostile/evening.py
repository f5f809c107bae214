"""One evening at the console over a hostile site: what was seen, sent, kept and left in /proc."""

import os
import pwd
import re
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import state
from state.events import Actor, LogSealed, Recorded, RunRequested
from state.intents import SkipStep
from state.journal.directory import JOURNAL, RUNS
from state.journal.events import JournalReader

from ..session.place import Place, attest_preconditions, must, watches
from . import hostile_site
from .hostile_site import HOOK, HOSTILE, LOGIN, SECRETS, TOKEN, HostileHandler
from .recorded import Recorded as Terminal
from .recorded import until

_CONSOLE = (sys.executable, "-P", "-m", "tui", "--config")


@dataclass(slots=True)
class Evening:
    """What is left to look at when the console has ended.

    `screens` by the moment; `resident` the console's memory in bytes, by the moment; `processes` those
    in which a secret was seen, by the secret's name: process id, whether it belongs to the run, and
    where it stood; `raw` the log of the run before it was sealed.
    """

    sent: bytes = b""
    screens: dict[str, str] = field(default_factory=dict)
    resident: dict[str, int] = field(default_factory=dict)
    processes: list[tuple[str, bool, str]] = field(default_factory=list)
    raw: bytes = b""
    before_sealing: set[Path] = field(default_factory=set)
    log: Path = Path()
    state: Path = Path()
    home: Path = Path()
    status: int | None = None
    modes_given_back: bool = False

    def files(self) -> Iterator[Path]:
        """Everything that is kept."""
        for root in (self.state, self.home):
            yield from (path for path in root.rglob("*") if path.is_file())


def leaked(content: bytes) -> list[str]:
    """The names of the secrets of which ten characters in a row stand there."""
    return [
        name
        for name, secret in SECRETS.items()
        if any(secret[at : at + 10].encode() in content for at in range(len(secret) - 9))
    ]


def leaked_in(path: Path) -> list[str]:
    """As `leaked`, for a file of any size."""
    found: set[str] = set()
    with path.open("rb") as stream:
        before = b""
        while chunk := stream.read(4_000_000):
            # The huge line says nothing, and would be looked through a thousand times.
            found.update(leaked(before + re.sub(rb"x{100,}", b"xx", chunk)))
            before = chunk[-100:]
    return sorted(found)


@contextmanager
def _site(root: Path) -> Iterator[Place]:
    with ThreadingHTTPServer(("127.0.0.1", 0), HostileHandler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        place = Place(root, f"http://127.0.0.1:{server.server_address[1]}")
        toml = root / "drawbridge.toml"
        # The token comes from the environment, and so does the channel's address.
        text = toml.read_text().replace('token_file = "token"\n', "").replace("environment = {", "# {")
        toml.write_text(text + '[comms]\nchannel = "#ops"\nwebhook_env = "CHANNEL"\n')
        hostile_site.build(place.site)
        try:
            yield place
        finally:
            (place.site / "still").unlink(missing_ok=True)
            place.end()
            server.shutdown()
            thread.join()


def spend(root: Path) -> Evening:
    """Runs the hostile target through the console's own keys, to its end and beyond."""
    evening = Evening(home=root / "home")
    evening.home.mkdir()
    with _site(root) as place:
        login = pwd.getpwuid(os.getuid()).pw_name
        session = place.open(Actor("sam", login, "bastion"))
        attest_preconditions(session)
        for step in ("backup", "baseline"):
            must(session, SkipStep(step, "not tonight"))
        window = session.directory
        session.close()
        evening.state = place.state
        own = {"PATH": os.environ["PATH"], "HOME": str(evening.home), "DRAWBRIDGE_STATE": str(place.state)}
        source = str(Path(state.__file__ or "").parents[1])
        variables = {**own, "PYTHONPATH": source, **LOGIN, "ARTIFORTRESS_ADMIN_TOKEN": TOKEN, "CHANNEL": HOOK}
        terminal = Terminal((*_CONSOLE, str(root / "drawbridge.toml")), variables, root)
        try:
            _at_the_console(evening, terminal, place, window)
        finally:
            terminal.close()
        evening.sent = bytes(terminal.sent)
    return evening


def _at_the_console(evening: Evening, terminal: Terminal, place: Place, window: Path) -> None:
    terminal.wait_for("Resumed")
    terminal.press("\r")
    terminal.wait_for(r"500: ")
    evening.screens["before"] = terminal.screen()
    terminal.press("\r")
    terminal.wait_for("make deploy")
    terminal.press("\t\r")
    until((place.site / "said").exists, "the target says nothing")
    terminal.wait_for("H15")
    terminal.press("4z")
    terminal.wait_for(re.escape(HOSTILE[0][1]))
    evening.screens["hostile"] = _settled(terminal)
    _look_into_processes(evening, terminal, window)
    # Past the secrets, page by page.
    for number in range(5):
        terminal.press("\x1b[5~")
        evening.screens[f"page {number}"] = _settled(terminal)
    terminal.press("f")
    evening.resident["before"] = _resident(terminal)
    (place.site / "hold").unlink()
    terminal.wait_for("THE END", 60)
    evening.resident["after"] = _resident(terminal)
    evening.screens["huge"] = terminal.screen()
    _to_the_end(evening, terminal, place, window)


def _to_the_end(evening: Evening, terminal: Terminal, place: Place, window: Path) -> None:
    run = _of(window, RunRequested)[-1].seq
    evening.log = window / RUNS / str(run) / "log"
    with evening.log.open("rb") as log:
        evening.raw = log.read(100_000)
    evening.before_sealing = {path for path in evening.files() if leaked_in(path)}
    (place.site / "still").unlink()
    until(lambda: _of(window, LogSealed), "the log is not sealed", 60)
    evening.resident["sealed"] = _resident(terminal)
    terminal.press("\x1b[5~f")
    evening.screens["sealed"] = _settled(terminal)
    terminal.press("z")
    terminal.wait_for("Checklist")
    terminal.press("1")
    evening.screens["after"] = _settled(terminal)
    # The step that failed shows its last words.
    terminal.press("\r")
    evening.screens["last words"] = terminal.wait_for("─ Deploy the binaries ─")
    terminal.press("\x1b")
    until(lambda: "─ Deploy the binaries ─" not in terminal.screen(), "the dialog stays")
    terminal.press("q")
    evening.status = terminal.ended()
    evening.modes_given_back = terminal.gives_back()


def _settled(terminal: Terminal) -> str:
    """The screen, once it is the same three times but for its clocks."""
    seen: list[str] = []

    def same() -> bool:
        seen.append(re.sub(r"\d", "", terminal.screen()))
        return len(seen) > 3 and len({*seen[-3:]}) == 1

    until(same, "the screen does not come to rest")
    return terminal.screen()


def _of(window: Path, kind: type) -> list[Recorded]:
    with closing(JournalReader(window / JOURNAL)) as reader:
        return [one for one in reader.after(0) if isinstance(one.event, kind)]


def _resident(terminal: Terminal) -> int:
    status = Path(f"/proc/{terminal.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


def _look_into_processes(evening: Evening, terminal: Terminal, window: Path) -> None:
    """Into all that the host runs: the watch, the console, the keeper, make, and whoever else."""
    assert watches(window), "there is no watch"
    keeper = int((next((window / RUNS).iterdir()) / "pid").read_text())
    seen = set()
    for process in Path("/proc").glob("[0-9]*"):
        pid = int(process.name)
        for name in ("cmdline", "environ"):
            with suppress(OSError):
                content = (process / name).read_bytes()
                of_run = os.getsid(pid) == keeper
                seen.add((pid, of_run, name))
                evening.processes += [(secret, of_run, f"{name} of {pid}") for secret in leaked(content)]
    assert {(terminal.process.pid, False, "environ"), (watches(window)[0], False, "environ")} <= seen
    assert len([one for one in seen if one[1]]) >= 4, "the keeper and make were not looked into"
