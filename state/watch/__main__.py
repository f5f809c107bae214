"""The process that observes a deployment for a window: `python -m state.watch WINDOW_DIR`.

It reads one line of JSON on its standard input (see `command`), polls every replica, obeys
letters, and goes on without any console until it is told to stop or nobody came back for `linger`.
"""

import asyncio
import gc
import os
import resource
import signal
import sys
import time
from pathlib import Path

import uvloop

from state.deployment.api import DEADLINES
from state.host import modes
from state.host.locks import take
from state.journal.directory import READINGS, WATCH_LOCK
from state.readings import Ask
from state.watch.command import LARGEST, CommandError, WatchCommand
from state.watch.log import WATCH_LOG, Log
from state.watch.store import Store
from state.watch.watch import Watch

#: Seconds a new watch waits for the one before it to end: a new token is a new watch.
_PATIENCE = 3.0


async def _observe(directory: Path, command: WatchCommand, born: float) -> None:
    note = Log(directory / WATCH_LOG, command.secrets)
    slowest = max(DEADLINES[Ask.LIVE], DEADLINES[Ask.READY])
    store = Store(directory / READINGS, command.ready_every, slowest, born, note)
    watch = Watch(directory, command, store, note)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, watch.obey_end, f"ended by {number.name}")
    await watch.run()


def _take_lock(path: Path) -> bool:
    """Takes the lock for as long as this process lives; False where another watch keeps it.

    Consoles probe it for an instant now and then, and the watch before may need a moment to end.
    """
    return take(modes.open_file(path, os.O_RDWR | os.O_CLOEXEC), _PATIENCE)


def main(arguments: list[str]) -> int:
    """Runs a watch; returns 0 when it ended or was not needed, 1 and 2 where it could not begin."""
    born = time.time()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # A core file would hold the token.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if len(arguments) != 1:
        print(
            "usage: python -m state.watch WINDOW_DIR, with one line of JSON on standard input",
            file=sys.stderr,
        )
        return 2
    directory = Path(arguments[0])
    try:
        command = WatchCommand.from_line(sys.stdin.buffer.readline(LARGEST))
        if not _take_lock(directory / WATCH_LOCK):
            print("another watch is at work: this one is not needed", file=sys.stderr)
            return 0
    except CommandError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{directory} cannot be written ({error.strerror}): mend its modes.", file=sys.stderr)
        return 1
    # What was loaded stays: nobody need look through it for what is to be thrown away.
    gc.freeze()
    # Its loop costs less than that of asyncio: fifty replicas are asked a hundred times a second.
    uvloop.run(_observe(directory, command, born))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
