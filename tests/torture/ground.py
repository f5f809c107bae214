"""A practice deployment whose make targets leave a trace each time that they really run."""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from state.deployment import runs
from state.host.locks import is_held
from state.journal import directory, mail
from state.rehearsal import practice
from state.rehearsal.practice import Practice
from tests.pty import headless

from . import victims

#: Lines that each target says last: a log that holds the last of them is whole.
LAST_LINES = 100
#: Letters, two a second, after which a watch ends.
_LETTERS = 40

_RECIPE = "\t$(RECIPE) $@\n"
#: The session that a target runs in is that of its keeper: it tells which run the execution belongs to.
_TRACED = f"""\
	@echo "$@ begun $$(cut -d' ' -f6 /proc/self/stat)" >>../executions
	@echo '[$@ begins]'
{_RECIPE}\
	@seq -f '[$@ ends, line %g of {LAST_LINES}]' {LAST_LINES}
	@echo "$@ ended $$(cut -d' ' -f6 /proc/self/stat)" >>../executions
"""


@dataclass(frozen=True, slots=True)
class Executions:
    """How often targets began and ended, by the process id of the keeper that they ran under."""

    begun: Counter[int]
    ended: Counter[int]


class Ground:
    """One deployment for one torment, with all that it needs to be looked at afterwards."""

    def __init__(self, practised: Practice) -> None:
        self.practice = practised
        self.config = practised.config
        makefile = practised.root / "site" / "Makefile"
        text = makefile.read_text(encoding="utf-8")
        assert text.count(_RECIPE) == 1, "the recipe of the practice Makefile is written otherwise now"
        makefile.write_text(text.replace(_RECIPE, _TRACED), encoding="utf-8")

    @property
    def token(self) -> str:
        """The admin token: what must be found nowhere."""
        return self.practice.root.joinpath("token").read_text(encoding="utf-8").strip()

    @property
    def releases(self) -> tuple[str, str]:
        """The new and the previous release."""
        return self.practice.release, self.practice.previous_release

    def executions(self) -> Executions:
        """What the targets themselves wrote down."""
        begun: Counter[int] = Counter()
        ended: Counter[int] = Counter()
        traces = self.practice.root / "executions"
        for line in traces.read_text().splitlines() if traces.exists() else ():
            _, what, session = line.split()
            {"begun": begun, "ended": ended}[what][int(session)] += 1
        return Executions(begun, ended)


@contextmanager
def ground(pace: float = headless.PACE, scenario: str = "smooth") -> Iterator[Ground]:
    """A deployment that is there for the block, and nothing of it afterwards."""
    root = Path(tempfile.mkdtemp(prefix="drawbridge-torture-"))
    try:
        practised = practice.create(root / "practice", scenario, pace)
        try:
            with practice.hold(practised.root):
                yield Ground(practised)
        finally:
            for window in directory.windows(practised.state):
                end(window)
            practice.remove(practised)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def end(window: Path) -> None:
    """Ends runs and watch; a second watch may be waiting for the first to go, and is told as well."""
    for run in (window / directory.RUNS).iterdir():
        runs.send_signal(run, "KILL")
    for _ in range(_LETTERS):
        if not is_held(window / directory.WATCH_LOCK):
            return
        try:
            mail.send(window / directory.MAIL, "watch", "stop", {"why": "the torture is over"})
        except mail.MailError:
            # On a disk that takes no letter.
            if (watch := victims.watch(window)) is not None:
                watch.kill()
        time.sleep(0.5)
    raise AssertionError(f"the watch of {window} does not end")
