"""An operator at a console: what they press, and what the screen says then."""

import os
import re
import signal
from pathlib import Path
from typing import Any

from state.deployment import runs
from state.host.locks import is_held
from state.journal import mail
from state.journal.directory import DRIVER_LOCK, MAIL, RUNS, WATCH_LOCK
from state.rehearsal import practice

from .evidence import Evidence
from .terminal import PATIENCE, Terminal, until

#: Step ids in the order of the checklist, with the titles on the screen.
STEPS = {
    "window-approved": "Window approved",
    "backup-available": "Backup available",
    "ci-green": "CI green",
    "rollback-owner": "Rollback owner",
    "backup": "Back up the database",
    "baseline": "Record the baseline",
    "deploy": "Deploy the binaries",
    "migrate": "Apply the migrations",
    "health": "Verify health",
    "smoke": "Run the smoke checks",
    "compare": "Compare with the baseline",
    "declare": "Declare",
}
BACK = {
    "stop-release": "Stop the release",
    "redeploy-previous": "Install the previous binaries",
    "restore": "Restore the database",
    "migrate-baseline": "Check the migrations of the backup",
    "start-previous": "Start the previous release",
    "validate-health": "Validate health",
    "validate-smoke": "Validate the core actions",
    "validate-backlog": "Validate the backlog",
    "communicate": "Communicate",
}
ONLY_WITH_RESTORE = ("restore", "migrate-baseline", "start-previous")
FOLLOW_UP = {"root-cause": "Root cause", "risk-log": "Risk log", "drill": "Restore drill"}
GLYPHS = {
    "todo": "·",
    "begun": "▶",
    "running": "▶",
    "checking": "▶",
    "done": "✓",
    "failed": "✗",
    "unknown": "?",
    "skipped": "»",
    # Only outside: on the screen it stands as it was when the window turned back.
    "not_done": "·",
}
#: The buttons that operators press here.
ANSWERS = (
    *("Not now", "Open", "Attest", "Attest…", "Start", "Run again", "It is done…", "Skip", "Skip…"),
    *("Take 5 samples", "Take 3 samples", "One sample now", "Begin", "Look again", "Keep", "Go on", "Close"),
    *("Declare success", "Abandon the window", "Leave", "Stay", "Stop it", "Stop it now", "Let it run"),
    *("Use this token", "Read it again from its source", "Roll back", "Safety backup", "Rehearse", "Restore"),
    *("Copy", "It is sent", "Post", "Declare rolled back", "Raise", "Resolve", "Take it back", "Wave off"),
    *(
        "Second operator…",
        "Ask for it",
        "Withdraw",
        "Approve",
        "Look on",
        "Later",
        "That is me",
        "Keep the drive",
    ),
    *("Ask for the drive", "Take the drive", "Take the drive…", "Hand over", "Hand over…"),
)
#: The bar before a field is cyan while the field has the focus.
_FOCUSED_FIELD = "\x1b[36m▌"


