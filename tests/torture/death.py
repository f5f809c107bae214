"""Death by `kill -9`: of console, watch and keeper, alone and together, over whole windows up and back."""

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import IO

from state.fold import fold
from state.host.locks import is_held
from state.journal.directory import DRIVER_LOCK, JOURNAL, WATCH_LOCK
from state.journal.events import JournalReader
from tests.pty import headless

from . import examination, ledger, victims
from .figures import Figures
from .ground import Ground, ground
from .moments import Moments
from .parallel import until_enough
from .seat import comes

ROOT = Path(__file__).parents[2]
#: Blows in one window, after which it is left alone to come to its end.
MOST = 60
#: Seconds that a window may take, and that something which was killed or told to end may take to be gone.
_LONGEST, _PATIENCE = 240.0, 10.0
#: Seconds that a console which is started waits for the drive.
_INSTANT = 0.5
#: Who is killed at once, and how often.
_TOGETHER = {
    ("console",): 8,
    ("watch",): 2,
    ("keeper",): 4,
    ("console", "watch"): 2,
    ("console", "keeper"): 4,
    ("watch", "keeper"): 2,
    ("console", "watch", "keeper"): 3,
}


@dataclass(frozen=True, slots=True)
class Console:
    """One driver and where it says what goes wrong."""

    process: subprocess.Popen[bytes]
    words: IO[bytes]

    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.process.poll() is not None


class Window:
    """One window under torture, from its opening to its end."""

    def __init__(self, place: Ground, seed: int, most: int) -> None:
        self.place = place
        self.seed = seed
        self.most = most
        self.chance = Random(seed)
        self.way = "up" if seed % 2 else "back"
        self.figures = Figures("death", seeds=[seed])
        self.account = place.practice.root / "ledger"
        self.said = place.practice.root / "consoles.log"
        self.killed_keepers: set[int] = set()
        opened = headless.begin(place.config, place.releases)
        self.directory = opened.session.directory
        opened.session.leave()

    def found(self, column: str, words: str) -> None:
        """What must not happen."""
        self.figures.found(column, words, self.seed)

    def start(self) -> Console:
        """The next console."""
        words = self.said.open("ab")
        program = ("-m", "tests.torture.driver")
        where = (str(self.place.config), str(self.directory), str(self.account), self.way)
        process = subprocess.Popen(
            [sys.executable, *program, *where], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=words, stderr=words
        )
        return Console(process, words)

    def torture(self) -> None:
        """Kills and starts anew until the window is closed, and looks at all that is left."""
        deadline = time.monotonic() + _LONGEST
        console = self.start()
        moments = Moments(self.chance, self.directory, self.account, lambda: console.is_over())
        while time.monotonic() < deadline:
            if self.figures.trials < self.most:
                name, moment = moments.any_of()
                if moment() and self.strike(console):
                    self.figures.blows[f"moment {name}"] += 1
            if not console.is_over():
                if self.figures.trials >= self.most:
                    time.sleep(0.05)
                continue
            console.words.close()
            if console.process.returncode == 0:
                break
            if console.process.returncode > 0:
                self.found("stuck", f"a console gave up: {self.said.read_text()[-800:]}")
                break
            self.look()
            console = self.start()
        else:
            self.found("stuck", f"the window was not closed after {_LONGEST:g} s")
            console.process.kill()
            console.process.wait()
        self.close()

    def strike(self, console: Console) -> bool:
        """One blow, at those of its victims that are there; whether anybody was."""
        (wanted,) = self.chance.choices(tuple(_TOGETHER), weights=tuple(_TOGETHER.values()))
        aims: dict[str, Callable[[], victims.Victim | None]] = {
            "console": lambda: victims.console(console.process.pid),
            "watch": lambda: victims.watch(self.directory),
            "keeper": lambda: victims.keeper(self.directory),
        }
        with victims.aimed(*(aims[name]() for name in wanted)) as there:
            self.chance.shuffle(there)
            killed = [one for one in there if one.kill()]
            if any(one.name == "console" for one in killed):
                console.process.wait()
        if not killed:
            return False
        self.killed_keepers.update(one.run for one in killed if one.name == "keeper")
        self.figures.trials += 1
        self.figures.blows[" + ".join(sorted(one.name for one in killed))] += 1
        return True

    def look(self) -> None:
        """After a console died: its drive is free, the chain holds, and what it acknowledged is there."""
        # A child that is about to become a keeper or a watch holds on to it for an instant.
        if not comes(lambda: not is_held(self.directory / DRIVER_LOCK), _INSTANT):
            self.found("stuck", "the drive of a console that was killed is not free")
        account, _ = ledger.read(self.account)
        examination.acknowledged(examination.journal(self.directory, self.found), account, self.found)

    def close(self) -> None:
        """The window has come to its end, and everything is looked at."""
        with closing(JournalReader(self.directory / JOURNAL)) as reader:
            phase = fold(reader.after(0)).phase
        if phase != "closed":
            self.found("lost", f"the last console went, and the window is not closed: {phase}")
        examination.sealed(self.place.config, self.directory, self.found)
        if not comes(lambda: not is_held(self.directory / WATCH_LOCK), _PATIENCE):
            self.found("stuck", "the window is closed, and its watch goes on")
        self.look()
        account, _ = ledger.read(self.account)
        events = examination.journal(self.directory, self.found)
        examination.decided(events, account, self.found)
        really = self.place.executions()
        examination.executed(self.directory, events, really, self.killed_keepers, self.found)
        examination.readings(self.directory, self.found)
        examination.verified(self.directory, self.found)
        examination.secrets((self.directory, self.said, self.account), self.place.token, self.found)
        examination.words((self.directory, self.said), self.found)
        self.figures.blows[f"windows {self.way}"] += 1
        self.figures.blows["runs"] += sum(really.begun.values())


def trial(seed: int, most: int = MOST) -> Figures:
    """One window under torture."""
    with ground() as place:
        window = Window(place, seed, most)
        with window.figures.timed():
            window.torture()
        return window.figures


def inflict(first_seed: int, trials: int, workers: int = 2) -> Figures:
    """So many kills, over as many windows as that takes."""
    return until_enough("death", trial, first_seed, trials, workers)
