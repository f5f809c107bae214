"""What a console acknowledged, written down by itself after the journal had it: the parent compares both."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from state.console.plans import RunPlan
from state.console.session import Session
from state.events import (
    ApprovalGiven,
    ApprovalRequested,
    Event,
    MessageSent,
    RollbackBegun,
    RunRequested,
    RunSignalled,
    SamplingBegun,
    StepAttested,
    StepBegun,
    StepSkipped,
    WindowDeclared,
)
from state.intents import (
    AttestStep,
    BeginRollback,
    BeginStep,
    GiveApproval,
    Intent,
    Refusal,
    RequestApproval,
    SendMessage,
    SkipStep,
    StopRun,
)
from state.runbook import Step

_BRINGS: Mapping[type[Intent], type[Event]] = {
    AttestStep: StepAttested,
    BeginStep: StepBegun,
    SkipStep: StepSkipped,
    BeginRollback: RollbackBegun,
    SendMessage: MessageSent,
    StopRun: RunSignalled,
    RequestApproval: ApprovalRequested,
    GiveApproval: ApprovalGiven,
}


class Ledger:
    """A file of lines; each is on disk when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)

    def write(self, say: str, **more: Any) -> None:
        """One line: what is said, and of what."""
        os.write(self._file, json.dumps({"say": say, **more}).encode() + b"\n")
        os.fsync(self._file)


def read(path: Path, offset: int = 0) -> tuple[list[dict[str, Any]], int]:
    """The whole lines from `offset` on, and where the next one begins."""
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            text = stream.read()
    except FileNotFoundError:
        return [], offset
    whole = text[: text.rfind(b"\n") + 1]
    return [json.loads(line) for line in whole.splitlines()], offset + len(whole)


class Witnessed:
    """A session whose decisions stand in a ledger: before they are asked for, and once they are kept."""

    def __init__(self, session: Session, ledger: Ledger) -> None:
        self._session = session
        self._ledger = ledger
        driver = session.window.driver
        assert driver is not None
        self._epoch = driver.epoch
        self._seen = session.window.seq
        ledger.write("attached", epoch=self._epoch, to=self._seen)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def do(self, intent: Intent) -> Refusal | None:
        """As `Session.do`."""
        return self._kept(
            _BRINGS[type(intent)], getattr(intent, "step", ""), lambda: self._session.do(intent)
        )

    def start(self, plan: RunPlan, *rest: Any) -> Refusal | None:
        """As `Session.start`."""
        return self._kept(RunRequested, plan.step.id, lambda: self._session.start(plan, *rest))

    def take_samples(self, step: Step, wanted: int | None = None) -> Refusal | None:
        """As `Session.take_samples`."""
        return self._kept(SamplingBegun, step.id, lambda: self._session.take_samples(step, wanted))

    def declare(self, outcome: str, *rest: Any) -> Refusal | None:
        """As `Session.declare`."""
        return self._kept(WindowDeclared, "", lambda: self._session.declare(outcome, *rest))

    def tick(self) -> bool:
        """As `Session.tick`: what was taken in by it may be on a screen from now on."""
        changed = self._session.tick()
        if (seq := self._session.window.seq) > self._seen:
            self._seen = seq
            self._ledger.write("seen", epoch=self._epoch, to=seq)
        return changed

    def _kept(self, kind: type[Event], step: str, decide: Callable[[], Refusal | None]) -> Refusal | None:
        about = {"epoch": self._epoch, "kind": kind.kind(), "step": step}
        before = self._session.window.seq
        self._ledger.write("deciding", **about)
        if (refusal := decide()) is not None:
            self._ledger.write("refused", reason=refusal.reason, **about)
            return refusal
        self._seen = self._session.window.seq
        self._ledger.write("decided", after=before, to=self._seen, **about)
        return None
