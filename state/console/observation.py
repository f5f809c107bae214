"""Keeps the watch of a window alive, and gives it its secrets: the console itself never keeps one."""

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from state.console.known_secrets import KnownSecrets
from state.deployment.token import TokenError, read_token
from state.host.background import Background
from state.host.environ import environment
from state.journal import mail
from state.journal.directory import MAIL
from state.policy import LARGEST_MESSAGE, Policy
from state.settings import Settings
from state.watch.log import WATCH_LOG
from state.watch.start import WatchCommand, is_alive, spawn

#: Seconds between two tries to start a watch that does not stay.
RETRY_AFTER = 5.0
#: Starts in a row after which it is said that the watch does not stay.
_TRIES = 2


class Observation:
    """The console's end of the watch: it starts it, asks it by letter, and ends it."""

    def __init__(
        self, directory: Path, settings: Settings, background: Background, secrets: KnownSecrets
    ) -> None:
        """`directory` is the window's; jobs that may take long run on `background`; `secrets` are kept."""
        self._directory = directory
        self._settings = settings
        self._background = background
        self._secrets = secrets
        self._problems: dict[str, str] = {}
        self._tried_at = float("-inf")
        self._starts = 0
        self._typed: SecretStr | None = None

    @property
    def problem(self) -> str:
        """What is wrong between console and watch, in sentences; empty when nothing is."""
        return " ".join(self._problems.values())

    def tell(self, source: str, problem: str) -> None:
        """Keeps the last problem of each source; an empty one takes it away."""
        if problem:
            self._problems[source] = problem
        else:
            self._problems.pop(source, None)

    def keep_going(self, policy: Policy) -> None:
        """Starts a watch where none is; at most every few seconds."""
        # The wall clock may be set back; the next try must not wait for it.
        now = time.monotonic()
        if now - self._tried_at < RETRY_AFTER:
            return
        if is_alive(self._directory):
            self._starts = 0
            self.tell("start", "")
            return
        if self._starts >= _TRIES:
            log = self._directory / WATCH_LOG
            self.tell("start", f"The watch does not stay: nothing is observed. Its words are in {log}.")
        self._tried_at = now
        self._starts += 1
        typed, asked_at = self._typed, time.time()
        job = partial(self._start, policy, typed, asked_at)
        self._background.run("watch", job, partial(self._started, typed))

    def close(self) -> None:
        """Ends the watch with its window, at once: by itself it looks for that end now and then."""
        self.end("the window is closed")

    def _start(self, policy: Policy, typed: SecretStr | None, asked_at: float) -> str:
        """Starts the watch, without a token where none can be had; what was wrong with the token."""
        problem = ""
        variable = self._settings.comms.webhook_env
        token = typed
        if token is None:
            try:
                token = read_token(self._settings.api, environment())
            except TokenError as error:
                problem = str(error)
        # What the token's source gives is known from now on, wherever something prints it.
        self._secrets.learn(token)
        command = WatchCommand(
            token=token,
            replicas=policy.replicas,
            ready_every=policy.ready_every,
            summary_every=policy.summary_every,
            linger=self._settings.watch.linger,
            trust_proxy=self._settings.api.trust_proxy,
            reconcile_every=policy.reconcile_every,
            accept_degraded=policy.accept_degraded,
            webhook=self._webhook(),
            others=tuple(map(SecretStr, self._secrets.values)),
            asked_at=asked_at,
        )
        spawn(self._directory, command, (variable,) if variable else ())
        return problem

    def _started(self, typed: SecretStr | None, result: str | Exception) -> None:
        if isinstance(result, OSError):
            self.tell(
                "start", f"The watch cannot be started ({result.strerror or result}). Look at the disk."
            )
            return
        self.tell("token", str(result))
        if self._typed is not None and self._typed is not typed:
            # Typed while the watch was being started with another one: that watch is not wanted.
            self.end("another token")
            self._tried_at = float("-inf")
        else:
            self._typed = None

    def read_now(self) -> None:
        """Asks the watch for an ops summary at once."""
        self._write("read-summary", {})

    def reconcile(self) -> None:
        """Asks the watch to compare the object store with the database now."""
        self._write("reconcile", {})

    def audit_since(self, at: float) -> None:
        """Asks the watch how many audit rows are younger than `at`, in seconds since the epoch."""
        self._write("audit", {"since": at})

    def smoke(self) -> None:
        """Asks the watch to try the core actions; it uploads where the settings name a repository."""
        self._write("smoke", {"repository": self._settings.smoke.repository})

    @property
    def can_post(self) -> bool:
        """Whether messages can be posted: the settings name a variable, and it holds an address."""
        return self._webhook() is not None

    def post(self, message_id: str, text: str) -> None:
        """Asks the watch to post a message of at most 8 KiB; its reading names it by `message_id`."""
        if len(text.encode("utf-8", "surrogatepass")) > LARGEST_MESSAGE:
            self.tell("post", "The message is longer than 8 KiB: shorten it. It was not posted.")
            return
        self._write("post", {"id": message_id, "text": text})

    def _webhook(self) -> SecretStr | None:
        variable = self._settings.comms.webhook_env
        address = environment().get(variable, "").strip() if variable else ""
        return SecretStr(address) if address else None

    def take_token(self, typed: SecretStr | None) -> None:
        """A new token is a new watch: typed by the operator, or (None) read from its source again."""
        self._typed = typed
        self._tried_at = float("-inf")
        self.end("another token")

    def end(self, why: str) -> None:
        """Asks the watch to end; a watch that is asked for later leaves this letter aside."""
        self._write("stop", {"why": why})

    def _write(self, kind: str, body: Mapping[str, object]) -> None:
        problem = ""
        try:
            mail.send(self._directory / MAIL, "watch", kind, body)
        except mail.MailError as error:
            problem = str(error)
        self.tell("mail", problem)
