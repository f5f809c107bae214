"""Sees to it that the log of every run that is over is sealed, in the background."""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from state.console.known_secrets import KnownSecrets
from state.deployment.sealing import Sealed, seal
from state.events import Event, LogSealed
from state.host.background import Background
from state.journal.directory import RUNS
from state.window import OPEN_RUN, Window

#: Seconds until the next try, where something of the run still lives, and where the disk refused.
_STILL_HELD, _REFUSED = 2.0, 30.0


class Sealing:
    """Seals one log after another; one that was lost with its console is sealed by the next."""

    def __init__(self, directory: Path, background: Background, secrets: KnownSecrets) -> None:
        """`directory` is the window's; `secrets` are what no log may keep."""
        self._directory = directory
        self._background = background
        self._secrets = secrets
        self._again: dict[int, float] = {}

    def go_on(
        self, window: Window, record: Callable[[Event], None], tell: Callable[[str, str], None]
    ) -> None:
        """Begins with the next log that waits for it, unless one is at work.

        `record` gets the fact in a later `settle`, `tell` the source "seal" and what is wrong in a
        sentence, or nothing where all is well again.
        """
        now = time.monotonic()
        for run in window.runs.values():
            if run.state not in OPEN_RUN and not run.sealed and now >= self._again.get(run.id, now):
                job = partial(seal, self._directory / RUNS / str(run.id), self._secrets.values)
                self._background.run("seal", job, partial(self._took, run.id, record, tell))
                return

    def _took(
        self,
        run: int,
        record: Callable[[Event], None],
        tell: Callable[[str, str], None],
        result: Sealed | Exception | None,
    ) -> None:
        now = time.monotonic()
        match result:
            case Sealed():
                tell("seal", "")
                record(LogSealed(run, result.size, result.sha256))
            case None:
                self._again[run] = now + _STILL_HELD
            case FileNotFoundError():
                # It was never started, or its directory is gone: that is for others to tell.
                self._again[run] = float("inf")
            case _:
                self._again[run] = now + _REFUSED
                why = result.strerror if isinstance(result, OSError) and result.strerror else result
                tell(
                    "seal",
                    f"The log of run {run} keeps the secrets in it, if any: it cannot be sealed ({why}).",
                )
