"""Death of the real console: killed in its terminal while an operator works through a window by keys."""

import os
import shutil
import signal
import threading
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

from state.events import RunRequested
from state.fold import fold
from state.runbook import StepKind
from state.window import ACTIVE, RESTORE, Window
from tests.pty import going_back, headless
from tests.pty.evidence import DRAWBRIDGE, environment
from tests.pty.operator_at_work import Operator
from tests.pty.terminal import Terminal, until

from . import examination
from .figures import Figures
from .ground import Ground, ground
from .parallel import until_enough

NAME = "console death"
#: Kills in one window, and seconds within which each of them falls.
MOST, _WITHIN = 14, 3.5
#: Steps that a window may take, those included in which the console died.
_BOUND = 80


#: How often a console is killed as soon as it starts.
_STARTING = 0.3


class Died(Exception):
    """The console was killed while the operator looked at it."""


class MortalTerminal(Terminal):
    """A terminal whose program may be killed under the hands of whoever works at it."""

    def __init__(self, *rest: Any, **named: Any) -> None:
        super().__init__(*rest, **named)
        self.died = threading.Event()

    def start(self, *argv: str) -> None:
        """Starts the next program."""
        self.died.clear()
        super().start(*argv)

    def screen(self, colours: bool = False) -> str:
        """What stands on the screen; raises Died where nobody draws any more."""
        if self.died.is_set():
            raise Died
        return super().screen(colours)

    def kill(self) -> None:
        """`kill -9` of the program, where one runs."""
        try:
            if self.status() is not None:
                return
            os.kill(self.pid, signal.SIGKILL)
            until(lambda: self.status() == -signal.SIGKILL, "the console lives on")
        except (AssertionError, ValueError, ProcessLookupError):
            # tmux has no program for us just now: this blow falls into the void.
            return
        self.died.set()


class Desk:
    """An operator on one window, at consoles that are killed again and again."""

    def __init__(self, place: Ground, terminal: MortalTerminal, seed: int, most: int) -> None:
        self.place = place
        self.terminal = terminal
        self.chance = Random(seed)
        self.figures = Figures(NAME, seeds=[seed])
        self.seed = seed
        self.most = most
        self.back = seed % 2 == 0
        console = (*DRAWBRIDGE, "--config", str(place.config))
        self.operator = Operator(terminal, console, place.config, place.practice.root.parent)
        hand = headless.begin(place.config, place.releases)
        if self.back:
            hand.upgrade()
        hand.session.leave()
        #: Commands that were asked for, by their step: without a screen before, and by keys from here on.
        self.asked = Counter(event.step for event in self.operator.events(RunRequested))

    def found(self, column: str, words: str) -> None:
        """What must not happen."""
        self.figures.found(column, words, self.seed)

    @property
    def window(self) -> Window:
        """Where the journal says that it stands; its chain is whole, or this fails."""
        return fold(self.operator.recorded())

    def work(self) -> None:
        """Step by step until the outcome, whatever is killed meanwhile."""
        self.resume()
        for _ in range(_BOUND):
            window = self.window
            if window.outcome:
                return
            if self.terminal.died.is_set():
                # Now and then while it starts; most consoles come so far as to be worked at.
                (self.mortally if self.chance.random() < _STARTING else _call)(self.resume)
            else:
                self.mortally(lambda window=window: self.step(window))
        self.found("stuck", f"no outcome after {_BOUND} steps")

    def resume(self) -> None:
        """The next console, which starts nothing by itself."""
        before = len(self.operator.events(RunRequested))
        self.operator.resume()
        if (after := len(self.operator.events(RunRequested))) != before:
            self.found("doubled", f"{after - before} commands were requested while nobody had pressed a key")

    def mortally(self, work: Callable[[], Any]) -> None:
        """Works, and may be killed at any moment of it."""
        timer = threading.Timer(self.chance.uniform(0, _WITHIN), self.terminal.kill)
        if self.figures.trials < self.most:
            timer.start()
        failed: Exception | None = None
        try:
            work()
        except (Died, AssertionError) as error:
            failed = error
        timer.cancel()
        if timer.ident is not None:
            timer.join()
        if self.terminal.died.is_set():
            self.figures.trials += 1
            self.figures.blows[work.__name__.replace("<lambda>", "step")] += 1
        elif failed is not None:
            raise failed

    def step(self, window: Window) -> None:
        """The next step by keys, or the wait for one that goes on."""
        operator, step = self.operator, window.current
        if self.back and window.rollback is None:
            going_back.turn(operator, window, RESTORE)
            return
        if window.rollback is not None:
            going_back.turned(operator, RESTORE)
        if step is None:
            operator.terminal.send("d")
            operator.terminal.wait_for("─ Declare the outcome ─")
            operator.press("Declare rolled back")
            until(lambda: self.window.outcome, "the outcome is not declared")
        elif window.record(step.id).state in ACTIVE and step.kind is not StepKind.PROBE:
            operator.terminal.send("1")
            operator.await_step(step.id, seconds=45)
        else:
            self.begin(step.id, window)

    def begin(self, step: str, window: Window) -> None:
        """A step that nobody has begun, up to its end."""
        operator = self.operator
        self.asked[step] += 1
        if step == "restore":
            if window.approval is None or window.approval.approved_at is None:
                going_back.second_operator(operator)
            going_back.open_restore(operator)
            going_back.type_restore(operator, window)
            operator.press("Restore")
            operator.terminal.wait_until_gone("type restore")
            operator.terminal.send("1")
            operator.await_step("restore", seconds=45)
        elif window.record(step).run:
            # A console died between asking for it and starting it.
            operator.start_run(step, "Run again")
            operator.terminal.send("1")
            operator.await_step(step, seconds=45)
        elif window.rollback is not None:
            going_back.do_back(operator, step)
        else:
            operator.do(step)
        if step == "declare":
            until(lambda: self.window.outcome, "the outcome is not declared")

    def look(self) -> None:
        """Everything that was asked for ran once, and nothing else did."""
        directory = self.operator.window
        events = examination.journal(directory, self.found)
        made = Counter(one.event.step for one in events if isinstance(one.event, RunRequested))
        for step, times in (made - self.asked).items():
            self.found("doubled", f"{step} was requested {times} times more than anybody pressed a key for")
        examination.executed(directory, events, self.place.executions(), (), self.found)
        examination.readings(directory, self.found)
        examination.verified(directory, self.found)
        examination.secrets((directory,), self.place.token, self.found)
        examination.words((directory,), self.found)


def _call(work: Callable[[], Any]) -> None:
    work()


def trial(seed: int, most: int = MOST) -> Figures:
    """One window at consoles that are killed."""
    with ground() as place:
        home = place.practice.root.parent
        terminal = MortalTerminal(environment(home), directory=home)
        try:
            desk = Desk(place, terminal, seed, most)
            with desk.figures.timed():
                desk.work()
                terminal.close()
                examination.sealed(place.config, desk.operator.window, desk.found)
                desk.look()
        finally:
            terminal.close()
        return desk.figures


def inflict(first_seed: int, trials: int, workers: int = 2) -> Figures:
    """So many kills, over as many windows as that takes; none where there is no tmux."""
    if shutil.which("tmux") is None:
        return Figures(NAME, skipped="tmux is not installed")
    return until_enough(NAME, trial, first_seed, trials, workers)
