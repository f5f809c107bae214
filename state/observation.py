"""Keeps the watch of a window alive, and gives it its token: the console itself never holds one."""

import os
from pathlib import Path

from pydantic import SecretStr

from state.background import Background
from state.deployment.token import TokenError, read_token
from state.journal import mail
from state.journal.directory import MAIL
from state.policy import Policy
from state.settings import Settings
from state.watch.start import WatchCommand, is_alive, spawn

#: Seconds between two tries to start a watch that does not stay.
RETRY_AFTER = 5.0


class Observation:
    """The console's end of the watch: it starts it, asks it by letter, and ends it."""

    def __init__(self, directory: Path, settings: Settings, background: Background) -> None:
        """`directory` is the window's; jobs that may take long run on `background`."""
        self.problem = ""
        self._directory = directory
        self._settings = settings
        self._background = background
        self._tried_at = float("-inf")
        self._typed: SecretStr | None = None

    def keep_going(self, policy: Policy, now: float) -> None:
        """Starts a watch where none is; at most every few seconds."""
        if now - self._tried_at < RETRY_AFTER or is_alive(self._directory):
            return
        self._tried_at = now
        self._background.run("watch", lambda: self._start(policy), self._started)

    def _start(self, policy: Policy) -> str:
        """Starts the watch, without a token where none can be had; what was wrong with the token."""
        problem = ""
        token: SecretStr | None = self._typed
        if token is None:
            try:
                token = read_token(self._settings.api, dict(os.environ))
            except TokenError as error:
                problem = str(error)
        command = WatchCommand(
            token=token,
            replicas=policy.replicas,
            ready_every=policy.ready_every,
            summary_every=policy.summary_every,
            linger=self._settings.watch.linger,
            trust_proxy=self._settings.api.trust_proxy,
        )
        spawn(self._directory, command)
        self._typed = None
        return problem

    def _started(self, result: str | Exception) -> None:
        self.problem = str(result) if result else ""

    def read_now(self) -> None:
        """Asks the watch for an ops summary at once."""
        self._write("read-summary", {})

    def take_token(self, typed: SecretStr | None) -> None:
        """A new token is a new watch: typed by the operator, or (None) read from its source again."""
        self._typed = typed
        self._tried_at = float("-inf")
        self.end("another token")

    def end(self, why: str) -> None:
        """Asks the watch to end; a watch that begins later leaves this letter aside."""
        self._write("stop", {"why": why})

    def _write(self, kind: str, body: dict[str, str]) -> None:
        try:
            mail.send(self._directory / MAIL, "watch", kind, body)
        except mail.MailError as error:
            self.problem = str(error)
