"""What a watch does all the time: it polls, obeys letters, minds whether anybody is there, and ends."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from state.deployment.api import Api
from state.events import WindowDeclared
from state.host.locks import is_held
from state.journal import mail
from state.journal.directory import DRIVER_LOCK, JOURNAL, MAIL
from state.journal.events import JournalError, JournalReader
from state.journal.presence import anybody
from state.readings import Ask, Reading, ReadingClass
from state.text import printable
from state.watch.command import WatchCommand
from state.watch.errands import KINDS, Errands
from state.watch.leftovers import Leftovers
from state.watch.polling import Polling
from state.watch.store import Store

#: Seconds between two looks at the letters, and at the driver's lock.
_LETTERS_EVERY, _ATTENDANCE_EVERY = 0.25, 1.0

#: Seconds between two looks for logs that nobody seals, and for the end of the window.
_SEAL_EVERY, _CLOSED_EVERY = 2.0, 2.0

#: Seconds between the first polls: all at the same instant would measure how busy we are ourselves. A few
#: that wait together wake us no more often than one.
_APART, _TOGETHER = 0.02, 4

#: Seconds that a watch which is told to end gives to what letters asked for before: the last message
#: of a window is followed at once by the end of its watch.
_LAST_ERRANDS = 3.0

#: After one of these, asking again who the token is would bring nothing new.
_SETTLED = (ReadingClass.OK, ReadingClass.UNAUTHORIZED, ReadingClass.FORBIDDEN)


class Watch:
    """Observes until `end` is called, by a letter, a signal or for want of a console."""

    def __init__(
        self, directory: Path, command: WatchCommand, store: Store, note: Callable[[str], None]
    ) -> None:
        self._directory = directory
        self._command = command
        self._store = store
        self._note = note
        self._api = Api(command.replicas, command.token, command.trust_proxy)
        self._errands = Errands(self._api, command, store.add, note)
        self._leftovers = Leftovers(directory, command.secrets, note)
        self._why: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._wake = {Ask.OPS: asyncio.Event(), Ask.WHOAMI: asyncio.Event()}

    def end(self, why: str) -> None:
        """Ends the watch; the first reason counts."""
        if not self._why.done():
            self._why.set_result(why)

    def obey_end(self, why: str) -> None:
        """Ends it because somebody said so, who waits: a new watch begins once this one is gone."""
        self._leftovers.leave()
        self.end(why)

    async def run(self) -> None:
        """Observes until the end, and writes that down as well."""
        tasks = [asyncio.create_task(self._unbroken(job)) for job in self._jobs()]
        why = await self._why
        await self._errands.finish(_LAST_ERRANDS)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._api.aclose()
        await self._store.end(time.time(), why)

    def _jobs(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        jobs: list[Callable[[], Coroutine[Any, Any, None]]] = [
            self._store.keep,
            self._obey,
            self._attend,
            self._follow_window,
            self._seal,
            self._ask_summary,
            self._ask_whoami,
            self._errands.run,
            self._errands.reconcile_regularly,
        ]
        for place, replica in enumerate(dict.fromkeys(self._command.replicas)):
            polling = Polling(replica, self._command.ready_every, self._probe)
            jobs += [partial(polling.ready, place // _TOGETHER * _APART), polling.live]
        return jobs

    async def _unbroken(self, job: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Begins a job again that broke: nothing that goes wrong once makes the watch blind."""
        while True:
            try:
                await job()
            except Exception as error:
                self._note(f"{type(error).__name__}: {error}")
            await asyncio.sleep(1)

    async def _probe(self, ask: Ask, replica: str) -> Reading:
        reading = await self._api.probe(ask, replica)
        self._store.add(reading)
        return reading

    async def _ask_summary(self) -> None:
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            await self._probe(Ask.OPS, self._command.replicas[0])
            due = max(due + self._command.summary_every, clock())
            await self._woken(Ask.OPS, due - clock())

    async def _ask_whoami(self) -> None:
        while True:
            reading = await self._probe(Ask.WHOAMI, self._command.replicas[0])
            settled = reading.reading_class in _SETTLED
            await self._woken(Ask.WHOAMI, None if settled else self._command.summary_every)

    async def _woken(self, ask: Ask, seconds: float | None) -> None:
        """Waits for the time to pass (None: for ever) or for a letter."""
        try:
            async with asyncio.timeout(seconds):
                await self._wake[ask].wait()
        except TimeoutError:
            pass
        self._wake[ask].clear()

    async def _obey(self) -> None:
        while True:
            for letter in mail.collect(self._directory / MAIL, "watch"):
                # Thrown away first: a letter is obeyed once, or it would be for ever.
                letter.discard()
                self._follow(letter)
            await asyncio.sleep(_LETTERS_EVERY)

    def _follow(self, letter: mail.Letter) -> None:
        match letter.kind:
            case "read-summary":
                self._wake[Ask.OPS].set()
            case "whoami":
                self._wake[Ask.WHOAMI].set()
            case kind if kind in KINDS:
                self._errands.take(kind, letter.body)
            case "stop" if letter.at >= self._command.asked_at:
                self.obey_end(printable(str(letter.body.get("why", "")))[:200] or "told to stop")
            case "stop":
                self._note("a letter to stop that was meant for an earlier watch is left aside")
            case kind:
                self._note(f"a letter of unknown kind is left aside: {kind[:40]}")

    async def _attend(self) -> None:
        """Notes when consoles come and go, and ends when none has been there for `linger`."""
        clock = asyncio.get_running_loop().time
        known: bool | None = None
        last_seen = clock()
        while True:
            attended = is_held(self._directory / DRIVER_LOCK) or anybody(self._directory / MAIL)
            if attended is not known:
                known = attended
                self._store.attendance(time.time(), attended)
            if attended:
                last_seen = clock()
            elif clock() - last_seen >= self._command.linger:
                self.end(f"no console for {self._command.linger:g} s")
            elif not self._directory.is_dir():
                self.end("the window's directory is gone")
            await asyncio.sleep(_ATTENDANCE_EVERY)

    async def _follow_window(self) -> None:
        """Ends with its window: the console that closed it may have died before it could say so."""
        while True:
            await asyncio.sleep(_CLOSED_EVERY)
            if _is_declared(self._directory / JOURNAL):
                # What was asked for just before is taken up first, and what nobody else will seal is sealed.
                await asyncio.sleep(2 * _LETTERS_EVERY)
                await asyncio.to_thread(self._leftovers.seal)
                self.end("the window is closed")

    async def _seal(self) -> None:
        """On a thread of its own: a large log takes seconds, and delays no poll."""
        while True:
            await asyncio.sleep(_SEAL_EVERY)
            await asyncio.to_thread(self._leftovers.seal)


def _is_declared(journal: Path) -> bool:
    """Whether the outcome of the window stands in its journal; not where that cannot be read."""
    try:
        with closing(JournalReader(journal)) as reader:
            return reader.holds(WindowDeclared.kind())
    except JournalError:
        return False
