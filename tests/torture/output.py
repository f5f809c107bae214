"""Output without end: millions of hostile lines run through the real console, which stays small and right."""

import json
import mmap
import re
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from state.events import LogSealed, RunRequested
from state.journal.directory import JOURNAL, RUNS
from state.journal.events import JournalReader
from tests.hostile.recorded import Recorded, strange, until
from tests.pty import headless
from tests.pty.evidence import DRAWBRIDGE, environment

from . import examination
from .figures import Figures
from .ground import ground
from .parallel import until_enough

NAME = "output"
LINES = 10_000_000
#: Bytes that the console may grow by, from before the first line to after the last one is sealed.
GROWTH = 30_000_000
#: Seconds: for the target, and for what comes after it.
_PATIENCE, _AFTER = 900.0, 300.0
#: Each line says something to the terminal, and something that nobody may read.
_TARGET = """
.PHONY: flood
flood:
	@while [ -e hold ]; do sleep 0.1; done
	@seq {lines} | sed 's,^.*$$,n& \x1b]52;c;ZXZpbA==\x07 \x1b[2J at postgres://app:{secret}@db,'
	@echo; echo THE END
"""
_SECRET = "correct-horse-battery"


@dataclass(slots=True)
class Trial:
    """One console under one flood."""

    figures: Figures
    terminal: Recorded
    window: Path
    lines: int
    seed: int

    def found(self, column: str, words: str) -> None:
        """What must not happen."""
        self.figures.found(column, words, self.seed)

    def resident(self) -> int:
        """Bytes."""
        status = Path(f"/proc/{self.terminal.process.pid}/status").read_text(encoding="utf-8")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None, status
        return int(found[1]) * 1024

    def flood(self, hold: Path) -> None:
        """From the key that starts it to its last line, and back to its first."""
        self.terminal.wait_for("Resumed")
        self.terminal.press("\r")
        until(lambda: "Resumed" not in self.terminal.screen(), "the card stays")
        self.terminal.press("\r")
        self.terminal.wait_for("─ CI green ─")
        self.terminal.press("\r")
        until(lambda: list((self.window / RUNS).glob("*/pid")), "nothing is started")
        self.terminal.press("4z")
        self.terminal.wait_for(r"make flood · run \d+ · 0:0\d")
        before = self.resident()
        hold.unlink()
        self.terminal.wait_for("THE END", _PATIENCE)
        until(lambda: _of(self.window, LogSealed), "the log is not sealed", _AFTER)
        grew = self.resident() - before
        if grew > GROWTH:
            self.found("stuck", f"the console grew by {grew / 1e6:.0f} MB over {self.lines} lines")
        self.figures.blows["MB grown"] += round(grew / 1e6)
        for keys, line in (("\x1b[H", "n1 "), ("\x1b[F", f"n{self.lines} ")):
            self.terminal.press(keys)
            self.terminal.wait_for(rf"│{line}\s*at postgres://app:\*\*\*@db", _AFTER)
        self.terminal.press("zq")
        if (status := self.terminal.ended()) != 0 or not self.terminal.gives_back():
            self.found("torn", f"the console ended with {status}, or left the terminal as it was not")

    def look(self) -> None:
        """The log is whole but for its secrets, and the terminal got nothing but what is the console's."""
        run = _of(self.window, RunRequested)[-1]
        log = self.window / RUNS / str(run) / "log"
        with log.open("rb") as stream:
            numbers = (line.partition(b" ")[0] for line in stream if line.startswith(b"n"))
            wrong = next((at for at, said in enumerate(numbers, 1) if said != b"n%d" % at), 0)
        if wrong:
            self.found("torn", f"line {wrong} of the log is another one")
        if _holds(log, _SECRET.encode()):
            self.found("leaked", "the sealed log holds the password")
        sent = bytes(self.terminal.sent)
        if found := strange(sent):
            self.found("torn", f"the terminal was sent {found}")
        # A line that is half written must not show half of it either.
        if _SECRET[:8].encode() in sent:
            self.found("leaked", "the password was sent to the terminal")
        examination.journal(self.window, self.found)
        examination.verified(self.window, self.found)
        self.figures.blows["MB of log"] += round(log.stat().st_size / 1e6)
        self.figures.blows["KB to the terminal"] += round(len(sent) / 1e3)


def _holds(path: Path, secret: bytes) -> bool:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, prot=mmap.PROT_READ) as content:
        return content.find(secret) >= 0


def _of(window: Path, kind: type) -> list[int]:
    with closing(JournalReader(window / JOURNAL)) as reader:
        return [one.seq for one in reader.after(0) if isinstance(one.event, kind)]


def trial(seed: int, lines: int = LINES) -> Figures:
    """One flood under a real console."""
    figures = Figures(NAME, seeds=[seed], trials=1)
    with ground() as place, figures.timed():
        site = place.practice.root / "site"
        makefile = site / "Makefile"
        makefile.write_text(makefile.read_text() + _TARGET.format(lines=lines, secret=_SECRET))
        place.config.write_text(place.config.read_text().replace('"ci-status"', json.dumps("flood")))
        (site / "hold").touch()
        hand = headless.begin(place.config, place.releases)
        hand.attest("window-approved")
        hand.look("backup-available")
        hand.session.leave()
        home = place.practice.root.parent
        argv = (*DRAWBRIDGE, "--config", str(place.config))
        terminal = Recorded(argv, environment(home), home)
        try:
            one = Trial(figures, terminal, hand.session.directory, lines, seed)
            one.flood(site / "hold")
            one.look()
        finally:
            terminal.close()
    return figures


def inflict(first_seed: int, trials: int, workers: int = 1) -> Figures:
    """So many floods, one after another: each wants a core of its own."""
    return until_enough(NAME, trial, first_seed, trials, workers)