class Operator(Evidence):
    """Works by keys alone; whatever it asserts it reads from the screen, the journal or `status`."""

    def __init__(
        self,
        terminal: Terminal,
        console: tuple[str, ...],
        config: Path,
        home: Path,
        attested: tuple[str, ...] = ("window-approved", "rollback-owner"),
        samples: int = 3,
    ) -> None:
        """`console` starts the console; `config` is the settings file that it works with.

        `attested` are the steps for which these settings name no command, `samples` what they ask for.
        """
        super().__init__(config, home)
        self.terminal = terminal
        self._console = console
        self._attested = attested
        self._samples = samples
        #: What the checklist shows: the steps of the direction the window goes in, in order.
        self.steps = dict(STEPS)

    # The console

    def sit_down(self) -> None:
        """Starts the console."""
        self.terminal.start(*self._console)

    def kill_console(self) -> None:
        """`kill -9`, as only the kernel can do it: nothing of the console gets to say a word."""
        os.kill(self.terminal.pid, signal.SIGKILL)
        until(lambda: self.terminal.status() == -signal.SIGKILL, "the console lives on")
        # A child that is about to become a keeper or a watch holds on to it for an instant.
        until(lambda: not is_held(self.window / DRIVER_LOCK), "its drive is not free", 1.0)

    def resume(self) -> str:
        """The next console: its resume card, once it was read and closed."""
        self.sit_down()
        self.terminal.wait_for(r"─ Resumed ─")
        card = self.terminal.screen()
        self.press("Go on")
        self.terminal.wait_until_gone(r"─ Resumed ─")
        return card

    # Dialogs

    def focus(self) -> tuple[int | str, ...]:
        """Where the focus of the dialog is: the rows of a field, or the name of a button."""
        screen = self.terminal.screen(colours=True)
        fields = [number for number, line in enumerate(screen.splitlines()) if _FOCUSED_FIELD in line]
        return (*fields, *(text for text in self.terminal.reversed(screen) if text in ANSWERS))

    def settled_focus(self) -> tuple[int | str, ...]:
        """The focus, once it is there and stays: a key must not meet a dialog that is still moving."""
        seen: list[tuple[int | str, ...]] = []

        def settled() -> bool:
            seen.append(self.focus())
            return len(seen) >= 3 and len(set(seen[-3:])) == 1 and seen[-1] != ()

        until(settled, f"nothing has the focus, or it does not stay:\n{self.terminal.screen()}", every=0.03)
        return seen[-1]

    def move_focus(self, key: str) -> tuple[int | str, ...]:
        """Presses a key that moves the focus, and answers where it is then."""
        before = self.settled_focus()
        self.terminal.send(key)
        until(lambda: self.focus() != before, f"{key} moves nothing:\n{self.terminal.screen()}")
        return self.settled_focus()

    def press(self, answer: str) -> None:
        """Goes to a button of the dialog and presses it."""
        self.go_to(answer)
        self.terminal.send("Enter")

    def go_to(self, answer: str) -> None:
        """Moves the focus to a button of the dialog."""
        focus = self.settled_focus()
        for _ in range(12):
            if answer in focus:
                return
            focus = self.move_focus("Tab")
        raise AssertionError(f"no button {answer!r} on the screen:\n{self.terminal.screen()}")

    def next_field(self) -> None:
        """Enter in a field goes on to the next one."""
        self.move_focus("Enter")

    def open_window(self, releases: tuple[str, str] = ("", "")) -> None:
        """A new window, from the list; the new and the previous release where none are filled in."""
        self.terminal.wait_for("New window")
        self.terminal.send("Enter")
        self.terminal.wait_for("New release: what")
        for release in (*releases, "", ""):
            self.settled_focus()
            self.terminal.type(release)
            self.terminal.wait_for(re.escape(release))
            self.next_field()
        self.press("Open")
        self.terminal.wait_for(r"preconditions 0/4")

    # Steps

    @property
    def _heading(self) -> str:
        """What stands above the first step."""
        if "stop-release" in self.steps:
            return "Rollback"
        return "Preconditions" if "declare" in self.steps else "Follow-up"

    def select(self, step: str) -> None:
        """Puts the cursor on a step."""
        at = list(self.steps).index(step)
        self.terminal.send("1")
        self.terminal.wait_for(self._heading)
        self.terminal.send("Home", *["Down"] * at)
        until(
            lambda: any(self.steps[step] in text for text in self.terminal.reversed()),
            f"the cursor does not reach {step}:\n{self.terminal.screen()}",
        )

    def enter(self, step: str, title: str = "") -> None:
        """Enter on a step, and its dialog."""
        self.select(step)
        self.terminal.send("Enter")
        self.terminal.wait_for(f"─ {re.escape(title or self.steps[step])} ─")

    def attest(self, step: str, reference: str) -> None:
        """Evidence for a step."""
        self.enter(step)
        self.next_field()
        self.terminal.type(reference)
        self.terminal.wait_for(re.escape(reference))
        self.press("Attest")

    def start_run(self, step: str, answer: str = "Start") -> None:
        """Runs the command of a step, through its dialog."""
        self.enter(step)
        self.press(answer)

    def take_samples(self, step: str) -> None:
        """A series of ops summaries."""
        self.enter(step)
        self.press(f"Take {self._samples} samples")

    def await_step(self, step: str, state: str = "done", seconds: float = PATIENCE) -> None:
        """Waits until the checklist shows a step in this state; from a run it goes back there."""
        wanted = rf"{re.escape(GLYPHS[state])} {self.steps[step]}"

        def is_shown() -> bool:
            screen = self.terminal.screen()
            if "escape steps" in screen:
                self.terminal.send("Escape")
            return bool(re.search(wanted, screen))

        until(is_shown, f"no {wanted!r} came:\n{self.terminal.screen()}", seconds)

    def do(self, step: str) -> None:
        """Does a step the way it is meant to be done, up to its end."""
        match step:
            case _ if step in self._attested:
                self.attest(step, "CHG-1042")
            case "baseline" | "compare":
                self.take_samples(step)
            case "backup-available" | "health":
                self.select(step)
                self.terminal.send("Enter")
            case "declare":
                self.enter(step, "Declare the outcome")
                self.press("Declare success")
                return
            case _:
                self.start_run(step)
        self.await_step(step, seconds=45)

    def do_all_before(self, step: str) -> None:
        """Everything that comes before a step, in order."""
        for earlier in list(STEPS)[: list(STEPS).index(step)]:
            self.do(earlier)

    # What the screen says of it

    def shown_steps(self) -> dict[str, str]:
        """The glyphs before the steps that are on the screen, by step id."""
        screen = self.terminal.screen()
        found = {}
        for step, title in self.steps.items():
            # The checklist frames its lines; the same words stand elsewhere without.
            if match := re.search(rf"^│ +([·▶✓✗?»]) {title}(?: .*)?│", screen, re.MULTILINE):
                found[step] = match[1]
        return found

    def agree(self, least: int = len(STEPS)) -> dict[str, Any]:
        """Screen and `status --json` tell the same story soon; at least so many steps are on the screen."""
        until(lambda: self._agrees(least), f"screen and status do not agree:\n{self.terminal.screen()}")
        return self.status()

    def _agrees(self, least: int) -> bool:
        status, shown = self.status(), self.shown_steps()
        told = {one["id"]: GLYPHS[one["state"]] for one in status["steps"]}
        if len(shown) < least or shown != {step: told[step] for step in shown}:
            return False
        if status["outcome"] is not None:
            return True
        counted = re.search(r"(preconditions|upgrade|rollback) (\d+)/(\d+)", self.terminal.screen())
        states = [one["state"] for one in status["steps"] if one["phase"] == status["phase"]]
        settled = sum(state in {"done", "skipped"} for state in states)
        return counted is not None and counted.groups() == (status["phase"], str(settled), str(len(states)))

    # The end

    def clear_away(self) -> None:
        """Ends what outlives the console: runs, watch, and the practice deployment."""
        windows = self.config.parent / "state" / "windows"
        for window in windows.iterdir() if windows.is_dir() else ():
            for run in (window / RUNS).iterdir() if (window / RUNS).is_dir() else ():
                runs.send_signal(run, "KILL")
            if is_held(window / WATCH_LOCK):
                mail.send(window / MAIL, "watch", "stop", {"why": "the test is over"})
                until(lambda window=window: not is_held(window / WATCH_LOCK), "the watch does not end")
        if (found := practice.open_existing(self.config.parent)) is not None:
            practice.remove(found)
